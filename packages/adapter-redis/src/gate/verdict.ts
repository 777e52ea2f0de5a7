import type { DatabaseTime } from '../database-clock.js'
import type { CouponAdmission } from './admission.js'
import type { CouponTerms } from './coupon-terms.js'
import type { GateId } from './gate-id.js'
import type { GateSettings, GateVerdict } from './gate-options.js'

/** How a caller left the gate. */
export interface Verdict {
  readonly verdict: GateVerdict
  /** Undefined if the database's id is not known. */
  readonly gate?: GateId | undefined
}

export interface JudgeDeps {
  readonly admission: CouponAdmission
  readonly terms: CouponTerms
  readonly settings: Pick<GateSettings, 'waitMs' | 'clockSlackMs'>
  databaseTime(): Promise<DatabaseTime>
  /** Whether the database knows the user, or would accept an unknown one. */
  userExists(gate: GateId, userId: string): Promise<boolean>
  elapsedMs(): number
  onTrouble(error: unknown): void
}

/**
 * Decides how a caller leaves the gate. Waits at most `waitMs` for reservations that the database is deciding.
 * Never rejects: without Redis or the database's time the verdict is `away`.
 */
export const judgeCaller = async (
  deps: JudgeDeps,
  { userId, couponId }: { readonly userId: string; readonly couponId: string },
): Promise<Verdict> => {
  const { admission, terms, settings, databaseTime, elapsedMs, onTrouble } = deps
  const until = elapsedMs() + settings.waitMs
  let gate: GateId | undefined
  try {
    gate = { database: (await databaseTime()).id, couponId }
    for (;;) {
      const { decision, state, validUntil } = await admission.admit(gate, userId)
      if (decision === 'issued' || decision === 'admitted') return { verdict: decision, gate }
      if (decision === 'sold-out') {
        return { verdict: (await isSoldOutFor(deps, gate, { userId, validUntil })) ? 'sold-out' : 'undecided', gate }
      }
      if (decision === 'pending' || state === 'absent' || elapsedMs() >= until) return { verdict: 'undecided', gate }
      const isRefreshed = decision === 'unknown' && (await terms.refresh(gate))
      if (!isRefreshed && !(await admission.wait(gate, until))) return { verdict: 'undecided', gate }
    }
  } catch (error) {
    onTrouble(error)
    return { verdict: 'away', gate }
  }
}

/**
 * Whether the database, too, would refuse with COUPON_SOLD_OUT: no refusal that `issueCoupon` checks earlier may apply.
 * Mirrors `couponValidity` of core: a coupon is valid for validFrom ≤ now < validUntil. Units were issued, so `validFrom`
 * has passed; the end must be more than `clockSlackMs` away.
 */
const isSoldOutFor = async (
  { databaseTime, settings, userExists }: JudgeDeps,
  gate: GateId,
  { userId, validUntil }: { readonly userId: string; readonly validUntil: number },
): Promise<boolean> => {
  const { id, latest } = await databaseTime()
  if (id !== gate.database || latest + settings.clockSlackMs >= validUntil) return false
  return userExists(gate, userId)
}
