import { randomUUID } from 'node:crypto'
import { gateKeys } from '../keys.js'
import { deleteKeys } from '../lua-script.js'
import { confirmOrRelease } from './confirm-or-release.js'
import { type GateId, gateText } from './gate-id.js'
import type { CouponState, GateOptions, GateSettings } from './gate-options.js'
import { lockTermsRefresh, storeTerms } from './refresh-terms.js'

/** Users in one read of the database. */
const usersPerRead = 5_000

/** Users in one call of Redis: Lua accepts a limited number of arguments. */
const usersPerCall = 1_000

type Deps = Pick<GateOptions, 'redis' | 'guard' | 'reads' | 'issuedUsers'> & {
  readonly settings: GateSettings
  onTrouble(error: unknown): void
}

/** Keeps what Redis knows of coupons in step with the database. */
export class CouponTerms {
  readonly #deps: Deps
  readonly #refreshing = new Map<string, Promise<boolean>>()
  readonly #copying = new Map<string, Promise<void>>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /**
   * Reads a coupon's terms into Redis. Resolves with false if another server is reading them, or the coupon is being
   * changed. If Redis knows fewer users than the database, copies the missing ones in the background. If Redis knows
   * more, the database was restored to an earlier state: deletes all that Redis knows of the coupon.
   */
  refresh(gate: GateId): Promise<boolean> {
    return once(this.#refreshing, gateText(gate), () => this.#refresh(gate))
  }

  /** Copies the users who have the coupon from the database to Redis. */
  copyIssuedUsers(gate: GateId): Promise<void> {
    return once(this.#copying, gateText(gate), () => this.#copyIssuedUsers(gate))
  }

  /** Resolves when no refresh and no copy is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#refreshing.values(), ...this.#copying.values()])
    if (this.#refreshing.size + this.#copying.size > 0) await this.idle()
  }

  async #refresh(gate: GateId): Promise<boolean> {
    const { reads, settings, onTrouble } = this.#deps
    const token = randomUUID()
    const lock = await lockTermsRefresh(this.#deps, gate, { token, termsMs: settings.termsMs })
    if (!lock.isLocked) return false
    const coupon = await reads.coupon(gate.couponId)
    const issued = coupon?.issued ?? 0
    if (lock.issuedUsers > issued) {
      const keys = gateKeys(gate.database, gate.couponId)
      await deleteKeys(this.#deps, [keys.issued, keys.reservations, keys.terms, keys.refreshLock])
      const counts = `Redis knew ${lock.issuedUsers} users of coupon ${gate.couponId}, the database ${issued}`
      onTrouble(new Error(`${counts}: deleted what Redis knew`))
      return true
    }
    const { isStored, issuedUsers, reservedUsers } = await storeTerms(this.#deps, gate, { token, coupon })
    if (coupon && lacksUsers(coupon, issuedUsers, reservedUsers)) this.copyIssuedUsers(gate).catch(onTrouble)
    return isStored
  }

  async #copyIssuedUsers(gate: GateId): Promise<void> {
    let after: string | undefined
    for (;;) {
      const users = await this.#deps.issuedUsers({ couponId: gate.couponId, after, limit: usersPerRead })
      for (let start = 0; start < users.length; start += usersPerCall) {
        await confirmOrRelease(this.#deps, gate, { confirmed: users.slice(start, start + usersPerCall) })
      }
      if (users.length < usersPerRead) return
      after = users.at(-1)
    }
  }
}

/** Lets callers share the run that is under way for the same name. */
const once = <T>(running: Map<string, Promise<T>>, name: string, work: () => Promise<T>): Promise<T> => {
  let run = running.get(name)
  if (!run) {
    run = work().finally(() => running.delete(name))
    running.set(name, run)
  }
  return run
}

/**
 * Users with a reservation may be the ones that Redis lacks, so they count as known.
 * Not once the last unit is issued: the gate refuses as sold out only when Redis knows every user.
 */
const lacksUsers = ({ issued, quantity }: CouponState, issuedUsers: number, reservedUsers: number): boolean =>
  issuedUsers < issued && (issued >= quantity || issuedUsers + reservedUsers < issued)
