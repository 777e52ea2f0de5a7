import { inProcessLocks } from '@shop/core'
import type { Container } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import { PolicyAgreement } from '../health/policy-agreement.js'
import { pingCheck, writableCheck } from '../health/readiness.js'
import type { PoolState } from '../observability/metrics.js'
import type { DatabaseUrlOptions, KnexOptions, ServerOptions, StoreOptions } from '../options.js'
import { NotMigrated } from './not-migrated.js'
import { tokens as T } from './tokens.js'

export const defaultSchema = 'shop'
export const defaultPool = 10

/** Binds the store and the locks: on Postgres, or the caller's own. */
export const bindStorage = (container: Container, options: ServerOptions): void => {
  if ('store' in options) bindOwnStore(container, options)
  else bindPostgres(container, options)
}

const bindOwnStore = (container: Container, { store, locks }: StoreOptions<never>): void => {
  container.bind(T.store).toConstantValue(store)
  container.bind(T.locks).toConstantValue(locks ?? inProcessLocks())
  container.bind(T.storeCheck).toConstantValue(pingCheck(() => store.ping()))
  container.bind(T.agreement).toConstantValue(undefined)
  container.bind(T.migration).toConstantValue(async () => {})
  container.bind(T.pool).toConstantValue(() => undefined)
}

const bindPostgres = (container: Container, options: DatabaseUrlOptions | KnexOptions): void => {
  const { schema = defaultSchema, clock, companions, databaseWaitMs, databasePrepared: prepared = true } = options
  bindKnex(container, options, prepared)
  container.bind(T.store).toResolvedValue(
    async (knex, replicas) => {
      const { knexStore } = await import('@shop/adapter-knex')
      const fixed = { schema, prepared, companions, databaseWaitMs }
      return knexStore(knex, { ...fixed, ...(clock && { clock }), ...replicas?.forStore })
    },
    [T.knex, T.replicas],
  )
  container.bind(T.locks).toResolvedValue(
    async (knex) => {
      const { knexLocks } = await import('@shop/adapter-knex')
      return knexLocks(knex, { schema })
    },
    [T.knex],
  )
  container
    .bind(T.probe)
    .toResolvedValue(
      async (knex) => {
        const { databaseProbe } = await import('@shop/adapter-knex')
        return databaseProbe(knex)
      },
      [T.knex],
    )
    .onDeactivation((probe) => probe.close())
  container.bind(T.storeCheck).toResolvedValue((probe) => writableCheck(() => probe.ask()), [T.probe])
  container
    .bind(T.agreement)
    .toResolvedValue(
      async (knex, policies, logger) => {
        const { knexPolicyRegister } = await import('@shop/adapter-knex')
        return new PolicyAgreement({ register: knexPolicyRegister(knex, { schema }), policies, logger })
      },
      [T.knex, T.policies, T.logger],
    )
    .onDeactivation((agreement) => agreement?.close())
  container.bind(T.migration).toResolvedValue(
    (knex) => async () => {
      const { checkDatabase, migrate, pendingMigrations } = await import('@shop/adapter-knex')
      if (options.migrate ?? true) return migrate(knex, { schema, prepared: options.databasePrepared })
      await checkDatabase(knex, { prepared: options.databasePrepared })
      const pending = await pendingMigrations(knex, { schema })
      if (pending.length > 0) throw new NotMigrated(schema, pending)
    },
    [T.knex],
  )
  container.bind(T.pool).toResolvedValue(poolOf, [T.knex])
}

/** A caller's own pool stays open. */
const bindKnex = (container: Container, options: DatabaseUrlOptions | KnexOptions, prepared: boolean): void => {
  if ('knex' in options) {
    container.bind(T.knex).toConstantValue(options.knex)
    return
  }
  container
    .bind(T.knex)
    .toResolvedValue(
      async (logger) => {
        const { knexConnection } = await import('@shop/adapter-knex')
        return knexConnection(options.databaseUrl, {
          pool: { max: options.databasePool ?? defaultPool },
          prepared,
          log: knexLog(logger),
        })
      },
      [T.logger],
    )
    .onDeactivation((knex) => knex.destroy())
}

/** The caller gets this error as well. Logging it as a warning would repeat it on every retry. */
const isConnectionError = (message: unknown): boolean => String(message).startsWith('Acquire connection error')

/** Writes what knex reports to the log of the server. */
export const knexLog = (logger: Logger): Knex.Logger => ({
  warn: (message) => logger[isConnectionError(message) ? 'debug' : 'warn']({ message }, 'knex warning'),
  error: (message) => logger.error({ message }, 'knex error'),
  deprecate: (method, alternative) => logger.warn({ method, alternative }, 'knex deprecation'),
  debug: (message) => logger.debug({ message }, 'knex'),
})

/** The tarn pool inside a knex client. */
interface PoolOwner {
  readonly pool?: { numUsed(): number; numFree(): number; numPendingAcquires(): number }
}

/** Reads the connections of the pool of a knex. Undefined after it was destroyed. */
export const poolOf = (knex: Knex) => (): PoolState | undefined => {
  const { pool } = knex.client as PoolOwner
  return pool && { used: pool.numUsed(), free: pool.numFree(), pending: pool.numPendingAcquires() }
}
