import type { DatabaseProbe } from '@shop/adapter-knex'
import { inProcessLocks, type Locks, type Policies, type Store } from '@shop/core'
import type { Container } from 'inversify'
import type { Knex } from 'knex'
import type { Logger } from 'pino'
import { PolicyAgreement } from '../health/policy-agreement.js'
import { answers, takesWrites } from '../health/readiness.js'
import type { PoolState } from '../observability/metrics.js'
import type { ServerOptions } from '../options.js'
import { tokens as T } from './tokens.js'

export const defaultSchema = 'shop'

/** The caller that asked for the connection gets the error, too: at each try of a job, four times a second while starting. */
const isOfNoConnection = (message: unknown): boolean => String(message).startsWith('Acquire connection error')

const knexLog = (logger: Logger): Knex.Logger => ({
  warn: (message) => logger[isOfNoConnection(message) ? 'debug' : 'warn']({ message }, 'knex warns'),
  error: (message) => logger.error({ message }, 'knex failed'),
  deprecate: (method, alternative) => logger.warn({ method, alternative }, 'knex deprecates'),
  debug: (message) => logger.debug({ message }, 'knex'),
})

/** The store and the locks: over Postgres, or the caller's own. */
export const bindStorage = (container: Container, options: ServerOptions): void => {
  if ('store' in options) {
    container.bind(T.store).toConstantValue(options.store)
    container.bind(T.locks).toConstantValue(options.locks ?? inProcessLocks())
    container.bind(T.storeCheck).toConstantValue(answers(() => options.store.ping()))
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
    .toResolvedValue((probe: DatabaseProbe) => takesWrites(() => probe.ask()), [T.probe])
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

/** tarn's pool, as knex holds it. */
interface PoolOwner {
  readonly pool?: { numUsed(): number; numFree(): number; numPendingAcquires(): number }
}

export const poolOf = (knex: Knex | undefined) => (): PoolState | undefined => {
  const pool = (knex?.client as PoolOwner | undefined)?.pool
  return pool && { used: pool.numUsed(), free: pool.numFree(), pending: pool.numPendingAcquires() }
}
