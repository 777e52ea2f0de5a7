import type { ShopOptions } from '../../shop/create-shop.js'
import type { Shop } from '../../shop/shop.js'
import type { ManualClock } from '../../testing/manual-clock.js'
import type { Subject } from '../kit/harness.js'

/** Creates a shop, like `createShop`. */
export type OpenShop = <Tx>(options: ShopOptions<Tx>) => Shop<Tx, unknown>

/** A law of every store, shown by one scenario. */
export interface Scenario {
  /** Stable, in capitals: `TRANSACT-LOADS`. */
  readonly id: string
  /** The law in one sentence. */
  readonly sentence: string
  /** Whether it holds always, or only in the end. */
  readonly kind: 'history' | 'eventually'
  /** Plays the scenario on an empty store, in shops that `open` opens. Resolves with what contradicts the law, one line each. */
  play<Tx>(subject: Subject<Tx>, clock: ManualClock, open: OpenShop): Promise<readonly string[]>
}

/** How a promise ends, as a value. */
export const ending = async (
  promise: Promise<unknown>,
): Promise<{ readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }> => {
  try {
    return { ok: true, value: await promise }
  } catch (error) {
    return { ok: false, error }
  }
}

export const textOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error)
