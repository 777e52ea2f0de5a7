import { canonicalJson } from '@shop/core/store'
import type { OpenShop } from './open-shop.js'
import type { ShopLocation } from './shop-location.js'

/** How long a shop may be where it was last found, in milliseconds. After that it is located again before it is used. */
const trustMs = 5_000
/** After this, in milliseconds, it is located again while it is used. */
const refreshMs = 2_500
/** How soon a location that could not be read is asked for again, in milliseconds. */
const retryMs = 1_000

/** Whether a shop would be opened in the same way. Refused writes need no other shop. */
const isSame = (one: ShopLocation, other: ShopLocation): boolean => {
  const shown = ({ database, schema, preset, policies, currency }: ShopLocation) =>
    canonicalJson({ database, schema, preset: preset ?? null, policies: policies ?? {}, currency: currency ?? null })
  return shown(one) === shown(other)
}

/** A shop that is opening or open. */
export class ShopEntry {
  readonly shopId: string
  /** Rejects if the shop could not be opened. */
  readonly ready: Promise<OpenShop>
  open: OpenShop | undefined
  location: ShopLocation | undefined
  /** Requests and jobs in the shop. */
  visits = 0
  /** Calls of `hold`. They prevent an idle close; a move does not wait for them. */
  holds = 0
  /** When a request last came, in milliseconds of `performance.now()`. */
  askedAt = Number.NEGATIVE_INFINITY
  /** Whether the work of a second is under way: a shop whose database hangs misses ticks, and others do not. */
  isTicking = false
  /** Settles when the shop has closed. Undefined until it begins to close. */
  closed: Promise<void> | undefined
  #locatedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #locating: Promise<boolean> | undefined
  #onLeft: (() => void) | undefined

  constructor(shopId: string, opening: (entry: ShopEntry) => Promise<OpenShop>) {
    this.shopId = shopId
    this.ready = opening(this).then((open) => {
      this.open = open
      return open
    })
    // Those who wait for the shop get the error.
    this.ready.catch(() => {})
  }

  /** The shop was found here just now. */
  locatedAt(location: ShopLocation, at: number): void {
    this.location = location
    this.#locatedAt = at
  }

  /** While the shop moves, and while nobody can tell whether it does. Reads go on. */
  get refusesWrites(): boolean {
    return this.location?.writesRefused === true || performance.now() - this.#locatedAt > trustMs
  }

  /**
   * Whether the shop is still where it was opened. Asks `locate` if that is not known for sure. If `locate` fails, the shop
   * stays where it is, for reads.
   */
  async isThere(locate: () => Promise<ShopLocation | undefined>): Promise<boolean> {
    const age = performance.now() - this.#locatedAt
    if (this.hasMoved) return false
    if (age < refreshMs) return true
    const isTrusted = age < trustMs
    if (!this.#locating && performance.now() - this.#triedAt < retryMs) return true
    this.#locating ??= this.#locate(locate).finally(() => {
      this.#locating = undefined
    })
    return isTrusted ? true : this.#locating
  }

  /** Whether the shop takes writes where it was opened. */
  async mayWrite(locate: () => Promise<ShopLocation | undefined>): Promise<boolean> {
    return (await this.isThere(locate)) && !this.refusesWrites
  }

  /** Whether the last location differs from the one that the shop was opened with. */
  hasMoved = false

  async #locate(locate: () => Promise<ShopLocation | undefined>): Promise<boolean> {
    this.#triedAt = performance.now()
    const askedAt = performance.now()
    try {
      const found = await locate()
      if (!found || !this.location || !isSame(found, this.location)) this.hasMoved = true
      else this.locatedAt(found, askedAt)
    } catch {
      // The next request asks again. Until then the shop takes no writes.
    }
    return !this.hasMoved
  }

  /** A visit has ended. */
  leave(): void {
    this.visits -= 1
    this.#onLeft?.()
  }

  /** A call of `hold` has ended. */
  endHold(): void {
    this.holds -= 1
    this.#onLeft?.()
  }

  /** Resolves when no request and no job uses the shop; with `andHolds`, when no call of `hold` does either. */
  async left({ andHolds }: { readonly andHolds: boolean }): Promise<void> {
    while (this.visits + (andHolds ? this.holds : 0) > 0)
      await new Promise<void>((resolve) => {
        this.#onLeft = resolve
      })
  }
}
