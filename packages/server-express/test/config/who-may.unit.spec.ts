import { describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.js'
import { keySet, linesOf, secret } from './support.js'

describe('demo sign-in', () => {
  test.each([[{}], [{ HOST: 'localhost' }], [{ HOST: '127.8.8.8' }], [{ HOST: '::1', SHOP_JWT_SECRET: secret }]])(
    'is on for this machine with %o',
    async (environment) => {
      expect(await readConfig(environment)).toMatchObject({ demoSignIn: 'local', demoSignInRefused: undefined })
    },
  )

  test.each([
    [{ SHOP_DEMO_SIGN_IN: 'on' }],
    [{ HOST: '0.0.0.0', SHOP_DEMO_SIGN_IN: 'on' }],
    [{ SHOP_TRUST_PROXY: '1', SHOP_DEMO_SIGN_IN: 'on' }],
  ])('is on for everyone with %o', async (environment) => {
    expect(await readConfig(environment)).toMatchObject({ demoSignIn: true, demoSignInRefused: undefined })
  })

  test.each([
    [{ HOST: '0.0.0.0' }, 'HOST=0.0.0.0 is reachable from other machines'],
    [{ HOST: '::' }, 'HOST=:: is reachable from other machines'],
    [{ HOST: '127.0.0.1.example.com' }, 'HOST=127.0.0.1.example.com is reachable from other machines'],
    [{ SHOP_TRUST_PROXY: '2' }, 'SHOP_TRUST_PROXY=2 means that a proxy is in front'],
    [{ HOST: '10.0.0.7', ...keySet, SHOP_JWT_SECRET: secret }, /^HOST=10/],
    [{ NODE_ENV: 'production', SHOP_JWT_SECRET: secret }, 'NODE_ENV is production'],
    [{ NODE_ENV: 'Production', SHOP_JWT_SECRET: secret }, 'NODE_ENV is production'],
  ])('is off with %o, with a reason', async (environment, reason) => {
    const { demoSignIn, demoSignInRefused, warnings } = await readConfig({
      ...environment,
      SHOP_CHARGE_ACCESS: 'administrator',
    })
    expect([demoSignIn, demoSignInRefused, warnings]).toEqual([false, expect.stringMatching(reason), []])
  })

  test.each([
    [{ SHOP_DEMO_SIGN_IN: 'off' }],
    [{ HOST: '0.0.0.0', SHOP_DEMO_SIGN_IN: 'off' }],
    [{ HOST: '0.0.0.0', SHOP_DEMO_DATA: 'off' }],
    [{ HOST: '0.0.0.0', ...keySet }],
    [{ HOST: '0.0.0.0', SHOP_AUTH: 'off', SHOP_AUTH_OFF_IS_SAFE: 'on' }],
  ])('gives no reason if it could not issue tokens anyway: %o', async (environment) => {
    expect(await readConfig(environment)).toMatchObject({
      demoSignIn: false,
      demoSignInRefused: undefined,
      warnings: [],
    })
  })
})

describe('tokens are printed', () => {
  test.each<[environment: Record<string, string>, printed: boolean]>([
    [{}, true],
    [{ HOST: '0.0.0.0', SHOP_DEMO_DATA: 'off' }, true],
    [{ SHOP_JWT_SECRET: secret }, true],
    [{ SHOP_JWT_SECRET: secret, HOST: '0.0.0.0', SHOP_DEMO_SIGN_IN: 'on' }, true],
    [{ SHOP_JWT_SECRET: secret, HOST: '0.0.0.0' }, false],
    [{ SHOP_JWT_SECRET: secret, SHOP_TRUST_PROXY: '1' }, false],
    [{ SHOP_JWT_SECRET: secret, SHOP_DEMO_SIGN_IN: 'off' }, false],
    [{ SHOP_JWT_SECRET: secret, SHOP_DEMO_DATA: 'off' }, false],
    [{ SHOP_JWT_SECRET: secret, SHOP_DEMO_SIGN_IN: 'on', NODE_ENV: 'production' }, false],
  ])('with %o: %s', async (environment, printsTokens) => {
    expect(await readConfig(environment)).toMatchObject({ printsTokens })
  })
})

describe('a key set', () => {
  test.each([
    [['SHOP_JWT_ISSUER', 'SHOP_JWT_AUDIENCE'], { SHOP_JWKS_URL: keySet.SHOP_JWKS_URL }],
    [['SHOP_JWT_ISSUER'], { ...keySet, SHOP_JWT_ISSUER: '' }],
    [['SHOP_JWT_AUDIENCE'], { ...keySet, SHOP_JWT_AUDIENCE: '' }],
  ])('is refused without %o', async (variables, environment) => {
    const line = (variable: string) => expect.stringMatching(`^${variable} must be set .*SHOP_JWT_ANY_ISSUER=on`)
    expect(await linesOf(environment)).toEqual(variables.map(line))
  })

  test('with SHOP_JWT_ANY_ISSUER=on needs neither issuer nor audience', async () => {
    const { auth } = await readConfig({ SHOP_JWKS_URL: keySet.SHOP_JWKS_URL, SHOP_JWT_ANY_ISSUER: 'on' })
    expect(auth).toMatchObject({ kind: 'jwks', anyIssuer: true, issuer: undefined, audience: undefined })
  })

  test.each(['http://localhost:8080/jwks', 'http://127.0.0.1/jwks', 'http://[::1]:8080/jwks'])(
    'may use http on this machine: %s',
    async (SHOP_JWKS_URL) => {
      expect(await readConfig({ ...keySet, SHOP_JWKS_URL })).toMatchObject({ auth: { kind: 'jwks' } })
    },
  )
})

describe('in production', () => {
  const production = { NODE_ENV: 'production' }

  test.each(['production', 'Production', 'PRODUCTION ', 'prod'])(
    'the server refuses to start without a secret or a key set: %j',
    async (NODE_ENV) => {
      expect(await linesOf({ NODE_ENV })).toEqual([
        expect.stringMatching(/^SHOP_JWT_SECRET or SHOP_JWKS_URL must be set/),
      ])
    },
  )

  test.each([{ SHOP_JWT_SECRET: secret }, keySet, { SHOP_AUTH: 'off' }])(
    'the server starts with %o',
    async (environment) => {
      await expect(readConfig({ ...production, ...environment })).resolves.toBeDefined()
    },
  )
})

describe('who may charge', () => {
  const production = { NODE_ENV: 'production', SHOP_JWT_SECRET: secret }

  test('is every user unless only administrators may', async () => {
    expect(await readConfig({})).toMatchObject({ chargeAccess: 'user', warnings: [] })
    const strict = { ...production, SHOP_CHARGE_ACCESS: 'administrator' }
    expect(await readConfig(strict)).toMatchObject({ chargeAccess: 'administrator', warnings: [] })
  })

  test.each([{}, { SHOP_CHARGE_ACCESS: 'user' }])('is warned of in production with %o', async (environment) => {
    const { warnings } = await readConfig({ ...production, ...environment })
    expect(warnings).toEqual([expect.stringMatching(/^SHOP_CHARGE_ACCESS is user: .*NODE_ENV is production/)])
    expect((await readConfig({ ...production, ...environment }, { answersHttp: false })).warnings).toEqual([])
  })

  test.each(['', 'nobody', 'Administrator', 'user,administrator'])('is not %j', async (SHOP_CHARGE_ACCESS) => {
    expect(await linesOf({ SHOP_CHARGE_ACCESS })).toEqual(['SHOP_CHARGE_ACCESS must be one of user, administrator'])
  })
})

describe('without authentication', () => {
  test.each([
    { HOST: '0.0.0.0' },
    { HOST: '::' },
    { HOST: '10.0.0.7', SHOP_TRUST_PROXY: '1' },
    { HOST: 'shop.internal', SHOP_TRUST_PROXY: '2' },
  ])('the server accepts only a loopback HOST unless SHOP_AUTH_OFF_IS_SAFE is on: %o', async (environment) => {
    expect(await linesOf({ SHOP_AUTH: 'off', ...environment })).toEqual([
      expect.stringMatching(/^SHOP_AUTH .*SHOP_AUTH_OFF_IS_SAFE=on/),
    ])
    const { auth } = await readConfig({ SHOP_AUTH: 'off', SHOP_AUTH_OFF_IS_SAFE: 'on', ...environment })
    expect(auth).toEqual({ kind: 'off', isSafe: true })
  })
})
