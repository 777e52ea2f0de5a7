import { inspect } from 'node:util'
import { resolvePolicies } from '@shop/core'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.js'
import { keySet, linesOf, secret } from './support.js'

const webhookSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe('without variables', () => {
  test('every setting has its default', async () => {
    const config = await readConfig({})
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3_000,
      database: { url: undefined, dataDir: '.shop-data', schema: 'shop', pool: 10, prepared: true, migrate: true },
      policies: resolvePolicies(),
      currency: undefined,
      trustProxy: 0,
      auth: { kind: 'secret', isGenerated: true, issuer: undefined, audience: undefined },
      demoData: true,
      demoSignIn: 'local',
      printsTokens: true,
      redis: undefined,
      dataPlatform: undefined,
      rateLimit: 300,
      liveConnections: 1_000,
      drainMs: 0,
      logLevel: 'info',
      warnings: [],
    })
  })

  test('the generated secret is random and long', async () => {
    const secrets = await Promise.all(
      [1, 2].map(async () => {
        const { auth } = await readConfig({})
        return auth.kind === 'secret' ? auth.secret.reveal() : ''
      }),
    )
    expect(new Set(secrets).size).toBe(2)
    for (const each of secrets) expect(Buffer.from(each, 'base64url').length).toBe(32)
  })
})

describe('variables that are set', () => {
  test('are read', async () => {
    const config = await readConfig({
      PORT: '0',
      HOST: '::1',
      DATABASE_URL: 'postgres://me:pass@db:5432/shop',
      SHOP_DATABASE_SCHEMA: 'other',
      SHOP_DATABASE_POOL: '25',
      SHOP_DATABASE_PREPARED: 'off',
      SHOP_PRESET: 'take-at-payment',
      SHOP_POLICIES: '{"order":{"holdMinutes":0.5},"ranking":{"schedule":"*/7 * * * * *"}}',
      SHOP_CURRENCY: 'EUR',
      SHOP_TRUST_PROXY: '2',
      SHOP_JWT_SECRET: secret,
      SHOP_JWT_ISSUER: 'https://issuer.example',
      SHOP_JWT_AUDIENCE: 'shop',
      SHOP_DATA_PLATFORM_URL: 'https://platform.example/events',
      SHOP_DATA_PLATFORM_SECRET: webhookSecret,
      SHOP_RATE_LIMIT: '600',
      SHOP_LIVE_CONNECTIONS: '3',
      SHOP_DRAIN_MS: '5000',
      REDIS_URL: 'redis://one:6379, rediss://me:hidden@two:6379,redis://three',
      SHOP_USER_LOCKS: 'on',
      LOG_LEVEL: 'debug',
      SHOP_START_BEGAN: '1000',
    })
    expect(config).toMatchObject({
      port: 0,
      host: '::1',
      database: { schema: 'other', pool: 25, prepared: false },
      currency: 'EUR',
      trustProxy: 2,
      auth: { kind: 'secret', isGenerated: false, issuer: 'https://issuer.example', audience: 'shop' },
      demoData: false,
      rateLimit: 600,
      liveConnections: 3,
      drainMs: 5_000,
      redis: { userLocks: true },
      logLevel: 'debug',
      startBegan: 1_000,
    })
    expect(config.policies).toEqual(
      resolvePolicies('take-at-payment', { order: { holdMinutes: 0.5 }, ranking: { schedule: '*/7 * * * * *' } }),
    )
    expect(config.database.url?.reveal()).toBe('postgres://me:pass@db:5432/shop')
    expect(config.dataPlatform?.url.reveal()).toBe('https://platform.example/events')
    expect(config.dataPlatform?.secret.reveal()).toBe(webhookSecret)
  })

  test.each(['on', '1', 'true'])('SHOP_DEMO_DATA=%s turns demo data on for an external database', async (value) => {
    const { demoData } = await readConfig({ DATABASE_URL: 'postgres://db/shop', SHOP_DEMO_DATA: value })
    expect(demoData).toBe(true)
  })

  test.each(['off', '0', 'false'])('SHOP_DEMO_DATA=%s leaves the embedded database empty', async (value) => {
    expect((await readConfig({ SHOP_DEMO_DATA: value })).demoData).toBe(false)
  })

  test('SHOP_AUTH=off and SHOP_JWKS_URL each select their kind of authentication', async () => {
    expect((await readConfig({ SHOP_AUTH: 'off' })).auth).toEqual({ kind: 'off', isSafe: false })
    const { auth } = await readConfig(keySet)
    expect(auth).toMatchObject({ kind: 'jwks', issuer: 'https://login.example', audience: 'shop', anyIssuer: false })
    expect(auth.kind === 'jwks' && auth.url.reveal()).toBe('https://keys.example/jwks')
  })

  test('an empty value counts as unset', async () => {
    const config = await readConfig({ PORT: '', DATABASE_URL: '', SHOP_DATA_PLATFORM_URL: '' })
    expect(config).toMatchObject({ port: 3_000, database: { url: undefined }, dataPlatform: undefined })
  })

  test.each([
    ['on', true],
    ['off', false],
    [undefined, true],
  ])('SHOP_DEMO_PAGE=%s turns the page on or off', async (value, demoPage) => {
    expect(await readConfig({ SHOP_DEMO_PAGE: value })).toMatchObject({ demoPage, warnings: [] })
  })
})

describe('valid settings that are probably unintended', () => {
  test.each([
    [
      { SHOP_DEMO_SIGN_IN: 'on', HOST: '0.0.0.0' },
      /^SHOP_DEMO_SIGN_IN is on: everyone .* HOST=0\.0\.0\.0 is reachable/,
    ],
    [{ SHOP_DEMO_SIGN_IN: 'on', SHOP_TRUST_PROXY: '1' }, /^SHOP_DEMO_SIGN_IN is on: .* a proxy is in front/],
    [{ REDIS_URL: 'redis://one:6379,redis://two:6379' }, /^REDIS_URL has several nodes.*only the first node is used/],
    [
      { REDIS_URL: 'redis://one:6379,redis://two:6379', SHOP_USER_LOCKS: 'on' },
      /^REDIS_URL has an even number of nodes/,
    ],
    [{ SHOP_RATE_LIMIT: '5', SHOP_AUTH: 'off' }, /^SHOP_RATE_LIMIT has no effect because SHOP_AUTH is off/],
    [{ SHOP_USER_LOCKS: 'on' }, /^SHOP_USER_LOCKS has no effect because REDIS_URL is not set/],
    [{ SHOP_JWT_SECERT: secret }, /^SHOP_JWT_SECERT is not a variable of this server/],
    [{ SHOP_DATA_PLATFORM_SECRET: webhookSecret }, /SHOP_DATA_PLATFORM_URL is not: events stay/],
  ])('%o causes a warning', async (environment, warning) => {
    const { warnings } = await readConfig(environment)
    expect(warnings).toEqual([expect.stringMatching(warning)])
  })
})

describe('an invalid value causes one line that names the variable', () => {
  test.each<[variable: string, value: string, reason?: RegExp]>([
    ['PORT', 'http'],
    ['PORT', '65536', /0 to 65535/],
    ['PORT', '-1'],
    ['PORT', '3000.5'],
    ['PORT', '0x10'],
    ['PORT', ' 3000'],
    ['HOST', 'not a host'],
    ['HOST', 'http://localhost'],
    ['DATABASE_URL', 'localhost:5432'],
    ['DATABASE_URL', 'mysql://me:pass@db/shop', /postgres:\/\//],
    ['DATABASE_URL', 'postgres://me:pass@one,two/shop', /several hosts/],
    ['DATABASE_URL', 'postgres://me:p,ss@one:5432,two:5433/shop', /several hosts/],
    ['DATABASE_URL', 'postgres:///shop?host=one,two', /several hosts/],
    [
      'DATABASE_URL',
      'postgres://db/shop?target_session_attrs=read-write',
      /target_session_attrs, which is not supported/,
    ],
    ['DATABASE_URL', 'postgres://db/shop?sslmode=require&load_balance_hosts=random', /load_balance_hosts/],
    ['DATABASE_URL', 'postgres://db/shop?hostaddr=10.0.0.1', /hostaddr/],
    ['DATABASE_URL', 'postgres://db/shop?service=main', /service/],
    ['SHOP_DATABASE_PREPARED', 'no'],
    ['SHOP_DATABASE_SCHEMA', 'shop; drop schema shop'],
    ['SHOP_DATABASE_SCHEMA', 'pg_catalog'],
    ['SHOP_DATABASE_SCHEMA', 'x'.repeat(64)],
    ['SHOP_DATABASE_POOL', '0'],
    ['SHOP_DATABASE_POOL', 'ten'],
    ['REDIS_URL', 'redis://one,http://two'],
    ['REDIS_URL', 'redis://:100%safe@one', /as %25/],
    ['REDIS_URL', 'redis://one,two'],
    ['REDIS_URL', 'redis-cluster://one:0', /redis-cluster:/],
    ['REDIS_URL', 'redis-sentinel://one', /host1,host2\/name/],
    ['REDIS_URL', 'redis-cluster://one,two,redis://three', /a cluster or a Sentinel group alone/],
    ['REDIS_URL', 'redis-sentinel://one/a,redis-sentinel://one/b', /alone/],
    ['SHOP_PRESET', 'strict', /standard, hold-at-order/],
    ['SHOP_PRESET', 'toString'],
    ['SHOP_POLICIES', '{', /not JSON/],
    ['SHOP_POLICIES', '[]', /must be an object/],
    ['SHOP_POLICIES', 'null'],
    ['SHOP_POLICIES', '{"charge":{"minimum":0}}', /charge\.minimum: must be a whole number/],
    ['SHOP_POLICIES', '{"charge":{"min":1}}', /charge\.min: is not a policy/],
    ['SHOP_POLICIES', '{"__proto__":{"minimum":1}}', /__proto__/],
    ['SHOP_POLICIES', '{"stock":{"takenAt":"payment","shortage":"drop-lines"}}', /stock\.shortage/],
    ['SHOP_POLICIES', '{"ranking":{"schedule":"99 * * * *"}}', /ranking\.schedule/],
    ['SHOP_POLICIES', '{"ranking":{"schedule":"0 0 30 2 *"}}', /ranking\.schedule: is invalid, or never occurs/],
    ['SHOP_POLICIES', '{"ranking":{"timeZone":"Asia/Soul"}}', /ranking\.timeZone/],
    ['SHOP_CURRENCY', 'DOLLARS', /ISO 4217/],
    ['SHOP_CURRENCY', 'usd'],
    ['SHOP_TRUST_PROXY', 'true'],
    ['SHOP_AUTH', 'none', /jwt, off/],
    ['SHOP_JWT_SECRET', 'x'.repeat(31), /32 bytes/],
    ['SHOP_JWT_SECRET', ' '.repeat(40), /32 bytes/],
    ['SHOP_JWT_SECRET', ' a-secret-for-this-machine-only-change-it\n', /published example/],
    ['SHOP_JWT_SECRET', ''],
    ['SHOP_JWT_SECRET', 'a-secret-for-this-machine-only-change-it', /published example/],
    ['SHOP_JWKS_URL', 'keys.example/jwks'],
    ['SHOP_JWKS_URL', 'http://keys.example/jwks', /https/],
    ['SHOP_JWKS_URL', 'http://127.0.0.1.example/jwks', /https/],
    ['SHOP_JWKS_URL', 'http://10.0.0.7/jwks', /https/],
    ['SHOP_JWKS_URL', 'https://me:pass@keys.example/jwks'],
    ['SHOP_JWKS_URL', 'file:///etc/passwd'],
    ['SHOP_JWT_ISSUER', '  '],
    ['SHOP_JWT_AUDIENCE', '  '],
    ['SHOP_DEMO_DATA', 'yes'],
    ['SHOP_DEMO_PAGE', 'yes'],
    ['SHOP_DEMO_SIGN_IN', 'yes'],
    ['SHOP_JWT_ANY_ISSUER', 'yes'],
    ['SHOP_AUTH_OFF_IS_SAFE', 'yes'],
    ['SHOP_MIGRATE', 'no'],
    ['SHOP_DATA_PLATFORM_URL', 'ftp://platform.example'],
    ['SHOP_DATA_PLATFORM_URL', 'https://me:pass@platform.example'],
    ['SHOP_DATA_PLATFORM_SECRET', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', /whsec_/],
    ['SHOP_DATA_PLATFORM_SECRET', `whsec_${Buffer.alloc(23, 1).toString('base64')}`, /24 to 64/],
    ['SHOP_DATA_PLATFORM_SECRET', `whsec_${Buffer.alloc(65, 1).toString('base64')}`],
    ['SHOP_DATA_PLATFORM_SECRET', 'whsec_not-base64-not-base64-not-base64'],
    ['SHOP_DATA_PLATFORM_SECRET', ''],
    ['SHOP_RATE_LIMIT', '-5'],
    ['SHOP_LIVE_CONNECTIONS', '-1'],
    ['SHOP_LIVE_CONNECTIONS', '100001'],
    ['SHOP_LIVE_CONNECTIONS', 'many'],
    ['SHOP_DRAIN_MS', '5s'],
    ['SHOP_DRAIN_MS', '300001'],
    ['LOG_LEVEL', 'verbose', /fatal, error, warn/],
  ])('%s=%s', async (variable, value, reason = /./) => {
    const lines = await linesOf({ [variable]: value })
    expect(lines).toEqual([expect.stringMatching(new RegExp(`^${variable} .*${reason.source}`))])
  })

  test.each([
    'postgres://me:p,ss@db/shop',
    'postgres://db/a,b',
    'postgres://db/shop?application_name=a,b&target_session_attrs=any',
    'postgres://[::1]:5432/shop',
    'postgres:///shop?host=/run/postgresql',
  ])('accepts %s, a URL of one host', async (DATABASE_URL) => {
    expect((await readConfig({ DATABASE_URL })).database.url?.reveal()).toBe(DATABASE_URL)
  })

  test('a variable that requires another one', async () => {
    expect(await linesOf({ SHOP_DATA_PLATFORM_URL: 'https://platform.example' })).toEqual([
      expect.stringMatching(/^SHOP_DATA_PLATFORM_SECRET must be set/),
    ])
  })

  test.each(['redis-cluster://one,two', 'rediss-sentinel://one,two/shop'])(
    'accepts %s, but no locks of users over it',
    async (REDIS_URL) => {
      const { redis, warnings } = await readConfig({ REDIS_URL })
      expect(redis?.urls.map((url) => url.reveal())).toEqual([REDIS_URL])
      expect(warnings).toEqual([])
      expect(await linesOf({ REDIS_URL, SHOP_USER_LOCKS: 'on' })).toEqual([
        expect.stringMatching(/^SHOP_USER_LOCKS must be off .* cannot be a majority/),
      ])
    },
  )

  test('several invalid values cause one line each', async () => {
    const lines = await linesOf({ PORT: 'x', LOG_LEVEL: 'x', SHOP_AUTH: 'x' })
    expect(lines.map((line) => line.split(' ')[0]).sort()).toEqual(['LOG_LEVEL', 'PORT', 'SHOP_AUTH'])
  })

  test('the line does not repeat a value that may be secret', async () => {
    const lines = await linesOf({
      DATABASE_URL: 'mysql://me:canary@db/shop',
      SHOP_JWT_SECRET: 'canary',
      SHOP_DATA_PLATFORM_SECRET: 'canary',
      REDIS_URL: 'http://me:canary@redis',
    })
    expect(lines).toHaveLength(4)
    const more = await linesOf({ REDIS_URL: 'redis-sentinel://:canary@one/shop?sentinelPassword=canary&canary=1' })
    expect(more).toHaveLength(1)
    expect([...lines, ...more].join()).not.toContain('canary')
  })
})

test('secrets are masked in every form of output', async () => {
  const config = await readConfig({
    DATABASE_URL: 'postgres://me:canary@db/shop',
    SHOP_JWT_SECRET: `canary${secret}`,
    SHOP_DATA_PLATFORM_URL: 'https://platform.example/events?token=canary',
    SHOP_DATA_PLATFORM_SECRET: webhookSecret,
    REDIS_URL: 'redis://:canary@cache',
    ...keySet,
    SHOP_JWKS_URL: 'https://keys.example/jwks?key=canary',
  })
  for (const text of [JSON.stringify(config), inspect(config, { depth: 9 }), `${config.database.url}`]) {
    expect(text).not.toContain('canary')
    expect(text).not.toContain(webhookSecret)
    expect(text).toContain('[secret]')
  }
})
