import type { CommandMiddleware, IssueCoupon, Outcome, UpdateCoupon } from '@shop/core'
import { issueCoupon, updateCoupon } from '@shop/core/commands'

/** What the gate does around a command. The middleware calls them; so does code that runs such a command elsewhere. */
export interface GateOperations {
  /**
   * Issues a coupon: refuses at the gate, or runs `decide`, which asks the database.
   * The gate refuses only users who have the coupon (COUPON_ALREADY_ISSUED) and, once every unit has been issued and
   * committed, the others (COUPON_SOLD_OUT), and that only within the coupon's validity. Rejects as `decide` does.
   * A call with a code passes until the gate has learned which coupon the code is for. A call that needs a code and names
   * the coupon instead (`requiresCode`) always passes.
   * @param options.isKeyed Whether the call has an idempotency key: then the database always decides. False by default.
   */
  issue<Result>(
    input: IssueCoupon,
    decide: () => Promise<Outcome<Result>>,
    options?: { readonly isKeyed?: boolean },
  ): Promise<Outcome<Result>>
  /**
   * Runs `work`, which changes the coupon, and settles as `work` does. Once it has settled, no server refuses by the old
   * terms. If Redis cannot be told, it settles after the old terms have expired (`termsMs`).
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
