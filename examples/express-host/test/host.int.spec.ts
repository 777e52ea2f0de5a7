import type { AddressInfo } from 'node:net'
import { createExpressServer } from '@shop/server-express'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHost } from '../src/app.js'
import type { PaymentProvider, ReceivedPayment } from '../src/payments.js'
import type { User } from '../src/users.js'

const accounts: readonly User[] = [
  { id: 'mina', isStaff: false, hasConfirmedEmail: true },
  { id: 'joon', isStaff: false, hasConfirmedEmail: false },
  { id: 'root', isStaff: true, hasConfirmedEmail: true },
]
const find = async (id: string) => accounts.find((each) => each.id === id)

let isProviderDown = false
const refunds: string[] = []
const provider: PaymentProvider = {
  async start({ userId, amount }) {
    if (isProviderDown) throw new Error('the provider is down')
    return `https://pay.example/${userId}/${amount}`
  },
  verify: (notification) =>
    (notification as { signature?: string }).signature === 'genuine' ? (notification as ReceivedPayment) : undefined,
  refund: async (paymentId) => void refunds.push(paymentId),
}

let database: FreshDatabase
let host: Awaited<ReturnType<typeof createHost>>
let server: ReturnType<typeof createExpressServer>
const reported: unknown[] = []

beforeAll(async () => {
  database = await freshDatabase()
  host = await createHost({
    databaseUrl: database.url,
    users: { find, verify: async (name, password) => (password === 'secret' ? find(name) : undefined) },
    sessionKeys: ['key of the test'],
    provider,
    report: (error) => void reported.push(error),
  })
  server = createExpressServer(host.app).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
})
afterAll(async () => {
  expect(await host.shop.shop.audit()).toMatchObject({ ok: true })
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await host.shop.close()
  await database.drop()
})

type Send = (method: string, path: string, body?: object) => Promise<Response>

/** Sends the cookies that it has received, as a browser does. */
const browser = (): Send => {
  let cookies: readonly string[] = []
  return async (method, path, body) => {
    const { port } = server.address() as AddressInfo
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { cookie: cookies.join('; '), ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    const received = response.headers.getSetCookie()
    if (received.length > 0) cookies = received.map((each) => each.split(';')[0] ?? '')
    return response
  }
}

const signedIn = async (name: string): Promise<Send> => {
  const send = browser()
  expect((await send('POST', '/sign-in', { name, password: 'secret' })).status).toBe(200)
  return send
}

const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]

beforeEach(() => {
  isProviderDown = false
  reported.length = 0
})

describe('a session', () => {
  it('names the caller to the shop', async () => {
    await host.shop.shop.balance.charge({ userId: 'mina', amount: 700 })
    const mina = await signedIn('mina')
    expect(await (await mina('GET', '/shop/api/balance/mina')).json()).toMatchObject({ balance: 700 })
    expect(await codeOf(await mina('GET', '/shop/api/balance/joon'))).toEqual([403, 'FORBIDDEN'])
    expect((await (await signedIn('root'))('GET', '/shop/api/balance/mina')).status).toBe(200)
  })

  it('is required, and ends', async () => {
    expect(await codeOf(await browser()('GET', '/shop/api/orders'))).toEqual([401, 'UNAUTHENTICATED'])
    const mina = await signedIn('mina')
    expect((await mina('GET', '/shop/api/orders?userId=mina')).status).toBe(200)
    expect((await mina('POST', '/sign-out')).status).toBe(204)
    expect((await mina('GET', '/shop/api/orders?userId=mina')).status).toBe(401)
  })

  it('does not begin with a wrong password', async () => {
    expect((await browser()('POST', '/sign-in', { name: 'mina', password: 'wrong' })).status).toBe(401)
    expect((await browser()('POST', '/sign-in')).status).toBe(401)
  })
})

describe('the routes of the host', () => {
  it('are answered in front of the shop and behind it', async () => {
    expect(await (await (await signedIn('mina'))('GET', '/')).text()).toBe('Hello mina\n')
    expect(await (await browser()('GET', '/shop/opening-hours')).json()).toEqual({ from: 9, to: 18 })
  })

  it.each(['/nothing', '/shop/nothing', '/shop/metrics'])('end with the page of the host for %s', async (path) => {
    const response = await browser()('GET', path)
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('There is no such page.')])
  })
})

it('a body that is not JSON is no bug', async () => {
  const { port } = server.address() as AddressInfo
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`http://127.0.0.1:${port}/sign-in`, { method: 'POST', headers, body: '{bad' })
  expect([response.status, await response.text(), reported]).toEqual([
    400,
    expect.stringContaining('The request is malformed.'),
    [],
  ])
})

describe('the middleware of one route', () => {
  const order = async (name: string) => {
    const { productId } = await host.shop.shop.products.create({ name: 'Mug', price: 100, stock: 1 })
    return (await signedIn(name))('POST', '/shop/api/orders', {
      userId: name,
      products: [{ productId, quantity: 1 }],
    })
  }

  it('lets a request pass', async () => {
    const response = await order('mina')
    expect([response.status, response.headers.get('location')]).toEqual([
      201,
      expect.stringMatching(/^\/shop\/api\/orders\//),
    ])
  })

  it('answers instead of the shop', async () => {
    const response = await order('joon')
    expect([response.status, await response.json()]).toEqual([403, { error: 'confirm your e-mail address first' }])
  })
})

describe('the replaced charge', () => {
  const charge = async (amount: unknown) =>
    (await signedIn('mina'))('POST', '/shop/api/balance/charge', { userId: 'mina', amount })
  const paid = (paymentId: string, amount: number, signature = 'genuine') =>
    browser()('POST', '/paid', { paymentId, userId: 'joon', amount, signature })

  it('answers with the page of the provider, and charges nothing', async () => {
    const before = await host.shop.shop.balance.get({ userId: 'mina' })
    const response = await charge(500)
    expect([response.status, await response.json()]).toEqual([202, { payAt: 'https://pay.example/mina/500' }])
    expect(await host.shop.shop.balance.get({ userId: 'mina' })).toEqual(before)
  })

  it('is validated by the shop', async () => {
    expect(await codeOf(await charge('all'))).toEqual([400, 'INVALID_REQUEST'])
  })

  it('shows the error page and reports if the provider is down', async () => {
    isProviderDown = true
    const response = await charge(500)
    expect([response.status, await response.text()]).toEqual([500, expect.stringContaining('Something broke.')])
    expect(reported).toEqual([new Error('the provider is down')])
  })

  it('charges the balance once for each payment, and finds it by its id', async () => {
    expect([(await paid('p1', 300)).status, (await paid('p1', 300)).status]).toEqual([204, 204])
    expect(await host.shop.shop.balance.get({ userId: 'joon' })).toMatchObject({ balance: 300 })
    const { items } = await host.shop.shop.balance.entries({ kind: 'charge', reference: 'p1' })
    expect(items).toMatchObject([{ userId: 'joon', amount: 300 }])
    expect((await paid('p2', 300, 'forged')).status).toBe(401)
  })

  it('refunds a payment that the shop refuses', async () => {
    expect((await paid('p3', 2_000_000)).status).toBe(204)
    expect(refunds).toEqual(['p3'])
  })

  it('reports a payment that comes again with another amount, and refunds nothing', async () => {
    expect([(await paid('p4', 300)).status, (await paid('p4', 400)).status]).toEqual([204, 500])
    expect(reported).toMatchObject([{ code: 'REFERENCE_REUSED' }])
    expect(refunds).toEqual(['p3'])
  })
})
