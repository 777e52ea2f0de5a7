import type { DatabaseProbe } from '@shop/adapter-knex'
import { inProcessLocks, type Locks, type Policies, type Store } from '@shop/core'
import type { Container } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import { PolicyAgreement } from '../health/policy-agreement.js'
import { pingCheck, writableCheck } from '../health/readiness.js'
import type { PoolState } from '../observability/metrics.js'
import type { ServerOptions } from '../options.js'
import { tokens as T } from './tokens.js'

export const defaultSchema = 'shop'

/** The caller gets this error as well. Logging it as a warning would repeat it on every retry. */
const isConnectionError = (message: unknown): boolean => String(message).startsWith('Acquire connection error')

const knexLog = (logger: Logger): Knex.Logger => ({
  warn: (message) => logger[isConnectionError(message) ? 'debug' : 'warn']({ message }, 'knex warning'),
  error: (message) => logger.error({ message }, 'knex error'),
  deprecate: (method, alternative) => logger.warn({ method, alternative }, 'knex deprecation'),
  debug: (message) => logger.debug({ message }, 'knex'),
})

/** Binds the store and the locks: on Postgres, or the caller's own. */
export const bindStorage = (container: Container, options: ServerOptions): void => {
  if ('store' in options) {
    container.bind(T.store).toConstantValue(options.store)
    container.bind(T.locks).toConstantValue(options.locks ?? inProcessLocks())
    container.bind(T.storeCheck).toConstantValue(pingCheck(() => options.store.ping()))
    container.bind(T.agreement).toConstantValue(undefined)
    return
  }
  const { schema = defaultSchema, clock, databasePrepared: prepared = true } = options
  if ('knex' in options) container.bind(T.knex).toConstantValue(options.knex)
  else {
    container
      .bind(T.knex)
      .toResolvedValue(
        async (logger: Logger) => {
          const { knexConnection } = await import('@shop/adapter-knex')
          return knexConnection(options.databaseUrl, {
            pool: { max: options.databasePool ?? 10 },
            prepared,
            log: knexLog(logger),
          })
        },
        [T.logger],
      )
      .inSingletonScope()
      .onDeactivation((knex) => knex.destroy())
  }
  container
    .bind(T.store)
    .toResolvedValue(
      async (knex: Knex): Promise<Store> => {
        const { knexStore } = await import('@shop/adapter-knex')
        return knexStore(knex, { schema, prepared, ...(clock && { clock }) })
      },
      [T.knex],
    )
    .inSingletonScope()
  container
    .bind(T.probe)
    .toResolvedValue(
      async (knex: Knex): Promise<DatabaseProbe> => {
        const { databaseProbe } = await import('@shop/adapter-knex')
        return databaseProbe(knex)
      },
      [T.knex],
    )
    .inSingletonScope()
    .onDeactivation((probe) => probe.close())
  container
    .bind(T.agreement)
    .toResolvedValue(
      async (knex: Knex, policies: Policies, logger: Logger): Promise<PolicyAgreement> => {
        const { knexPolicyRegister } = await import('@shop/adapter-knex')
        return new PolicyAgreement({ register: knexPolicyRegister(knex, { schema }), policies, logger })
      },
      [T.knex, T.policies, T.logger],
    )
    .inSingletonScope()
    .onDeactivation((agreement) => agreement?.close())
  container
    .bind(T.storeCheck)
    .toResolvedValue((probe: DatabaseProbe) => writableCheck(() => probe.ask()), [T.probe])
    .inSingletonScope()
  container
    .bind(T.locks)
    .toResolvedValue(
      async (knex: Knex): Promise<Locks> => {
        const { knexLocks } = await import('@shop/adapter-knex')
        return knexLocks(knex, { schema })
      },
      [T.knex],
    )
    .inSingletonScope()
}

/** The tarn pool inside a knex client. */
interface PoolOwner {
  readonly pool?: { numUsed(): number; numFree(): number; numPendingAcquires(): number }
}

export const poolOf = (knex: Knex | undefined) => (): PoolState | undefined => {
  const pool = (knex?.client as PoolOwner | undefined)?.pool
  return pool && { used: pool.numUsed(), free: pool.numFree(), pending: pool.numPendingAcquires() }
}
