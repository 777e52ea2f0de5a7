import {
  type CouponGate,
  connectRedis,
  couponGate,
  type GateOptions,
  type GateSettings,
  type GateVerdict,
} from '@shop/adapter-redis'
import type { Shop } from '@shop/core'
import type { Cluster, Redis } from 'ioredis'
import type { MemoryDatabase } from './memory-database.js'

export interface GatedServer {
  readonly shop: Shop
  readonly gate: CouponGate
  readonly redis: Redis | Cluster
  /** How many callers got each verdict. */
  readonly verdicts: Record<GateVerdict, number>
  readonly troubles: unknown[]
  close(): Promise<void>
}

/** One server with a gate of its own. */
export const gatedServer = async (
  database: MemoryDatabase,
  url: string,
  settings: Partial<GateSettings> = {},
  timer?: GateOptions['timer'],
): Promise<GatedServer> => {
  const connection = connectRedis(url)
  await connection.ready(5_000)
  const { redis } = connection
  const verdicts = { issued: 0, 'sold-out': 0, admitted: 0, undecided: 0, keyed: 0, away: 0 }
  const troubles: unknown[] = []
  const gate = couponGate({
    redis,
    guard: connection.guard,
    database: database.database,
    reads: database.store.reads,
    issuedUsers: database.issuedUsers,
    policies: database.policies,
    settings: { databaseMs: 0, clockSlackMs: 0, ...settings },
    ...(timer && { timer }),
    observer: {
      onVerdict(verdict) {
        verdicts[verdict] += 1
      },
      onTrouble: (error) => troubles.push(error),
    },
  })
  const shop = database.shop([gate])
  return {
    shop,
    gate,
    redis,
    verdicts,
    troubles,
    async close() {
      await gate.settled()
      await shop.close()
      await connection.close()
    },
  }
}
