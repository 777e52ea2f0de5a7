import type { EventSender, RelayOptions } from '@shop/core'
import type { DataPlatform } from '../data-platform/http-sender.js'
import type { TenantNaming } from '../http/tenant-naming.js'
import type { DatabaseUrlOptions } from '../options.js'
import type { ListShops, LocateShop } from './shop-location.js'

/** Where the events of all shops go. */
export type ShopsPlatform = (
  | (DataPlatform & { readonly senderOf?: undefined })
  /** Makes the sender of a shop, each time that the shop opens. */
  | { senderOf(shopId: string): EventSender }
) & {
  /** Batch, lease, attempts and pauses of the relay. */
  readonly relay?: Partial<RelayOptions> | undefined
}

/** Options that `locate` gives for each shop, or that a server of many shops does not have. */
type NotCommon =
  | 'databaseUrl'
  | 'schema'
  | 'preset'
  | 'policies'
  | 'currency'
  | 'dataPlatform'
  | 'replicas'
  | 'demoData'
  | 'demoSignIn'
  | 'demoPage'
  | 'workers'

/** Options of `createShops`. What a shop does not have for itself is common to all. */
export interface ShopsOptions extends Omit<DatabaseUrlOptions, NotCommon> {
  /** Finds a shop: its database, its schema and its rules. */
  readonly locate: LocateShop
  /** The ids of all shops: their jobs run here, whether they are open or not. Asked every 15 seconds. */
  readonly list: ListShops
  /**
   * Whether `locate` and `list` answer with what was known before, because the present shops cannot be read. `/readyz`
   * is `degraded` then. `openTenantsFile` provides one. @default it is so while `list` fails
   */
  readonly isOutdated?: (() => Promise<boolean>) | undefined
  /** How a request names its shop. @default { from: 'claim', claim: 'shop' } */
  readonly tenants?: TenantNaming | undefined
  /** Connections of each database, which its shops share. @default 10 */
  readonly databasePool?: number | undefined
  /** Receives the events of all shops. A CloudEvent names its shop in `source`: `urn:shop/books`. @default none */
  readonly dataPlatform?: ShopsPlatform | undefined
  /**
   * How long an unused shop stays open, in milliseconds: at least 1,000. An open shop remembers for ten minutes what it
   * acknowledged, to notice what its database loses. @default 600_000
   */
  readonly idleMs?: number | undefined
  /**
   * How often the jobs of a closed shop run, in milliseconds: at least 1,000. Its orders expire and its events are retried
   * with up to this delay. The jobs of an open shop run every 5 seconds. @default 60_000
   */
  readonly closedJobsMs?: number | undefined
  /** Shops that are open at once, at most. Beyond it, the least recently used one closes. @default 1_000 */
  readonly maxOpen?: number | undefined
}
