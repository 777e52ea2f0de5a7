import type { Container } from 'inversify'
import type { ServerOptions } from '../options.js'
import { defaultPool, knexLog } from './storage.js'
import { tokens as T } from './tokens.js'

/** Binds the replicas, if there are any. Their modules are loaded only then. */
export const bindReplicas = (container: Container, options: ServerOptions): void => {
  const replicas = 'store' in options ? undefined : options.replicas
  if (!replicas) {
    container.bind(T.replicas).toConstantValue(undefined)
    return
  }
  const { databasePrepared: prepared = true } = 'store' in options ? {} : options
  const pool = ('databaseUrl' in options ? options.databasePool : undefined) ?? defaultPool
  container
    .bind(T.replicas)
    .toResolvedValue(
      async (logger, { registry }) => {
        const { openReplicas } = await import('../replicas/open-replicas.js')
        return openReplicas({ replicas, pool, prepared, log: knexLog(logger), logger, registry })
      },
      [T.logger, T.metrics],
    )
    .onDeactivation((opened) => opened?.close())
}
