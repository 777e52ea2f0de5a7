import type { IssueCoupon, Outcome } from '@shop/core'
import { foldCode, singleFlight } from '@shop/core/store'
import type { GateId } from './gate-id.js'
import type { GateOptions } from './gate-options.js'

const maxCoupons = 100_000

/** A map keeps the order of insertion, so the first key is the oldest. */
const remember = <Value>(known: Map<string, Value>, name: string, value: Value): void => {
  const [oldest] = known.size < maxCoupons ? [] : known.keys()
  if (oldest !== undefined) known.delete(oldest)
  known.set(name, value)
}

/** The coupon that an outcome is about; undefined if the database did not find one. */
const couponIn = (outcome: Outcome<unknown>): string | undefined => {
  if (!outcome.ok && outcome.refusal.code === 'COUPON_NOT_FOUND') return undefined
  const facts: object = outcome.ok ? Object(outcome.result) : outcome.refusal
  return 'couponId' in facts && typeof facts.couponId === 'string' ? facts.couponId : undefined
}

/** Remembers which coupons have codes, and which coupon a code is for. Neither ever changes in one database. */
export class CouponCodes {
  readonly #reads: GateOptions['reads']
  /** Whether a coupon that exists has no code. */
  readonly #isPlain = new Map<string, boolean>()
  readonly #idOf = new Map<string, string>()

  constructor(reads: GateOptions['reads']) {
    this.#reads = reads
  }

  /**
   * The coupon of a call, if the gate may refuse the call. Undefined while the coupon of its code is not known, and if the
   * call needs a code and names the coupon instead. Asks the database once for each coupon. Rejects if it cannot be asked.
   */
  async couponOf(database: string, { couponId, code, requiresCode = false }: IssueCoupon): Promise<string | undefined> {
    if (code !== undefined) return this.#idOf.get(`${database} ${foldCode(code)}`)
    if (couponId === undefined || !requiresCode) return couponId
    const isPlain = this.#isPlain.get(`${database} ${couponId}`) ?? (await this.#ask({ database, couponId }))
    return isPlain ? couponId : undefined
  }

  /** Learns the coupon of a code from the database's decision. */
  learn(database: string, { code }: IssueCoupon, outcome: Outcome<unknown>): void {
    const couponId = couponIn(outcome)
    if (code !== undefined && couponId !== undefined) remember(this.#idOf, `${database} ${foldCode(code)}`, couponId)
  }

  readonly #ask = singleFlight(
    async ({ database, couponId }: GateId): Promise<boolean> => {
      const coupon = await this.#reads.coupon(couponId)
      if (!coupon) return false
      const isPlain = (coupon.code ?? null) === null
      remember(this.#isPlain, `${database} ${couponId}`, isPlain)
      return isPlain
    },
    ({ database, couponId }) => `${database} ${couponId}`,
  )
}
