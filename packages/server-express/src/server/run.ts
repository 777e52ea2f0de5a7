import { isShopRefusal } from '@shop/core'
import type { Logger } from 'pino'
import { type Config, readConfig } from '../config/config.js'
import { environmentOf } from '../config/environment.js'
import { LogOutput } from '../observability/log-output.js'
import { createLogger } from '../observability/logger.js'
import type { DatabaseUrlOptions } from '../options.js'
import { retry } from '../util/retry.js'
import type { Task, TaskCall } from './command-line.js'
import { commonOptions } from './common-options.js'
import type { ShopServer } from './create-server.js'
import { superviseDatabase } from './database-keeper.js'
import { Lifecycle, statusOf } from './lifecycle.js'
import { type Process, runStep, StartError, write } from './process.js'
import {
  configFailure,
  databaseFailure,
  embeddedFailure,
  exitStatus,
  isTransient,
  listenFailure,
  migrationFailure,
  tenantsInstead,
} from './start-failure.js'
import { startText, urlOf } from './start-text.js'

/** A database that starts together with this server may need a moment. */
const databaseTimeoutMs = 10_000

/** The URL of the configured database, or of the embedded one, which then runs until the process ends. */
const openDatabase = async ({ database }: Config, logger: Logger, lifecycle: Lifecycle): Promise<string> => {
  if (database.url) return database.url.reveal()
  const { startEmbeddedPostgres } = await import('../embedded-postgres/index.js')
  const start = (port: number | undefined) => startEmbeddedPostgres({ dataDir: database.dataDir, logger, port })
  return runStep(superviseDatabase(start, { logger, lifecycle }), embeddedFailure)
}

const openServer = async ({ config, logger, lifecycle }: Process, task: Task): Promise<ShopServer> => {
  // The database starts in a process of its own while this one loads its modules.
  const [{ createServer }, databaseUrl] = await Promise.all([
    import('./create-server.js'),
    openDatabase(config, logger, lifecycle),
  ])
  const { database, replicas } = config
  const options: DatabaseUrlOptions = {
    ...commonOptions(config),
    databaseUrl,
    databasePool: database.pool,
    databasePrepared: database.prepared,
    databaseWaitMs: database.waitMs,
    schema: database.schema,
    migrate: (task === 'serve' || task === 'import') && database.migrate,
    replicas: replicas && { ...replicas, urls: replicas.urls.map((url) => url.reveal()) },
    // Pass the overrides, not the merged policies: validating merged policies loads time zone rules, which
    // takes as long as loading Express.
    preset: config.preset,
    policies: config.overrides,
    currency: config.currency,
    demoData: task === 'serve' && config.demoData,
    scheduler: task === 'serve' || task === 'jobs',
    demoPage: config.demoPage,
    workers: task === 'serve' ? config.workers : 1,
    demoSignIn: config.demoSignIn,
    logger,
  }
  const server = await runStep(
    retry(() => createServer(options), {
      forMs: databaseTimeoutMs,
      isTransient: (error) => isTransient(error) && !lifecycle.isStopping,
      onWait: (error) => logger.warn({ err: error }, 'waiting for the database'),
    }),
    (error) => migrationFailure(error) ?? databaseFailure(error),
  )
  lifecycle.onStop(() => server.close())
  return server
}

const tokensFor = async ({ auth, printsTokens }: Config) => {
  if (auth.kind !== 'secret' || !printsTokens) return undefined
  const { demoTokens } = await import('../demo/demo-tokens.js')
  return demoTokens({ secret: auth.secret.reveal(), issuer: auth.issuer, audience: auth.audience })
}

const serve = async (process: Process): Promise<void> => {
  const { config, logger, lifecycle } = process
  if (config.tenants) return (await import('./open-shops.js')).serveShops(process, config.tenants)
  const server = await openServer(process, 'serve')
  if (lifecycle.isStopping) return
  const address = await runStep(server.listen(config.port, config.host), (error) => listenFailure(error, config))
  // Registered only now: a server that never listened has nothing to drain.
  lifecycle.onStop(() => server.close({ drainMs: config.drainMs }))
  const startedInMs = Date.now() - config.startBegan
  const tokens = await tokensFor(config)
  const { policies, demoData, demoPage, auth } = config
  write(
    startText({
      url: urlOf(address),
      policies,
      hasDemoData: demoData,
      hasPage: demoData && demoPage,
      signInRefused: config.demoSignInRefused,
      tokens,
      isOpen: auth.kind === 'off',
      isSecretGenerated: auth.kind === 'secret' && auth.isGenerated,
      startedInMs,
    }),
  )
  logger.info({ ...address, startedInMs: Math.round(startedInMs) }, 'listening')
}

const configOrExit = async (task: Task): Promise<Config> => {
  try {
    return await readConfig(environmentOf(process.cwd(), process.env), { answersHttp: task === 'serve' })
  } catch (error) {
    const failure = configFailure(error)
    if (!failure) throw error
    process.stderr.write(`${failure.text}\n`)
    process.exit(failure.status)
  }
}

const migrateTables = async ({ config, logger, lifecycle }: Process): Promise<void> => {
  const [{ knexConnection, migrate, pendingMigrations }, databaseUrl] = await Promise.all([
    import('@shop/adapter-knex'),
    openDatabase(config, logger, lifecycle),
  ])
  const { pool, prepared, schema } = config.database
  const knex = knexConnection(databaseUrl, { pool: { max: pool }, prepared })
  try {
    const work = async () => {
      const pending = await pendingMigrations(knex, { schema })
      await migrate(knex, { schema, prepared })
      return pending
    }
    const applied = await runStep(work(), databaseFailure)
    write(applied.length > 0 ? `applied ${applied.join(', ')}\n` : 'the tables are up to date\n')
  } finally {
    await knex.destroy()
  }
}

/** Resolves with the exit status. */
const auditData = async (process: Process): Promise<number> => {
  const server = await openServer(process, 'audit')
  const report = await server.shop.audit()
  write(`${JSON.stringify(report, null, 2)}\n`)
  return report.ok ? 0 : exitStatus.failed
}

/** Resolves with the exit status. */
const repairData = async (process: Process, dryRun: boolean): Promise<number> => {
  const { shop } = await openServer(process, 'repair')
  const repaired = shop.repair({ dryRun }).catch((error: unknown) => {
    if (!isShopRefusal(error) || error.refusal.code !== 'LEADERSHIP_LOST') throw error
    throw new StartError({ text: 'another repair has started meanwhile', status: exitStatus.failed }, error)
  })
  const report = await repaired
  write(`${JSON.stringify(report, null, 2)}\n`)
  return report.ok ? 0 : exitStatus.failed
}

/** Resolves with the exit status. */
const importData = async (process: Process, file: string, dryRun: boolean): Promise<number> => {
  const { importFile, openLines } = await import('./import-file.js')
  const { logger, lifecycle, config } = process
  // Before the database is opened: a wrong name is reported at once.
  const source = await runStep(openLines(file), (error) => ({
    text: `${file} cannot be read: ${(error as Error).message}`,
    status: exitStatus.noInput,
  }))
  const interrupt = new AbortController()
  let interrupted: number | undefined
  lifecycle.onInterrupt((signal) => {
    interrupted = statusOf(signal)
    interrupt.abort()
  })
  const { url, dataDir } = config.database
  if (!url) logger.warn({ dataDir }, 'DATABASE_URL is not set: importing into the embedded Postgres')
  const { shop } = await openServer(process, 'import')
  const status = await importFile(shop, source, { dryRun, signal: interrupt.signal, logger })
  return interrupted ?? status
}

/** Resolves with the exit status. */
const runTenantsTask = async (call: TaskCall['tenants'], { config, logger, lifecycle }: Process): Promise<number> => {
  // A reader of only the first lines, such as `head`, closes the output.
  process.stdout.on('error', () => undefined)
  const { tenants, database } = config
  if (!call || !tenants) {
    const text = 'SHOP_TENANTS must be set: it names the file of the shops'
    throw new StartError({ text, status: exitStatus.wrongConfig }, undefined)
  }
  const { runTenants } = await import('./tenants/run-tenants.js')
  const interrupt = new AbortController()
  let interrupted: number | undefined
  lifecycle.onInterrupt((signal) => {
    interrupted = statusOf(signal)
    interrupt.abort()
  })
  const environment = environmentOf(process.cwd(), process.env)
  const { prepared } = database
  const status = await runTenants(call, { ...tenants, environment, prepared, logger, signal: interrupt.signal })
  return interrupted ?? status
}

const runJobs = async (process: Process): Promise<void> => {
  const { tenants } = process.config
  if (tenants) await (await import('./open-shops.js')).openShops(process, tenants)
  else await openServer(process, 'jobs')
  process.logger.info('the scheduled jobs run')
}

/** Does the task; resolves with the exit status, or with undefined if the process goes on until a signal ends it. */
const perform = async (
  { task, isDryRun = false, file = '-', tenants }: TaskCall,
  process: Process,
): Promise<number | undefined> => {
  if (process.config.tenants && isOfOneShop(task)) throw new StartError(tenantsInstead(task), undefined)
  if (task === 'serve') await serve(process)
  else if (task === 'jobs') await runJobs(process)
  else if (task === 'audit') return auditData(process)
  else if (task === 'repair') return repairData(process, isDryRun)
  else if (task === 'tenants') return runTenantsTask(tenants, process)
  else if (task === 'import') return importData(process, file, isDryRun)
  else {
    await migrateTables(process)
    return 0
  }
  return undefined
}

/** The tasks that `shop-server tenants` does for each of many shops, or that need `SHOP_TENANTS` unset. */
const isOfOneShop = (task: Task): boolean => ['migrate', 'import', 'audit', 'repair'].includes(task)

/** Then stdout holds the result only, so that another program can read it. */
const printsResult = (task: Task): boolean => task !== 'serve' && task !== 'jobs'

/** The program: from environment variables to a server that listens until a signal ends it, or another task. */
export const run = async (call: TaskCall): Promise<void> => {
  const { task } = call
  const config = await configOrExit(task)
  const output = new LogOutput(printsResult(task) ? process.stderr : process.stdout)
  const logger = createLogger(config.logLevel, output)
  const lifecycle = new Lifecycle(logger, () => output.flush(), config.drainMs)
  lifecycle.watch()
  for (const warning of config.warnings) logger.warn(warning)
  logger.debug({ config }, 'configuration')
  try {
    const status = await perform(call, { config, logger, lifecycle })
    if (status !== undefined) await lifecycle.stop(status)
  } catch (error) {
    if (lifecycle.isStopping) return
    if (error instanceof StartError) process.stderr.write(`${error.failure.text}\n`)
    else logger.fatal({ err: error }, 'the server could not start')
    await lifecycle.stop(error instanceof StartError ? error.failure.status : exitStatus.failed)
  }
}
