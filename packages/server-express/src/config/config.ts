import { randomBytes } from 'node:crypto'
import { isPolicyError, type Policies, type PolicyOverrides, type PresetName, resolvePolicies } from '@shop/core'
import type { ChargeAccess } from '../http/caller.js'
import { checkSchedule } from '../scheduler/check-schedule.js'
import { isLoopback } from '../util/loopback.js'
import { ConfigError, type ConfigIssue } from './config-error.js'
import { type RedisConfig, redisConfigOf, redisWarnings } from './redis-config.js'
import { type ReplicasConfig, replicasOf, replicaWarnings } from './replicas-config.js'
import { Secret } from './secret.js'
import { type TenantsConfig, tenantsConfigOf, tenantsIssues, tenantsWarnings } from './tenants-config.js'
import { unknownNames, type Variables, variables, withoutBlanks } from './variables.js'

export type AuthConfig =
  /** `isSafe`: only an authenticating gateway can reach the server, even if it listens on a public host. */
  | { readonly kind: 'off'; readonly isSafe: boolean }
  | ((
      | {
          readonly kind: 'secret'
          readonly secret: Secret /** Generated at startup, valid for this run only. */
          readonly isGenerated: boolean
        }
      | {
          readonly kind: 'jwks'
          readonly url: Secret
          /** Whether the key set signs for this shop only, so that issuer and audience need no check. */
          readonly anyIssuer: boolean
          /** Also accepts tokens signed with this secret, for a migration from one method to the other. */
          readonly secret: Secret | undefined
        }
    ) & { readonly issuer: string | undefined; readonly audience: string | undefined })

/** `local`: requests from this machine only, not through a proxy. */
export type DemoSignIn = boolean | 'local'

export interface Config {
  readonly host: string
  readonly port: number
  readonly database: {
    /** If undefined, the embedded database runs in `dataDir`. */
    readonly url: Secret | undefined
    readonly dataDir: string
    readonly schema: string
    readonly pool: number
    /** Must be false behind a pooler in transaction mode. */
    readonly prepared: boolean
    readonly waitMs: number
    /** Whether the server migrates the tables at startup. */
    readonly migrate: boolean
  }
  readonly replicas: ReplicasConfig
  /** Undefined if the server has one shop. */
  readonly tenants: TenantsConfig | undefined
  /** Undefined if the server runs without Redis. */
  readonly redis: RedisConfig | undefined
  readonly preset: PresetName
  readonly overrides: PolicyOverrides
  /** The preset with the overrides applied. */
  readonly policies: Policies
  /** The label of all amounts; undefined without one. */
  readonly currency: string | undefined
  /** Processes that answer HTTP; 1 if the server itself does. */
  readonly workers: number | 'auto'
  readonly trustProxy: number
  readonly auth: AuthConfig
  readonly chargeAccess: ChargeAccess
  readonly demoData: boolean
  /** Whether the page at `/` is served, if demo data is on. */
  readonly demoPage: boolean
  /**
   * Who may sign in as a demo user or an administrator while demo data is on. `true`: everyone who can reach
   * the server.
   */
  readonly demoSignIn: DemoSignIn
  /** Why demo sign-in is off by default. Undefined if it is on, or if it was turned off explicitly. */
  readonly demoSignInRefused: string | undefined
  readonly dataPlatform: { readonly url: Secret; readonly secret: Secret } | undefined
  readonly rateLimit: number
  /** Maximum number of live streams. */
  readonly liveConnections: number
  readonly corsOrigins: readonly string[] | undefined
  readonly publicUrl: string | undefined
  /** How long a server that stops serves on while it says that it is not ready. */
  readonly drainMs: number
  /** Whether tokens to try the server with are printed at startup. */
  readonly printsTokens: boolean
  readonly logLevel: Variables['LOG_LEVEL']
  /** When the startup began, in milliseconds since 1970. */
  readonly startBegan: number
  /** Settings that are valid but probably unintended, one line each. */
  readonly warnings: readonly string[]
}

/**
 * Reads the configuration from environment variables. Without `answersHttp`, how requests are authenticated is not checked.
 * @throws ConfigError with every wrong variable and the reason.
 */
export const readConfig = async (
  environment: Readonly<Record<string, string | undefined>>,
  { answersHttp = true }: { readonly answersHttp?: boolean } = {},
): Promise<Config> => {
  const given = withoutBlanks(environment)
  const { data, error } = variables.safeParse(given)
  if (error) {
    throw new ConfigError(error.issues.map(({ path, message }) => ({ variable: String(path[0]), reason: message })))
  }
  const issues: ConfigIssue[] = [
    ...(await databaseIssues(data)),
    ...conflicts(data),
    ...tenantsIssues(data),
    ...(answersHttp ? authConflicts(data) : []),
  ]
  const collect = (reason: unknown): undefined => {
    if (!(reason instanceof ConfigError)) throw reason
    issues.push(...reason.issues)
  }
  const redis = await redisConfigOf(data).catch(collect)
  const policies = await policiesOf(data).catch(collect)
  if (!policies || issues.length > 0) throw new ConfigError(issues)
  return {
    host: data.HOST,
    port: data.PORT,
    database: {
      url: data.DATABASE_URL,
      dataDir: data.SHOP_DATA_DIR,
      schema: data.SHOP_DATABASE_SCHEMA,
      pool: data.SHOP_DATABASE_POOL,
      prepared: data.SHOP_DATABASE_PREPARED,
      waitMs: data.SHOP_DATABASE_WAIT_MS,
      migrate: data.SHOP_MIGRATE,
    },
    replicas: replicasOf(data),
    redis,
    tenants: tenantsConfigOf(data),
    preset: data.SHOP_PRESET,
    overrides: overridesOf(data),
    policies,
    currency: data.SHOP_CURRENCY,
    workers: data.SHOP_WORKERS,
    trustProxy: data.SHOP_TRUST_PROXY,
    auth: authOf(data),
    chargeAccess: data.SHOP_CHARGE_ACCESS,
    demoData: hasDemoData(data),
    demoPage: data.SHOP_DEMO_PAGE ?? true,
    demoSignIn: demoSignInOf(data),
    demoSignInRefused: refusedSignIn(data),
    dataPlatform: platformOf(data),
    rateLimit: data.SHOP_RATE_LIMIT,
    liveConnections: data.SHOP_LIVE_CONNECTIONS,
    corsOrigins: data.SHOP_CORS_ORIGINS,
    publicUrl: data.SHOP_PUBLIC_URL,
    drainMs: data.SHOP_DRAIN_MS,
    printsTokens: printsTokens(data),
    logLevel: data.LOG_LEVEL,
    startBegan: data.SHOP_START_BEGAN ?? performance.timeOrigin,
    warnings: [
      ...warningsOf(data, given),
      ...redisWarnings(redis, data),
      ...tenantsWarnings(data, given),
      ...(answersHttp ? chargeWarnings(data) : []),
    ],
  }
}

/** Values that are valid by themselves but conflict with each other. */
const conflicts = (data: Variables): ConfigIssue[] => {
  const issues: ConfigIssue[] = []
  if (data.SHOP_DATA_PLATFORM_URL && !data.SHOP_DATA_PLATFORM_SECRET) {
    issues.push({ variable: 'SHOP_DATA_PLATFORM_SECRET', reason: 'must be set because SHOP_DATA_PLATFORM_URL is set' })
  }
  return issues
}

const databaseIssues = async (data: Variables): Promise<readonly ConfigIssue[]> => {
  const { DATABASE_URL, SHOP_REPLICA_URLS = [] } = data
  const given = [
    ...(DATABASE_URL ? [{ variable: 'DATABASE_URL', url: DATABASE_URL }] : []),
    ...SHOP_REPLICA_URLS.map((url) => ({ variable: 'SHOP_REPLICA_URLS', url })),
  ]
  if (given.length === 0) return []
  const { checkDatabaseUrl, DatabaseUrlError } = await import('@shop/adapter-knex')
  return given.flatMap(({ variable, url }) => {
    try {
      checkDatabaseUrl(url.reveal())
      return []
    } catch (error) {
      if (!(error instanceof DatabaseUrlError)) throw error
      return [{ variable, reason: error.message.replace('databaseUrl ', '') }]
    }
  })
}

const authConflicts = (data: Variables): ConfigIssue[] => {
  if (data.SHOP_AUTH === 'off') {
    if (data.SHOP_AUTH_OFF_IS_SAFE || isLoopback(data.HOST)) return []
    const reason = `is off, so everyone is an administrator, and HOST=${data.HOST} is reachable from other machines: set SHOP_AUTH_OFF_IS_SAFE=on only if an authenticating gateway is the only way in`
    return [{ variable: 'SHOP_AUTH', reason }]
  }
  if (!data.SHOP_JWKS_URL) {
    if (!isProduction(data) || data.SHOP_JWT_SECRET) return []
    return [{ variable: 'SHOP_JWT_SECRET', reason: 'or SHOP_JWKS_URL must be set because NODE_ENV is production' }]
  }
  if (data.SHOP_JWT_ANY_ISSUER) return []
  const reason =
    'must be set with SHOP_JWKS_URL; otherwise any token signed by the key set is accepted (SHOP_JWT_ANY_ISSUER=on allows that)'
  return (['SHOP_JWT_ISSUER', 'SHOP_JWT_AUDIENCE'] as const).flatMap((variable) =>
    data[variable] === undefined ? [{ variable, reason }] : [],
  )
}

/** Accepts every common spelling: a misspelt `production` must not turn on features meant for trying the shop. */
const isProduction = ({ NODE_ENV = '' }: Variables): boolean => /^\s*prod(uction)?\s*$/i.test(NODE_ENV)

/** The overrides as given, not validated yet. */
const overridesOf = ({ SHOP_POLICIES = {} }: Variables) => SHOP_POLICIES as PolicyOverrides

const policiesOf = async (data: Variables): Promise<Policies> => {
  try {
    const policies = resolvePolicies(data.SHOP_PRESET, overridesOf(data))
    await checkSchedule(policies)
    return policies
  } catch (error) {
    if (!isPolicyError(error)) throw error
    throw new ConfigError([{ variable: 'SHOP_POLICIES', reason: `is invalid: ${error.message}` }])
  }
}

const authOf = (data: Variables): AuthConfig => {
  if (data.SHOP_AUTH === 'off') return { kind: 'off', isSafe: data.SHOP_AUTH_OFF_IS_SAFE }
  const claims = { issuer: data.SHOP_JWT_ISSUER, audience: data.SHOP_JWT_AUDIENCE }
  if (data.SHOP_JWKS_URL) {
    const { SHOP_JWKS_URL: url, SHOP_JWT_SECRET: secret, SHOP_JWT_ANY_ISSUER: anyIssuer } = data
    return { kind: 'jwks', url, secret, anyIssuer, ...claims }
  }
  const secret = data.SHOP_JWT_SECRET ?? new Secret(randomBytes(32).toString('base64url'))
  return { kind: 'secret', secret, isGenerated: data.SHOP_JWT_SECRET === undefined, ...claims }
}

const platformOf = ({ SHOP_DATA_PLATFORM_URL: url, SHOP_DATA_PLATFORM_SECRET: secret }: Variables) =>
  url !== undefined && secret !== undefined ? { url, secret } : undefined

const hasDemoData = ({ SHOP_DEMO_DATA, DATABASE_URL, SHOP_TENANTS }: Variables): boolean =>
  SHOP_DEMO_DATA ?? (DATABASE_URL === undefined && SHOP_TENANTS === undefined)

/** Why users of other machines may be able to reach the server. Undefined if they cannot. */
const exposureOf = (data: Variables): string | undefined => {
  const { HOST, SHOP_TRUST_PROXY } = data
  if (!isLoopback(HOST)) return `HOST=${HOST} is reachable from other machines`
  if (SHOP_TRUST_PROXY > 0) return `SHOP_TRUST_PROXY=${SHOP_TRUST_PROXY} means that a proxy is in front`
  return isProduction(data) ? 'NODE_ENV is production' : undefined
}

const demoSignInOf = (data: Variables): DemoSignIn => {
  if (data.SHOP_DEMO_SIGN_IN !== undefined) return data.SHOP_DEMO_SIGN_IN
  return exposureOf(data) === undefined ? 'local' : false
}

/**
 * People without the secret may read the output. Print tokens only if the secret is generated, or if demo
 * sign-in gives the same tokens to everyone.
 */
const printsTokens = (data: Variables): boolean =>
  !isProduction(data) && (data.SHOP_JWT_SECRET === undefined || (hasDemoData(data) && demoSignInOf(data) !== false))

/**
 * Whether demo sign-in would issue tokens signed with a configured secret. Without a secret there is nothing to
 * refuse.
 */
const signsDemoUsersIn = (data: Variables): boolean => {
  const auth = authOf(data)
  return hasDemoData(data) && auth.kind !== 'off' && auth.secret !== undefined
}

const refusedSignIn = (data: Variables): string | undefined =>
  data.SHOP_DEMO_SIGN_IN === undefined && signsDemoUsersIn(data) ? exposureOf(data) : undefined

const warningsOf = (data: Variables, given: Readonly<Record<string, string>>): readonly string[] => {
  const warnings = unknownNames(given).map((name) => `${name} is not a variable of this server and is ignored`)
  const exposure = exposureOf(data)
  if (data.SHOP_DEMO_SIGN_IN && signsDemoUsersIn(data) && exposure) {
    warnings.push(
      `SHOP_DEMO_SIGN_IN is on: everyone who can reach this server can sign in as an administrator, and ${exposure}`,
    )
  }
  if (given['SHOP_RATE_LIMIT'] !== undefined && data.SHOP_RATE_LIMIT > 0 && data.SHOP_AUTH === 'off') {
    warnings.push(
      'SHOP_RATE_LIMIT has no effect because SHOP_AUTH is off: every caller is an administrator, and administrators are exempt',
    )
  }
  warnings.push(...replicaWarnings(data))
  if (data.SHOP_DATA_PLATFORM_SECRET && !data.SHOP_DATA_PLATFORM_URL) {
    warnings.push('SHOP_DATA_PLATFORM_SECRET is set but SHOP_DATA_PLATFORM_URL is not: events stay in the outbox')
  }
  return warnings
}

/** In production, a user who may charge its own balance makes money out of nothing. */
const chargeWarnings = (data: Variables): readonly string[] =>
  isProduction(data) && data.SHOP_CHARGE_ACCESS === 'user'
    ? [
        'SHOP_CHARGE_ACCESS is user: every user can charge its own balance without a payment, and NODE_ENV is production; set it to administrator unless a gateway takes the payment',
      ]
    : []
