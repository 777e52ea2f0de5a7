import type { Logger } from 'pino'
import { type AuthConfig, type Config, readConfig } from '../config/config.js'
import { environmentOf } from '../config/environment.js'
import { LogOutput } from '../observability/log-output.js'
import { createLogger } from '../observability/logger.js'
import type { AuthOptions, DatabaseUrlOptions } from '../options.js'
import { retry } from '../util/retry.js'
import type { ShopServer } from './create-server.js'
import { superviseDatabase } from './database-keeper.js'
import { Lifecycle } from './lifecycle.js'
import {
  configFailure,
  databaseFailure,
  embeddedFailure,
  exitStatus,
  isTransient,
  listenFailure,
  migrationFailure,
  type StartFailure,
} from './start-failure.js'
import { startText, urlOf } from './start-text.js'

/** A database that was started together with this server may need a moment. */
const databasePatienceMs = 10_000

/** Thrown where the reason has a line of its own. */
class NotStarted extends Error {
  readonly failure: StartFailure

  constructor(failure: StartFailure, cause: unknown) {
    super(failure.text, { cause })
    this.failure = failure
  }
}

/** Does one step of the start; says in one line why it failed, where `explain` can. */
const step = async <T>(work: Promise<T>, explain: (error: unknown) => StartFailure | undefined): Promise<T> => {
  try {
    return await work
  } catch (error) {
    const failure = explain(error)
    throw failure ? new NotStarted(failure, error) : error
  }
}

const authOptions = (auth: AuthConfig): AuthOptions => {
  if (auth.kind === 'off') return 'off'
  const { issuer, audience } = auth
  return auth.kind === 'secret'
    ? { secret: auth.secret.reveal(), issuer, audience }
    : { jwksUrl: auth.url.reveal(), secret: auth.secret?.reveal(), issuer, audience, anyIssuer: auth.anyIssuer }
}

/** Where the data is: the given database, or the embedded one, which runs until the process ends. */
const openDatabase = async ({ database }: Config, logger: Logger, lifecycle: Lifecycle): Promise<string> => {
  if (database.url) return database.url.reveal()
  const { startEmbeddedPostgres } = await import('../embedded-postgres/index.js')
  const start = (port: number | undefined) => startEmbeddedPostgres({ dataDir: database.dataDir, logger, port })
  return step(superviseDatabase(start, { logger, lifecycle }), embeddedFailure)
}

const openServer = async (config: Config, logger: Logger, lifecycle: Lifecycle): Promise<ShopServer> => {
  // The database starts in a process of its own while this one loads its modules.
  const [{ createServer }, databaseUrl] = await Promise.all([
    import('./create-server.js'),
    openDatabase(config, logger, lifecycle),
  ])
  const { database, dataPlatform, redis } = config
  const options: DatabaseUrlOptions = {
    databaseUrl,
    databasePool: database.pool,
    databasePrepared: database.prepared,
    schema: database.schema,
    migrate: database.migrate,
    redis: redis && { urls: redis.urls.map((url) => url.reveal()), userLocks: redis.userLocks },
    // Not the merged policies: checking those again would load the rules of time zones, which takes as long as all of Express.
    preset: config.preset,
    policies: config.overrides,
    auth: authOptions(config.auth),
    authOffIsSafe: config.auth.kind === 'off' && config.auth.isSafe,
    trustProxy: config.trustProxy,
    rateLimit: config.rateLimit,
    corsOrigins: config.corsOrigins,
    publicUrl: config.publicUrl,
    demoData: config.demoData,
    demoPage: config.demoPage,
    demoSignIn: config.demoSignIn,
    dataPlatform: dataPlatform && { url: dataPlatform.url.reveal(), secret: dataPlatform.secret.reveal() },
    logger,
  }
  const server = await step(
    retry(() => createServer(options), {
      forMs: databasePatienceMs,
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

const start = async (config: Config, logger: Logger, lifecycle: Lifecycle): Promise<void> => {
  const server = await openServer(config, logger, lifecycle)
  if (lifecycle.isStopping) return
  const address = await step(server.listen(config.port, config.host), (error) => listenFailure(error, config))
  // A server that has never listened has nothing to drain.
  lifecycle.onStop(() => server.close({ drainMs: config.drainMs }))
  const startedInMs = Date.now() - config.startBegan
  const tokens = await tokensFor(config)
  const { policies, demoData, demoPage, auth } = config
  process.stdout.write(
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

const configOrExit = async (): Promise<Config> => {
  try {
    return await readConfig(environmentOf(process.cwd(), process.env))
  } catch (error) {
    const failure = configFailure(error)
    if (!failure) throw error
    process.stderr.write(`${failure.text}\n`)
    process.exit(failure.status)
  }
}

/** The bundled server: from environment variables to a server that listens, until a signal ends it. */
export const runServer = async (): Promise<void> => {
  const config = await configOrExit()
  const output = new LogOutput(process.stdout)
  const logger = createLogger(config.logLevel, output)
  const lifecycle = new Lifecycle(logger, () => output.flush(), config.drainMs)
  lifecycle.watch()
  for (const warning of config.warnings) logger.warn(warning)
  logger.debug({ config }, 'configuration')
  try {
    await start(config, logger, lifecycle)
  } catch (error) {
    if (lifecycle.isStopping) return
    if (error instanceof NotStarted) process.stderr.write(`${error.failure.text}\n`)
    else logger.fatal({ err: error }, 'the server could not start')
    await lifecycle.stop(error instanceof NotStarted ? error.failure.status : exitStatus.failed)
  }
}
