import type { PolicyOverrides, PresetName } from '@shop/core'

/** Where a shop is, and its rules. */
export interface ShopLocation {
  /** The URL of its Postgres database. Shops with the same URL share one pool. */
  readonly database: string
  /** The Postgres schema of its tables. */
  readonly schema: string
  /** The preset of its policies. @default 'standard' */
  readonly preset?: PresetName | undefined
  /** Policies that differ from those of the preset. */
  readonly policies?: PolicyOverrides | undefined
  /** The currency of its prices, as an ISO 4217 code. */
  readonly currency?: string | undefined
  /**
   * `true` while the shop moves: writes get UNAVAILABLE with Retry-After, reads go on and no job
   * runs.
   *
   * @default false
   */
  readonly writesRefused?: boolean | undefined
}

/**
 * Finds a shop; `undefined` for one that does not exist. It is asked again at most every few
 * seconds for an open shop, so a move takes effect without a restart. It has three seconds to answer:
 * without an answer, an open shop stays where it is, for reads, and a closed one is UNAVAILABLE.
 */
export type LocateShop = (shopId: string) => Promise<ShopLocation | undefined>

/** The ids of all shops: jobs run for each of them, and the command line goes through them. */
export type ListShops = () => Promise<readonly string[]>
