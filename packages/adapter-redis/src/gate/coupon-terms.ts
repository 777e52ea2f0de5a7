import { randomUUID } from 'node:crypto'
import { gateKeys, lifetimes } from '../keys.js'
import { runScript } from '../script.js'
import { beginChange } from '../scripts/begin-change.js'
import { beginTerms } from '../scripts/begin-terms.js'
import { confirmOrRelease } from '../scripts/confirm-or-release.js'
import { endChange } from '../scripts/end-change.js'
import { forget } from '../scripts/forget.js'
import { keepTerms } from '../scripts/keep-terms.js'
import type { CouponState, GateOptions, GateSettings } from './gate-options.js'

/** A coupon in one database. */
export interface GateName {
  readonly database: string
  readonly couponId: string
}

const listPart = 5_000
/** Lua passes so many arguments at once. */
const settlePart = 1_000

type Deps = Pick<GateOptions, 'redis' | 'guard' | 'reads' | 'issuedUsers'> & {
  readonly settings: GateSettings
  onTrouble(error: unknown): void
}

/** Keeps what Redis knows of coupons in step with the database. */
export class CouponTerms {
  readonly #deps: Deps
  readonly #reading = new Map<string, Promise<boolean>>()
  readonly #listing = new Map<string, Promise<void>>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /**
   * Reads a coupon's terms into Redis; answers false where another server is doing so, or the coupon is being changed.
   * Where Redis knows fewer users than the database has, lists them behind the caller's back; where it knows more, it
   * tells of another past, and all it knows of the coupon is forgotten.
   */
  read(name: GateName): Promise<boolean> {
    return this.#once(this.#reading, name, () => this.#readNow(name))
  }

  /** Adds the users that Redis does not know to have the coupon. */
  list(name: GateName): Promise<void> {
    return this.#once(this.#listing, name, () => this.#listNow(name))
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await Promise.allSettled([...this.#reading.values(), ...this.#listing.values()])
    if (this.#reading.size + this.#listing.size > 0) await this.idle()
  }

  /** From here on nobody is refused by terms that were read before the change commits. */
  async beginChange(name: GateName, token: string): Promise<void> {
    const { refreshLock, terms, changes } = gateKeys(name.database, name.couponId)
    await runScript(this.#deps, beginChange, [refreshLock, terms, changes], [token, this.#deps.settings.changeMs])
  }

  async endChange(name: GateName, token: string): Promise<void> {
    const { refreshLock, terms, changes } = gateKeys(name.database, name.couponId)
    await runScript(this.#deps, endChange, [refreshLock, terms, changes], [token])
  }

  #once<T>(running: Map<string, Promise<T>>, name: GateName, work: () => Promise<T>): Promise<T> {
    const text = `${name.database} ${name.couponId}`
    let run = running.get(text)
    if (!run) {
      run = work().finally(() => running.delete(text))
      running.set(text, run)
    }
    return run
  }

  async #readNow(name: GateName): Promise<boolean> {
    const { reads, settings, onTrouble } = this.#deps
    const { refreshLock, changes, terms, issued, reservations } = gateKeys(name.database, name.couponId)
    const token = randomUUID()
    const [mayRead, knownBefore] = (await runScript(
      this.#deps,
      beginTerms,
      [refreshLock, changes, issued],
      [token, settings.termsMs],
    )) as [number, number]
    if (mayRead !== 1) return false
    const coupon = await reads.coupon(name.couponId)
    if (knownBefore > (coupon?.issued ?? 0)) {
      await runScript(this.#deps, forget, [issued, reservations, terms, refreshLock], [])
      onTrouble(
        new Error(`Redis knew ${knownBefore} users of coupon ${name.couponId}, the database ${coupon?.issued ?? 0}`),
      )
      return true
    }
    const [kept, known, undecided] = (await runScript(
      this.#deps,
      keepTerms,
      [refreshLock, terms, issued, reservations],
      [token, ...fields(coupon)],
    )) as [number, number, number]
    if (coupon && isBehind(coupon, known, undecided)) this.list(name).catch(onTrouble)
    return kept === 1
  }

  async #listNow({ database, couponId }: GateName): Promise<void> {
    const { issued, reservations } = gateKeys(database, couponId)
    let after: string | undefined
    for (;;) {
      const users = await this.#deps.issuedUsers({ couponId, after, limit: listPart })
      for (let start = 0; start < users.length; start += settlePart) {
        const part = users.slice(start, start + settlePart)
        await runScript(
          this.#deps,
          confirmOrRelease,
          [issued, reservations],
          [lifetimes.issuedMs, part.length, ...part],
        )
      }
      if (users.length < listPart) return
      after = users.at(-1)
    }
  }
}

const fields = (coupon: CouponState | undefined): readonly (string | number)[] =>
  coupon ? ['quantity', coupon.quantity, 'issued', coupon.issued, 'validUntil', coupon.validUntil] : ['absent', 1]

/** Users with a place may be the ones that are missing – until the last unit has gone: then nobody may be missing. */
const isBehind = ({ issued, quantity }: CouponState, known: number, undecided: number): boolean =>
  known < issued && (issued >= quantity || known + undecided < issued)
