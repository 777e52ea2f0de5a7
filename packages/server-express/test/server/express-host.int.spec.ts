import express, { type RequestHandler } from 'express'
import { SignJWT } from 'jose'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { type Answer, host, type Options } from './support/host.js'

const secret = 'a secret of at least 32 bytes, for tests'

/** As passport does: a cookie names a session, the session has a user. */
const sessions: RequestHandler = (request, _response, next) => {
  const [, userId] = /session=(\w+)/.exec(request.headers.cookie ?? '') ?? []
  if (userId !== undefined) Object.assign(request, { user: { id: userId, isAdmin: userId === 'root' } })
  next()
}

const bySession: Options['authenticate'] = (request) => {
  const { user } = request as unknown as { user?: { id: string; isAdmin: boolean } }
  return user && { userId: user.id, roles: user.isAdmin ? ['admin'] : [] }
}

const cookie = (userId: string) => ({ cookie: `session=${userId}` })
const charge = (userId: string) => ({ userId, amount: 500 })

describe('in an application of the host', () => {
  const mounted = () =>
    host({ authenticate: bySession }, (app, shop) => {
      app.use(express.json(), sessions)
      app.get('/mine', (_request, response) => void response.send('mine'))
      app.use('/shop', shop.router)
      app.get('/shop/own', (_request, response) => void response.send('own'))
      app.use((_request, response) => void response.status(404).send('the page of the host'))
    })

  test('a session authenticates', async () => {
    const { call } = await mounted()
    const charged = await call('POST', '/shop/api/balance/charge', charge('mina'), cookie('mina'))
    expect([charged.status, charged.body.balance]).toEqual([200, 500])
    expect((await call('GET', '/shop/api/balance/mina', undefined, cookie('mina'))).body.balance).toBe(500)
    expect((await call('GET', '/shop/api/balance/mina', undefined, cookie('joon'))).body.code).toBe('FORBIDDEN')
    const { body } = await call('GET', '/shop/api/balance/mina')
    expect([body.code, body.detail]).toEqual(['UNAUTHENTICATED', 'You are not signed in.'])
    expect((await call('GET', '/shop/api/admin/audit', undefined, cookie('root'))).body.ok).toBe(true)
  })

  test('routes of the host are answered, in front of the shop and behind it', async () => {
    const { call } = await mounted()
    expect((await call('GET', '/mine')).text).toBe('mine')
    expect((await call('GET', '/shop/own')).text).toBe('own')
    expect((await call('GET', '/shop/none')).text).toBe('the page of the host')
    expect((await call('GET', '/shop/%ZZ')).status).toBe(404)
  })

  test('a path of the shop with another method is 405, with the prefix in the instance', async () => {
    const { call } = await mounted()
    const { status, headers, body } = await call('DELETE', '/shop/api/orders')
    expect([status, headers.get('allow'), body.instance]).toEqual([405, 'POST, GET, HEAD', '/shop/api/orders'])
    expect(body.type).toBe('/shop/docs/problems#METHOD_NOT_ALLOWED')
  })

  test('Location has the prefix', async () => {
    const { call } = await mounted()
    const { headers } = await call('POST', '/shop/api/users', { userId: 'mina' }, cookie('mina'))
    expect(headers.get('location')).toBe('/shop/api/balance/mina')
  })
})

test('Strict-Transport-Security is the decision of the host, and ours where we serve alone', async () => {
  const auth = { auth: 'off', authOffIsSafe: true } as const
  const mounted = await host(auth)
  const alone = await host(auth, (app, shop) => app.use(shop.app))
  const of = ({ headers }: Answer) =>
    ['strict-transport-security', 'x-content-type-options'].map((name) => headers.has(name))
  expect(of(await mounted.call('GET', '/shop/api/products'))).toEqual([false, true])
  expect(of(await alone.call('GET', '/api/products'))).toEqual([true, true])
})

test.each([
  ['trusts a proxy', 1, 0],
  ['trusts none', false, 1],
])('a host that %s (%s) gets %s warnings of forwarded requests', async (_, trustProxy, warnings) => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  const { call } = await host({ authenticate: () => undefined, rateLimit: 100, logger }, (app, shop) => {
    app.set('trust proxy', trustProxy)
    app.use('/shop', shop.router)
  })
  await call('GET', '/shop/api/products', undefined, { 'x-forwarded-for': '192.0.2.1' })
  expect(lines.filter((line) => line.includes('X-Forwarded-For'))).toHaveLength(warnings)
})

test.each([
  ['{bad', 400, 'INVALID_REQUEST'],
  [JSON.stringify('x'.repeat(200_000)), 413, 'PAYLOAD_TOO_LARGE'],
])('a refusal of a body parser in routes.before is no bug (%.4s)', async (body, status, code) => {
  const routes: Options['routes'] = { before: [express.json()], errors: 'next' }
  const { call } = await host({ authenticate: () => undefined, routes })
  const answer = await call('POST', '/shop/api/orders', body)
  expect([answer.status, answer.body.code]).toEqual([status, code])
})

test('the application itself can be served, and answers every path', async () => {
  const { call } = await host({ auth: 'off', authOffIsSafe: true }, (app, shop) => app.use(shop.app))
  expect((await call('GET', '/none')).body.code).toBe('NOT_FOUND')
})

describe('a session of another site', () => {
  test('cannot be used for a write without a body', async () => {
    const { call } = await host({ authenticate: bySession }, (app, shop) => app.use(sessions, shop.router))
    const headers = { ...cookie('mina'), origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
    expect((await call('POST', '/api/orders/an-order/cancel', undefined, headers)).status).toBe(415)
  })
})

describe('routes.before, at and replace', () => {
  const seen: string[] = []
  const note =
    (name: string): RequestHandler =>
    (request, _response, next) => {
      seen.push(`${name} ${request.shop?.caller.userId ?? '-'}`)
      next()
    }
  const routes: Options['routes'] = {
    before: [note('before')],
    at: { 'POST /api/users': [note('first'), note('second')], 'GET /api/balance/{userId}': [note('read')] },
    replace: {
      'POST /api/balance/charge': (request, response) => {
        response.status(202).json({ of: request.shop?.body, for: request.shop?.caller.userId })
      },
      'POST /api/payments': false,
    },
  }
  const withRoutes = () => host({ authenticate: bySession, routes }, (app, shop) => app.use(sessions, shop.router))

  test('run in their order: before everything, and after authorisation', async () => {
    const { call } = await withRoutes()
    seen.length = 0
    expect((await call('POST', '/api/users', { userId: 'mina' }, cookie('mina'))).status).toBe(201)
    expect((await call('POST', '/api/users', { userId: 'mina' }, cookie('joon'))).status).toBe(403)
    expect(seen).toEqual(['before -', 'first mina', 'second mina', 'before -'])
  })

  test('a replaced handler gets what the shop has checked', async () => {
    const { call } = await withRoutes()
    const { status, body } = await call('POST', '/api/balance/charge', charge('mina'), cookie('mina'))
    expect([status, body]).toEqual([202, { of: charge('mina'), for: 'mina' }])
    expect((await call('POST', '/api/balance/charge', { userId: 'mina' }, cookie('mina'))).status).toBe(400)
  })

  test('a removed route is not there, and the document does not show it', async () => {
    const { call } = await withRoutes()
    const document = (await call('GET', '/openapi.json')).body
    expect(document.paths['/api/payments']).toBeUndefined()
    expect((await call('POST', '/api/payments', {}, cookie('mina'))).status).toBe(404)
  })

  test('a handler that answers ends the request; one that throws is reported', async () => {
    const stop: RequestHandler = (_request, response) => void response.status(418).send('no')
    const broken: RequestHandler = () => {
      throw new Error('broken')
    }
    const { call } = await host({
      auth: 'off',
      authOffIsSafe: true,
      routes: { at: { 'POST /api/users': [stop], 'POST /api/orders': [broken] } },
    })
    expect((await call('POST', '/shop/api/users', { userId: 'a' })).status).toBe(418)
    const products = [{ productId: 'p', quantity: 1 }]
    expect((await call('POST', '/shop/api/orders', { userId: 'a', products })).body.code).toBe('INTERNAL')
  })

  test('errors go to the host where it wants them', async () => {
    const broken: RequestHandler = async () => {
      throw new Error('broken')
    }
    const routes: Options['routes'] = { errors: 'next', at: { 'POST /api/users': [broken] } }
    const { call } = await host({ auth: 'off', authOffIsSafe: true, routes }, (app, shop) => {
      app.use(shop.router)
      const handler: express.ErrorRequestHandler = (error, _request, response, _next) => {
        response.status(500).send(`sentry: ${error.message}`)
      }
      app.use(handler)
    })
    expect((await call('POST', '/api/users', { userId: 'a' })).text).toBe('sentry: broken')
    expect((await call('GET', '/api/products/none')).body.code).toBe('PRODUCT_NOT_FOUND')
  })

  test('requests that no route matches go to the host of the application, too', async () => {
    const { call } = await host({ auth: 'off', authOffIsSafe: true, routes: { notFound: 'next' } }, (app, shop) => {
      app.use('/shop', shop.app)
      app.use((_request, response) => void response.status(404).send('the page of the host'))
    })
    expect((await call('GET', '/shop/none')).text).toBe('the page of the host')
  })
})

describe('identities', () => {
  test('mapSubject makes user ids of subjects', async () => {
    const mapSubject = ({ sub = '' }: { sub?: string | undefined }) => sub.replace('|', '.')
    const { call } = await host({ auth: { secret }, mapSubject })
    const sign = (sub: string) =>
      new SignJWT({})
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(sub)
        .setExpirationTime('1m')
        .sign(new TextEncoder().encode(secret))
    const as = async (sub: string) => ({ authorization: `Bearer ${await sign(sub)}` })
    const path = '/shop/api/users'
    expect((await call('POST', path, { userId: 'auth0.5f7c' }, await as('auth0|5f7c'))).status).toBe(201)
    const refused = await call('POST', path, { userId: 'a' }, await as('a b'))
    expect([refused.status, refused.body.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(refused.body.detail).toMatch(/sub/)
  })

  test('a caller of the host without a valid user id is told why', async () => {
    const { call } = await host({ authenticate: () => ({ userId: 'mina@example.com' }) })
    const { status, body } = await call('POST', '/shop/api/users', { userId: 'a' })
    expect([status, body.detail]).toEqual([401, expect.stringContaining('has no valid user id')])
  })

  test('an authentication that breaks is a bug, not an unknown caller', async () => {
    const { call } = await host({ authenticate: () => Promise.reject(new Error('session store is away')) })
    expect((await call('GET', '/shop/api/orders')).body.code).toBe('INTERNAL')
  })
})
