import type { AuthConfig, Config } from '../config/config.js'
import type { AuthOptions, DatabaseUrlOptions } from '../options.js'

const authOptions = (auth: AuthConfig): AuthOptions => {
  if (auth.kind === 'off') return 'off'
  const { issuer, audience } = auth
  return auth.kind === 'secret'
    ? { secret: auth.secret.reveal(), issuer, audience }
    : { jwksUrl: auth.url.reveal(), secret: auth.secret?.reveal(), issuer, audience, anyIssuer: auth.anyIssuer }
}

/** The options that a server of one shop and a server of many take from the same settings. */
export const commonOptions = (config: Config) => {
  const { database, dataPlatform, redis } = config
  return {
    databasePrepared: database.prepared,
    redis: redis && { urls: redis.urls.map((url) => url.reveal()), userLocks: redis.userLocks },
    auth: authOptions(config.auth),
    chargeAccess: config.chargeAccess,
    authOffIsSafe: config.auth.kind === 'off' && config.auth.isSafe,
    trustProxy: config.trustProxy,
    rateLimit: config.rateLimit,
    liveConnections: config.liveConnections,
    corsOrigins: config.corsOrigins,
    publicUrl: config.publicUrl,
    dataPlatform: dataPlatform && { url: dataPlatform.url.reveal(), secret: dataPlatform.secret.reveal() },
  } satisfies Partial<DatabaseUrlOptions>
}
