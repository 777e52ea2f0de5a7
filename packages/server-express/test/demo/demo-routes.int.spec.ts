import type { EventSender } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createLogger, createServer, type StoreOptions } from '../../src/index.js'
import { type CallShop, callerOf } from '../http/support/client.js'
import { secret } from '../http/support/tokens.js'
import { gate } from '../support/gate.js'

const serve = async (options: Partial<StoreOptions<never>> = {}): Promise<CallShop> => {
  const server = await createServer({
    store: inMemoryStore(),
    auth: { secret },
    demoData: true,
    demoSignIn: 'local',
    ...options,
  })
  onTestFinished(() => server.close())
  const { port } = await server.listen(0)
  return callerOf(port)
}

const small = { kind: 'coupons', quantity: 5, buyers: 20, concurrency: 10, modes: ['grouped'] }
const rushes = '/api/demo/rushes'

test('without demo data, the routes and the page are absent, also from the document', async () => {
  const call = await serve({ demoData: false })
  for (const path of ['/', '/page/index.js', '/api/demo', `${rushes}/x`]) {
    expect((await call('GET', path)).body).toMatchObject({ code: 'NOT_FOUND' })
  }
  expect((await call('POST', '/api/demo/sign-in', { body: { userId: 'demo-mina' } })).status).toBe(404)
  const { text } = await call('GET', '/openapi.json')
  expect(text).not.toMatch(/\/api\/demo|Demo|Rush|SignIn/)
})

test('with demo data, the document lists the demo routes under their own tag', async () => {
  const call = await serve()
  const { body } = await call('GET', '/openapi.json')
  const tagged = Object.entries(body.paths as Record<string, Record<string, { tags: string[] }>>).flatMap(
    ([path, methods]) => Object.values(methods).flatMap(({ tags }) => (tags.includes('Demo') ? [path] : [])),
  )
  expect(tagged).toEqual(['/api/demo', rushes, `${rushes}/{rushId}`, '/api/demo/sign-in'])
  expect(body.components.schemas).toHaveProperty('RushRun')
})

test('a demo user signs in and acts for themselves', async () => {
  const call = await serve()
  const { body } = await call('POST', '/api/demo/sign-in', { as: null, body: { userId: 'demo-jun' } })
  const headers = { authorization: `Bearer ${body.token}` }
  expect((await call('GET', '/api/balance/demo-jun', { as: null, headers })).status).toBe(200)
  expect((await call('GET', '/api/balance/demo-mina', { as: null, headers })).status).toBe(403)
  expect((await call('GET', '/api/admin/audit', { as: null, headers })).status).toBe(403)
})

test('the administrator signs in and reads the audit', async () => {
  const call = await serve()
  const { body } = await call('POST', '/api/demo/sign-in', { as: null, body: { userId: 'administrator' } })
  const headers = { authorization: `Bearer ${body.token}` }
  expect((await call('GET', '/api/admin/audit', { as: null, headers })).body).toMatchObject({ ok: true })
})

test('no other user can sign in', async () => {
  const call = await serve()
  const { status, body } = await call('POST', '/api/demo/sign-in', { as: null, body: { userId: 'root' } })
  expect([status, body.code]).toEqual([400, 'INVALID_REQUEST'])
})

test.each([
  ['token', { auth: { secret } }, 200],
  ['open', { auth: 'off' }, 200],
  ['elsewhere', { auth: { authenticate: async () => undefined } }, 404],
] as const)('/api/demo reports the sign-in method %s', async (signIn, options, status) => {
  const call = await serve(options)
  expect((await call('GET', '/api/demo', { as: null })).body).toMatchObject({ signIn, users: { length: 4 } })
  const answer = await call('POST', '/api/demo/sign-in', { as: null, body: { userId: 'demo-sora' } })
  expect(answer.status).toBe(status)
  if (signIn === 'open') expect(answer.body.token).toBeNull()
})

test.each([
  ['is refused', { demoSignIn: false }],
  ['is not asked for', { demoSignIn: undefined }],
])('issues no token and offers no sign-in if demo sign-in %s', async (_, options) => {
  const call = await serve(options)
  const { status, body } = await call('POST', '/api/demo/sign-in', { as: null, body: { userId: 'administrator' } })
  expect([status, body.code]).toEqual([404, 'NOT_FOUND'])
  expect((await call('GET', '/api/demo', { as: null })).body).toMatchObject({ signIn: 'elsewhere' })
  expect((await call('GET', '/openapi.json')).text).not.toMatch(/sign-in|SignIn|SignedIn/)
  expect((await call('POST', rushes, { body: small })).status).toBe(202)
})

test('demo sign-in can be turned on behind a proxy', async () => {
  const call = await serve({ trustProxy: 1, demoSignIn: true })
  const { body } = await call('POST', '/api/demo/sign-in', { as: null, body: { userId: 'administrator' } })
  expect(body.token).toMatch(/^ey/)
})

test.each([
  ['a foreign host name leads here', { host: 'evil.example' }],
  ['an unknown proxy is in front', { 'x-forwarded-for': '10.0.0.7' }],
  ['a proxy says so in the way of the standard', { forwarded: 'for=10.0.0.7' }],
])('demo sign-in is absent, and the page does not offer it, if %s', async (_, headers) => {
  const call = await serve()
  for (const body of [{ userId: 'administrator' }, { userId: 'nobody' }, {}]) {
    const answer = await call('POST', '/api/demo/sign-in', { as: null, body, headers })
    expect([answer.status, answer.body.code]).toEqual([404, 'NOT_FOUND'])
  }
  expect((await call('GET', '/api/demo', { as: null, headers })).body).toMatchObject({ signIn: 'elsewhere' })
  const open = await serve({ demoSignIn: true })
  const answer = await open('POST', '/api/demo/sign-in', { as: null, body: { userId: 'administrator' }, headers })
  expect(answer.body.token).toMatch(/^ey/)
})

describe('a server without authentication', () => {
  const options = { store: inMemoryStore(), auth: 'off' } as const
  const path = '/api/admin/audit'

  test('listens on a network host only with authOffIsSafe', async () => {
    const unsafe = await createServer(options)
    onTestFinished(() => unsafe.close())
    await expect(unsafe.listen(0, '0.0.0.0')).rejects.toThrow(/authOffIsSafe/)
    expect((await unsafe.listen(0, '127.0.0.1')).port).toBeGreaterThan(0)
    const safe = await createServer({ ...options, authOffIsSafe: true })
    onTestFinished(() => safe.close())
    expect((await safe.listen(0, '0.0.0.0')).port).toBeGreaterThan(0)
  })

  test.each([{ host: 'evil.example' }, { 'x-forwarded-for': '10.0.0.7' }])(
    'accepts %o only behind a trusted proxy, or with authOffIsSafe',
    async (headers) => {
      const call = await serve(options)
      const refused = await call('GET', path, { as: null, headers })
      expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN'])
      expect(refused.body.detail).toMatch(/localhost/)
      expect((await call('GET', '/api/products', { as: null, headers })).status).toBe(200)
      for (const over of [{ authOffIsSafe: true }, { trustProxy: 1 }]) {
        const open = await serve({ ...options, ...over })
        expect((await open('GET', path, { as: null, headers })).status).toBe(200)
      }
    },
  )
})

test('a secret in addition to a key set causes a warning', async () => {
  const warned = async (auth: StoreOptions<never>['auth']) => {
    let text = ''
    const write = (line: string) => {
      text += line
    }
    const logger = createLogger('warn', { write })
    const server = await createServer({ store: inMemoryStore(), auth, logger })
    await server.close()
    return text
  }
  const keySet = { jwksUrl: 'https://keys.example/jwks', issuer: 'https://login.example', audience: 'shop' }
  expect(await warned({ ...keySet, secret })).toMatch(/HS256 secret are accepted in addition to those of the key set/)
  expect(await warned(keySet)).toBe('')
  expect(await warned({ secret })).toBe('')
})

test('createServer refuses an unsafe key set', async () => {
  const auth = { jwksUrl: 'https://keys.example/jwks' }
  await expect(createServer({ store: inMemoryStore(), auth })).rejects.toThrow(/issuer and audience.*anyIssuer/)
})

test('a rush can be started, read while it runs, and ends with its proofs', async () => {
  const call = await serve()
  const started = await call('POST', rushes, { body: small })
  expect([started.status, started.body.state]).toEqual([202, 'preparing'])
  const location = String(started.headers.location)
  expect(location).toBe(`${rushes}/${started.body.rushId}`)
  const rush = await vi.waitFor(
    async () => {
      const { body } = await call('GET', location)
      expect(body.state).toBe('done')
      return body
    },
    { timeout: 10_000 },
  )
  expect(rush.runs).toMatchObject([{ answered: 20, won: 5, refused: 15, remaining: 0 }])
  expect(rush.proofs.every((proof: { holds: boolean }) => proof.holds)).toBe(true)
})

describe('the events of a demo', () => {
  const counts = async (options: Partial<StoreOptions<never>>) => {
    const server = await createServer({ store: inMemoryStore(), auth: { secret }, ...options })
    onTestFinished(() => server.close())
    const { users, balance, products, orders, payments } = server.shop
    await users.register({ userId: 'ada' })
    await balance.charge({ userId: 'ada', amount: 1_000 })
    const { productId } = await products.create({ name: 'Mug', price: 10, stock: 5 })
    const { orderId } = await orders.place({ userId: 'ada', products: [{ productId, quantity: 1 }] })
    await payments.pay({ userId: 'ada', orderId })
    return () => server.shop.outbox.counts()
  }

  test('reach a receiver of their own', async () => {
    const read = await counts({ demoData: true })
    await vi.waitFor(async () => expect(await read()).toMatchObject({ pending: 0, sent: 1 }), 10_000)
  })

  test('reach the data platform instead, if there is one', async () => {
    const received: string[] = []
    const sender: EventSender = {
      async send({ type }) {
        received.push(type)
        return { kind: 'sent' }
      },
    }
    const read = await counts({ demoData: true, dataPlatform: { sender } })
    await vi.waitFor(async () => expect(await read()).toMatchObject({ pending: 0, sent: 1 }), 10_000)
    expect(received).toEqual(['order.paid'])
  })
})

test('one rush runs at a time, and a key identifies one rush', async () => {
  const store = inMemoryStore()
  const checking = gate()
  const audit = async () => {
    await checking.opened
    return store.audit()
  }
  const call = await serve({ store: { ...store, audit } })
  const headers = { 'idempotency-key': 'once' }
  const first = await call('POST', rushes, { body: small, headers })
  const again = await call('POST', rushes, { body: small, headers })
  expect([again.body.rushId, again.headers['idempotent-replayed']]).toEqual([first.body.rushId, 'true'])
  expect((await call('POST', rushes, { body: { ...small, buyers: 21 }, headers })).body).toMatchObject({
    code: 'IDEMPOTENCY_KEY_REUSED',
  })
  const other = await call('POST', rushes, { body: small })
  expect([other.status, other.body.code, other.headers['retry-after']]).toEqual([429, 'RATE_LIMITED', '1'])
  checking.open()
})

test.each([
  ['an administrator', undefined, 202],
  ['a user', 'demo-mina', 403],
  ['nobody', null, 401],
] as const)('starting a rush has the documented outcome for %s', async (_, as, status) => {
  const call = await serve()
  expect((await call('POST', rushes, { body: small, ...(as !== undefined && { as }) })).status).toBe(status)
})

test.each([{ quantity: 0 }, { buyers: 20_001 }, { concurrency: 2_001 }, { kind: 'money' }, { more: 1 }])(
  'refuses a rush with %j',
  async (over) => {
    const call = await serve()
    expect((await call('POST', rushes, { body: { ...small, ...over } })).body).toMatchObject({
      code: 'INVALID_REQUEST',
    })
  },
)

test('an unknown rush is not found', async () => {
  const call = await serve()
  expect((await call('GET', `${rushes}/unknown`)).status).toBe(404)
})
