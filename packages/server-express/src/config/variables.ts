import { presetNames } from '@shop/core'
import { z } from 'zod'
import * as value from './values.js'

/** Every environment variable of the server, with its format and default. */
export const variables = z.object({
  PORT: value.wholeNumber(0, 65_535).default(3_000),
  HOST: value.host.default('127.0.0.1'),
  DATABASE_URL: value.postgresUrl.optional(),
  SHOP_DATA_DIR: value.folder.default('.shop-data'),
  SHOP_DATABASE_SCHEMA: value.schemaName.default('shop'),
  SHOP_DATABASE_POOL: value.wholeNumber(1, 1_000).default(10),
  SHOP_DATABASE_PREPARED: value.onOff.default(true),
  SHOP_DATABASE_WAIT_MS: value.wholeNumber(0, 9_000).default(0),
  SHOP_REPLICA_URLS: value.postgresUrls.optional(),
  SHOP_REPLICA_MAX_LAG_MS: value.wholeNumber(100, 60_000).default(1_000),
  SHOP_LIVE_FROM_REPLICAS: value.onOff.default(false),
  REDIS_URL: value.redisUrl.optional(),
  SHOP_TENANTS: value.folder.optional(),
  SHOP_TENANT_FROM: value.oneOf('claim', 'header', 'host').default('claim'),
  SHOP_TENANT_CLAIM: value.claim.optional(),
  SHOP_TENANT_HEADER: value.headerName.optional(),
  SHOP_TENANT_DOMAIN: value.domainName.optional(),
  SHOP_WORKERS: value.workers.default(1),
  SHOP_MIGRATE: value.onOff.default(true),
  SHOP_USER_LOCKS: value.onOff.default(false),
  SHOP_PRESET: value.oneOf(...presetNames).default('standard'),
  SHOP_POLICIES: value.json.optional(),
  SHOP_CURRENCY: value.currency.optional(),
  SHOP_TRUST_PROXY: value.wholeNumber(0, 100).default(0),
  SHOP_AUTH: value.oneOf('jwt', 'off').default('jwt'),
  SHOP_JWT_SECRET: value.signingSecret.optional(),
  SHOP_AUTH_OFF_IS_SAFE: value.onOff.default(false),
  SHOP_JWKS_URL: value.keySetUrl.optional(),
  SHOP_JWT_ISSUER: value.claim.optional(),
  SHOP_JWT_AUDIENCE: value.claim.optional(),
  SHOP_JWT_ANY_ISSUER: value.onOff.default(false),
  SHOP_CHARGE_ACCESS: value.oneOf('user', 'administrator').default('user'),
  SHOP_DEMO_DATA: value.onOff.optional(),
  SHOP_DEMO_PAGE: value.onOff.optional(),
  SHOP_DEMO_SIGN_IN: value.onOff.optional(),
  SHOP_DATA_PLATFORM_URL: value.httpUrl.optional(),
  SHOP_DATA_PLATFORM_SECRET: value.webhookSecret.optional(),
  SHOP_CORS_ORIGINS: value.origins.optional(),
  SHOP_PUBLIC_URL: value.publicUrl.optional(),
  SHOP_RATE_LIMIT: value.wholeNumber(0, 1_000_000).default(300),
  SHOP_LIVE_CONNECTIONS: value.wholeNumber(0, 100_000).default(1_000),
  SHOP_DRAIN_MS: value.wholeNumber(0, 300_000).default(0),
  /** `production` turns off, by default, everything meant for trying the shop. */
  NODE_ENV: z.string().optional(),
  LOG_LEVEL: value.oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  /** Start time of `npm start` in milliseconds since 1970. Set by `npm start`, not by hand. */
  SHOP_START_BEGAN: z.coerce.number().optional().catch(undefined),
})

export type Variables = z.output<typeof variables>

/** An empty value of these is an error: most likely it was lost in a deployment script, and the default is less strict. */
const neverBlank = new Set(['SHOP_JWT_SECRET', 'SHOP_DATA_PLATFORM_SECRET', 'SHOP_CHARGE_ACCESS'])

/** Treats other empty values as unset: files and containers often write `DATABASE_URL=`. */
export const withoutBlanks = (environment: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => {
      const [name, text] = entry
      return text !== undefined && (text !== '' || neverBlank.has(name))
    }),
  )

/** Unknown variables with the prefix SHOP_, most likely misspelt. */
export const unknownNames = (environment: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(environment).filter((name) => name.startsWith('SHOP_') && !Object.hasOwn(variables.shape, name))
