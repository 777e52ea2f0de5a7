import { environmentOf } from '../config/environment.js'
import type { TenantsConfig } from '../config/tenants-config.js'
import { TenantsFileError } from '../tenants/tenants-content.js'
import { openTenantsFile } from '../tenants/tenants-file.js'
import { commonOptions } from './common-options.js'
import { createShops } from './create-shops.js'
import { type Process, runStep, write } from './process.js'
import type { ShopsServer } from './shops-server.js'
import { exitStatus, listenFailure } from './start-failure.js'
import { urlOf } from './start-text.js'

const fileFailure = (error: unknown) =>
  error instanceof TenantsFileError ? { text: error.message, status: exitStatus.wrongConfig } : undefined

/**
 * Opens the server of the shops of a file. Nothing is asked of a database yet: the server
 * starts although a database is away, and only the shops of that one are unavailable.
 * @throws StartError for a file that cannot be used
 */
export const openShops = async (
  { config, logger, lifecycle }: Process,
  tenants: TenantsConfig,
): Promise<ShopsServer> => {
  const onError = (error: unknown) => {
    const known = error instanceof TenantsFileError ? { mistakes: error.message.split('\n') } : { err: error }
    logger.error(known, 'the file of the shops cannot be used: what it said before stays')
  }
  const environment = environmentOf(process.cwd(), process.env)
  const file = await runStep(openTenantsFile(tenants.file, { environment, onError }), fileFailure)
  const { pool, migrate, waitMs } = config.database
  const server = await createShops({
    ...commonOptions(config),
    locate: file.locate,
    list: file.list,
    isOutdated: file.isOutdated,
    tenants: tenants.naming,
    databasePool: pool,
    databaseWaitMs: waitMs,
    migrate,
    logger,
  })
  lifecycle.onExit(async () => file.close())
  lifecycle.onStop(() => server.close())
  return server
}

/** Answers HTTP for the shops of a file, and runs their jobs. */
export const serveShops = async (own: Process, tenants: TenantsConfig): Promise<void> => {
  const { config, logger, lifecycle } = own
  const server = await openShops(own, tenants)
  if (lifecycle.isStopping) return
  const address = await runStep(server.listen(config.port, config.host), (error) => listenFailure(error, config))
  lifecycle.onStop(() => server.close({ drainMs: config.drainMs }))
  const startedInMs = Math.round(Date.now() - config.startBegan)
  const url = urlOf(address)
  write(`Listening on ${url} after ${startedInMs} ms\n  docs ${url}/docs\n  the shops of ${tenants.file}\n`)
  logger.info({ ...address, startedInMs }, 'listening')
}
