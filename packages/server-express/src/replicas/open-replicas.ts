import { type KnexStoreOptions, knexConnection } from '@shop/adapter-knex'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { HealthCheck } from '../http/http-deps.js'
import type { KnexReplicas, UrlReplicas } from '../options.js'
import { ReplicaWatch } from './replica-watch.js'

/** The replicas of one server. */
export interface Replicas {
  /** What the store needs to use them. */
  readonly forStore: Pick<KnexStoreOptions, 'replicas' | 'replicaReads'>
  /** For `/readyz`: never down. */
  check(): Promise<HealthCheck>
  /** Closes the connections that this server opened. */
  close(): Promise<void>
}

export interface OpenReplicasOptions {
  readonly replicas: UrlReplicas | KnexReplicas
  /** The connections to each replica. */
  readonly pool: number
  readonly prepared: boolean
  readonly log: Knex.Logger
  readonly logger: Logger
  readonly registry: Registry
}

/** Connecting to a replica that does not answer must not hold up a read for long. */
const connectTimeoutMs = 1_000

const placeOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'a replica')

/** Opens pools to the replicas. Nothing connects before the first read. */
export const openReplicas = ({ replicas, pool, prepared, log, logger, registry }: OpenReplicasOptions): Replicas => {
  const isOwn = 'urls' in replicas
  const pools = isOwn
    ? replicas.urls.map((url) =>
        knexConnection(url, { pool: { max: pool }, prepared, log, connectTimeoutMs, applicationName: 'shop lists' }),
      )
    : replicas.knex
  const names = isOwn ? replicas.urls.map(placeOf) : replicas.knex.map((_, index) => String(index))
  const observer = new ReplicaWatch({ names, logger, registry })
  const { maxLagMs, live } = replicas
  return {
    forStore: { replicas: pools, replicaReads: { maxLagMs, live, observer } },
    check: () => observer.check(),
    async close() {
      observer.close()
      if (isOwn) await Promise.all(pools.map((each) => each.destroy()))
    },
  }
}
