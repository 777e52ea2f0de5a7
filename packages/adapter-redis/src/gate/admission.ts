import { Coalescer } from '../coalescer.js'
import type { RedisAccess } from '../lua-script.js'
import { type Admissions, admitCallers, type CallerDecision } from './admit-callers.js'
import { confirmOrRelease } from './confirm-or-release.js'
import type { CouponTerms } from './coupon-terms.js'
import { type GateId, gateIdOf, gateText } from './gate-id.js'
import type { GateSettings } from './gate-options.js'
import { Waiters } from './waiters.js'

export interface AdmissionDeps {
  readonly access: RedisAccess
  readonly settings: GateSettings
  readonly terms: CouponTerms
  elapsedMs(): number
  pause(ms: number): Promise<void>
  onTrouble(error: unknown): void
}

/** The decision for one caller, and what it is based on. */
export type Admission = Pick<Admissions, 'state' | 'validUntil'> & { readonly decision: CallerDecision }

interface Outcome {
  readonly userId: string
  readonly isIssued: boolean
}

/** Asks Redis for reservations, and reports what became of them. Callers of the same coupon share calls of Redis. */
export class CouponAdmission {
  readonly #deps: AdmissionDeps
  readonly #admissions: Coalescer<string, Admission>
  readonly #outcomes: Coalescer<Outcome, undefined>
  readonly #waiters: Waiters
  readonly #reporting = new Set<Promise<void>>()

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
    const { access, settings, elapsedMs, pause } = deps
    this.#admissions = new Coalescer(async (text, userIds) => {
      const { decisions, state, validUntil } = await this.#ask(gateIdOf(text), userIds)
      return userIds.map((_, index) => ({ state, validUntil, decision: decisions[index] ?? 'unknown' }))
    }, settings.maxBatchSize)
    this.#outcomes = new Coalescer<Outcome, undefined>(async (text, outcomes) => {
      const confirmed = outcomes.filter(({ isIssued }) => isIssued).map(({ userId }) => userId)
      const released = outcomes.filter(({ isIssued }) => !isIssued).map(({ userId }) => userId)
      await confirmOrRelease(access, gateIdOf(text), { confirmed, released })
      return []
    }, settings.maxBatchSize)
    this.#waiters = new Waiters({
      poll: async (text) => {
        const { state, free } = await this.#ask(gateIdOf(text), [])
        return { isFinal: state === 'sold-out' || state === 'absent', free }
      },
      elapsedMs,
      pause,
      pollMs: settings.pollMs,
    })
  }

  /** Rejects if Redis is away. */
  admit(gate: GateId, userId: string): Promise<Admission> {
    return this.#admissions.submit(gateText(gate), userId)
  }

  /** Resolves with true when another `admit` is worthwhile; with false at `until`, or if Redis is away. */
  wait(gate: GateId, until: number): Promise<boolean> {
    return this.#waiters.wait(gateText(gate), until)
  }

  /**
   * Reports the database's decision to Redis, in the background. Until Redis has it, the user has a reservation, and
   * further calls of the user are decided by the database.
   */
  report(gate: GateId, outcome: Outcome): void {
    const reporting = this.#outcomes
      .submit(gateText(gate), outcome)
      .catch(this.#deps.onTrouble)
      .then(() => {
        this.#reporting.delete(reporting)
      })
    this.#reporting.add(reporting)
  }

  /** Resolves when every report has reached Redis or has failed. */
  async idle(): Promise<void> {
    while (this.#reporting.size > 0) await Promise.allSettled([...this.#reporting])
  }

  async #ask(gate: GateId, userIds: readonly string[]): Promise<Admissions> {
    const { access, settings, terms, onTrouble } = this.#deps
    const admissions = await admitCallers(access, gate, userIds, settings.leaseMs)
    // Refreshed before they expire, so that callers do not wait for it.
    if (admissions.termsLeftMs < settings.termsMs / 2) terms.refresh(gate).catch(onTrouble)
    return admissions
  }
}
