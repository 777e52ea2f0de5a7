import {
  type CommandMiddleware,
  type IssueCoupon,
  isShopUnavailable,
  type Outcome,
  type Refusal,
  requiresRegistration,
} from '@shop/core'
import { issueCoupon } from '@shop/core/commands'
import { systemTimer } from '@shop/core/store'
import { DatabaseClock } from '../database-clock.js'
import { CouponAdmission } from './admission.js'
import { changeCoupon } from './coupon-change.js'
import { CouponCodes } from './coupon-codes.js'
import { CouponTerms } from './coupon-terms.js'
import type { GateId } from './gate-id.js'
import { type GateOperations, gateMiddleware } from './gate-middleware.js'
import { defaultGateSettings, type GateObserver, type GateOptions } from './gate-options.js'
import { KnownUsers } from './known-users.js'
import { judgeCaller, type Verdict } from './verdict.js'

/**
 * A gate in front of the command that issues coupons. It refuses calls that the database would certainly refuse.
 * Middleware for `createShop`; the operations are for code that runs such a command elsewhere.
 */
export interface CouponGate extends CommandMiddleware, GateOperations {
  /**
   * Copies the coupon's terms and users from the database to Redis. Calls of `issue` do this when they find a difference.
   * Rejects if Redis or the database is away.
   */
  reconcile(couponId: string): Promise<void>
  /**
   * Forgets which database this is: the next call asks. Call it when the database may have come back with another history,
   * so that its keys in Redis are new ones at once, and not within `databaseMs`.
   */
  forgetDatabase(): void
  /** Resolves when every decision of the database has been reported to Redis, or the report has failed. */
  settled(): Promise<void>
}

/**
 * Creates a coupon gate: it refuses users who can no longer get a coupon before the database is asked. It never issues a
 * coupon. While Redis is away the database decides every call. (seed 002, B109–B114)
 */
export const couponGate = (options: GateOptions): CouponGate => {
  const { policies, reads, observer = {}, timer = systemTimer } = options
  const settings = { ...defaultGateSettings, ...options.settings }
  const elapsedMs = () => timer.elapsedMs()
  const pause = (ms: number) => timer.pause(ms)
  const notify = <E extends keyof GateObserver>(event: E, fact: Parameters<NonNullable<GateObserver[E]>>[0]): void => {
    try {
      observer[event]?.(fact as never)
    } catch {}
  }
  const onTrouble = (error: unknown) => notify('onTrouble', error)
  const clock = new DatabaseClock(() => options.database(), { everyMs: settings.databaseMs, elapsedMs })
  const terms = new CouponTerms({ ...options, settings, onTrouble })
  const admission = new CouponAdmission({ access: options, settings, terms, elapsedMs, pause, onTrouble })
  const users = new KnownUsers(reads)
  const codes = new CouponCodes(reads)

  const gateNow = async (couponId: string): Promise<GateId> => ({ database: (await clock.read()).id, couponId })

  const judge = (input: { readonly userId: string; readonly couponId: string }): Promise<Verdict> =>
    judgeCaller(
      {
        admission,
        terms,
        settings,
        databaseTime: () => clock.read(),
        userExists: async ({ database }, userId) =>
          !policies || !requiresRegistration(policies) || users.exists(database, userId),
        elapsedMs,
        onTrouble,
      },
      input,
    )

  /** Asks the database and reports its decision to Redis. After a commit in doubt the reservation stays until it expires. */
  const decideByDatabase = async <Result>(
    { userId }: IssueCoupon,
    { verdict, gate }: Verdict,
    decide: () => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> => {
    const mayHoldReservation = verdict === 'admitted' || verdict === 'away'
    let outcome: Outcome<Result>
    try {
      outcome = await decide()
    } catch (error) {
      const isInDoubt = isShopUnavailable(error) && error.ambiguous
      if (gate && mayHoldReservation && !isInDoubt) admission.report(gate, { userId, isIssued: false })
      throw error
    }
    const isIssued = outcome.ok || outcome.refusal.code === 'COUPON_ALREADY_ISSUED'
    if (gate && (isIssued || mayHoldReservation)) admission.report(gate, { userId, isIssued })
    // The gate did not know that the coupon is sold out.
    if (gate && !outcome.ok && outcome.refusal.code === 'COUPON_SOLD_OUT') terms.refresh(gate).catch(onTrouble)
    return outcome
  }

  /** The coupon at whose gate a call is; undefined if only the database can tell, or if the database is away. */
  const couponOf = async (input: IssueCoupon): Promise<string | undefined> => {
    if (input.code === undefined && !input.requiresCode) return input.couponId
    try {
      return await codes.couponOf((await clock.read()).id, input)
    } catch (error) {
      onTrouble(error)
      return undefined
    }
  }

  /** Asks the database, and learns from its decision which coupon the code is for. */
  const decideUnknown = async <Result>(
    input: IssueCoupon,
    decide: () => Promise<Outcome<Result>>,
  ): Promise<Outcome<Result>> => {
    const outcome = await decide()
    const database = await clock.read().catch(() => undefined)
    if (database) codes.learn(database.id, input, outcome)
    return outcome
  }

  const gate: GateOperations & Pick<CouponGate, 'reconcile' | 'forgetDatabase' | 'settled'> = {
    async issue(input, decide, { isKeyed = false } = {}) {
      if (issueCoupon.check(input).length > 0) return decide()
      const couponId = await couponOf(input)
      if (couponId === undefined) {
        notify('onVerdict', isKeyed ? 'keyed' : 'undecided')
        return decideUnknown(input, decide)
      }
      const judged: Verdict = isKeyed
        ? { verdict: 'keyed', gate: await gateNow(couponId).catch(() => undefined) }
        : await judge({ userId: input.userId, couponId })
      notify('onVerdict', judged.verdict)
      if (judged.verdict === 'issued') return refused({ code: 'COUPON_ALREADY_ISSUED', couponId })
      if (judged.verdict === 'sold-out') return refused({ code: 'COUPON_SOLD_OUT', couponId })
      return decideByDatabase(input, judged, decide)
    },
    changing(couponId, work) {
      const { changeMs, termsMs } = settings
      const deps = { access: options, gateNow: () => gateNow(couponId), changeMs, termsMs, pause, onTrouble }
      return changeCoupon(deps, work)
    },
    async reconcile(couponId) {
      const gate = await gateNow(couponId)
      await terms.copyIssuedUsers(gate)
      await terms.refresh(gate)
    },
    forgetDatabase: () => clock.forget(),
    async settled() {
      await admission.idle()
      await terms.idle()
    },
  }
  return Object.assign(gateMiddleware(gate), gate)
}

const refused = (refusal: Refusal): Outcome<never> => ({ ok: false, refusal, replayed: false })
