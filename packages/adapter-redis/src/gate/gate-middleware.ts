import {
  type CommandMiddleware,
  type IssueCoupon,
  issueCoupon,
  type Outcome,
  type UpdateCoupon,
  updateCoupon,
} from '@shop/core'

/** What the gate does around a command. The middleware calls them; so does code that runs such a command elsewhere. */
export interface GateOperations {
  /**
   * Resolves with the outcome that `decide` – the database – has, or would have. The gate itself refuses only users who have
   * the coupon and, once every unit has committed, all others while the coupon is valid. Every other caller is decided by
   * the database, and so is everyone while Redis is away. With `isKeyed` (the call has an idempotency key) the database
   * always decides.
   */
  issue<Result>(
    input: IssueCoupon,
    decide: () => Promise<Outcome<Result>>,
    options?: { readonly isKeyed?: boolean },
  ): Promise<Outcome<Result>>
  /**
   * Runs `work`, which changes the coupon. After it resolves, no server refuses by the old terms. If Redis cannot be told,
   * it waits until they have lapsed (`termsMs`).
   */
  changing<T>(couponId: string, work: () => Promise<T>): Promise<T>
}

/** Sends issues through the gate, and announces updates to it. Other commands pass untouched. */
export const gateMiddleware =
  (gate: GateOperations): CommandMiddleware =>
  (call, next) => {
    const { command, input, idempotency } = call
    const decide = () => next(call)
    if (command.name === issueCoupon.name) {
      return gate.issue(input as IssueCoupon, decide, { isKeyed: idempotency !== undefined })
    }
    if (command.name === updateCoupon.name && updateCoupon.check(input as UpdateCoupon).length === 0) {
      return gate.changing((input as UpdateCoupon).couponId, decide)
    }
    return decide()
  }
