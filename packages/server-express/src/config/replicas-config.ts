import type { Secret } from './secret.js'
import type { Variables } from './variables.js'

/** Undefined without replicas. */
export type ReplicasConfig =
  | { readonly urls: readonly Secret[]; readonly maxLagMs: number; readonly live: boolean }
  | undefined

export const replicasOf = (data: Variables): ReplicasConfig =>
  data.SHOP_REPLICA_URLS && {
    urls: data.SHOP_REPLICA_URLS,
    maxLagMs: data.SHOP_REPLICA_MAX_LAG_MS,
    live: data.SHOP_LIVE_FROM_REPLICAS,
  }

export const replicaWarnings = ({ SHOP_REPLICA_URLS, SHOP_TENANTS, DATABASE_URL }: Variables): readonly string[] => {
  if (!SHOP_REPLICA_URLS) return []
  if (SHOP_TENANTS !== undefined)
    return [
      'SHOP_REPLICA_URLS has no effect because SHOP_TENANTS is set: the lists of many shops are read on their own databases',
    ]
  if (DATABASE_URL) return []
  return ['SHOP_REPLICA_URLS is set but DATABASE_URL is not: the embedded database has no replicas']
}
