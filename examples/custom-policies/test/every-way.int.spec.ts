import type { CallOptions, Outcome, Shop } from '@shop/core'
import { isShopRefusal } from '@shop/core'
import { placeOrder } from '@shop/core/commands'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { giveStamp } from '../src/give-stamp.js'
import { placeGiftOrder } from '../src/place-gift-order.js'
import { openHouse } from '../src/server.js'

type House = Awaited<ReturnType<typeof openHouse>>

let database: FreshDatabase
let house: House
let shop: House['shop']
let port: number

beforeAll(async () => {
  database = await freshDatabase()
  await database.knex.raw('create table gift_notes (order_id text primary key, note text not null)')
  house = await openHouse(database.url, ({ 'x-user': user }) =>
    typeof user === 'string'
      ? { userId: user, isMember: user.startsWith('member'), isStaff: user === 'till' }
      : undefined,
  )
  shop = house.shop
  port = (await house.listen(0)).port
  await shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 1_000 })
  for (const productId of ['poster-red', 'poster-green', 'poster-blue'])
    await shop.products.create({ productId, name: productId, price: 10, stock: 100, purchaseLimit: 1 })
})
afterAll(async () => {
  await house?.close()
  await database.drop()
})

type Place = Parameters<Shop['orders']['place']>[0]
type Way = (input: Place, options: CallOptions) => Promise<string>

const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'placed' : outcome.refusal.code)

const thrown = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
    return 'placed'
  } catch (error) {
    if (isShopRefusal(error)) return error.code
    throw error
  }
}

const post = async (path: string, user: string, body: object, headers: Record<string, string> = {}) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': user, ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

/** Over HTTP the sign-in tells who is a member: the user's id begins with it. */
const overHttp =
  (path: string, more: object = {}): Way =>
  async (input) => {
    const { status, body } = await post(path, input.userId, { ...input, ...more })
    return status < 300 ? 'placed' : String(body['code'])
  }

const gift = { note: 'for jun' }

const ways: Readonly<Record<string, Way>> = {
  'shop.orders.place': (input, options) => thrown(shop.orders.place(input, options)),
  'shop.execute': async (input, options) => codeOf(await shop.execute(placeOrder, input, options)),
  'shop.execute of a gift order': async (input, options) =>
    codeOf(await shop.execute(placeGiftOrder, { ...input, ...gift }, options)),
  'shop.within': (input, options) =>
    database.knex.transaction(async (trx) => codeOf(await shop.within(trx).orders.place(input, options))),
  'shop.within, execute': (input, options) =>
    database.knex.transaction(async (trx) =>
      codeOf(await shop.within(trx).execute(placeGiftOrder, { ...input, ...gift }, options)),
    ),
  'shop.transaction': (input, options) =>
    shop.transaction(async (_trx, calls) => codeOf(await calls.orders.place(input, options))),
  'POST /api/orders': overHttp('/api/orders'),
  'POST /api/gift-orders': overHttp('/api/gift-orders', gift),
}

let users = 0
const nameOf = (isMember: boolean): string => `${isMember ? 'member' : 'guest'}-${++users}`

const order = (userId: string, productId = 'mug', quantity = 1): Place => ({
  userId,
  products: [{ productId, quantity }],
})

describe.each(Object.entries(ways))('no way goes around a guard: %s', (_, way) => {
  const member = { context: { isMember: true } }
  const placedBy = async (userId: string) => (await shop.orders.list({ userId })).items.length

  test('only members order', async () => {
    const [guest, member1] = [nameOf(false), nameOf(true)]
    expect(await way(order(guest), {})).toBe('NOT_A_MEMBER')
    expect(await way(order(guest), { context: { isMember: false } })).toBe('NOT_A_MEMBER')
    expect(await way(order(member1), member)).toBe('placed')
    expect([await placedBy(guest), await placedBy(member1)]).toEqual([0, 1])
  })

  test('at most ten units', async () => {
    const userId = nameOf(true)
    expect(await way(order(userId, 'mug', 11), member)).toBe('TOO_MANY_UNITS')
    expect(await placedBy(userId)).toBe(0)
  })

  test('one poster a person, also for ten orders at once', async () => {
    const userId = nameOf(true)
    const colours = Array.from({ length: 10 }, (__, index) => ['poster-red', 'poster-green', 'poster-blue'][index % 3])
    const answers = await Promise.all(colours.map((colour) => way(order(userId, colour), member)))
    const counted = (code: string) => answers.filter((answer) => answer === code).length
    const refused = counted('ONE_POSTER_ONLY') + counted('PURCHASE_LIMIT_EXCEEDED')
    expect([counted('placed'), refused]).toEqual([1, 9])
  })
})

test('quotes are asked for as orders are', async () => {
  const { status, body } = await post('/api/orders/quote', nameOf(false), order(`guest-${users}`))
  expect([status, body['code'], body['detail']]).toEqual([403, 'NOT_A_MEMBER', 'Only members of the club may order.'])
  expect((await post('/api/orders/quote', nameOf(true), order(`member-${users}`))).status).toBe(200)
})

describe('a gift', () => {
  const noteOf = async (orderId: unknown) => (await database.knex('gift_notes').where({ order_id: orderId }))[0]?.note

  test('of its own route has its note, once for a key', async () => {
    const userId = nameOf(true)
    const send = () => post('/api/gift-orders', userId, { ...order(userId), ...gift }, { 'idempotency-key': 'gift' })
    const [first, again] = [await send(), await send()]
    expect([first.status, again.body]).toEqual([201, first.body])
    expect(await noteOf(first.body['orderId'])).toBe('for jun')
  })

  test('of the route of orders has the note of its header', async () => {
    const userId = nameOf(true)
    const { body } = await post('/api/orders', userId, order(userId), { 'x-gift-note': 'by header' })
    expect(await noteOf(body['orderId'])).toBe('by header')
  })

  test('is for the caller only', async () => {
    const { status, body } = await post('/api/gift-orders', nameOf(true), { ...order('member-other'), ...gift })
    expect([status, body['code']]).toEqual([403, 'FORBIDDEN'])
  })

  test('is not placed if its note cannot be written', async () => {
    const userId = nameOf(true)
    await database.knex('gift_notes').insert({ order_id: 'taken', note: 'x' })
    const outcome = await shop.execute(placeOrder, order(userId), {
      context: { isMember: true },
      with: { giftNotes: { order_id: 'taken', note: 'y' } },
    })
    expect(outcome).toMatchObject({ refusal: { code: 'COMPANION_FAILED', databaseCode: '23505' } })
    expect((await shop.orders.list({ userId })).items).toEqual([])
  })
})

describe('stamps', () => {
  test('of many tills at once are counted exactly', async () => {
    const stamps = await Promise.all(Array.from({ length: 25 }, () => post('/api/loyalty/nari/stamps', 'till', {})))
    expect(stamps.map(({ status }) => status)).toEqual(stamps.map(() => 201))
    expect(stamps.filter(({ body }) => body['bonus'] === 5_000)).toHaveLength(2)
    expect(await shop.balance.get({ userId: 'nari' })).toMatchObject({ balance: 10_000 })
    expect(await shop.execute(giveStamp, { userId: 'nari' })).toMatchObject({ result: { stamps: 6, bonus: 0 } })
  })

  test('are given by the staff', async () => {
    expect((await post('/api/loyalty/nari/stamps', 'member-1', {})).status).toBe(403)
  })
})

test('all of it keeps every law', async () => {
  expect(await shop.audit()).toMatchObject({ ok: true })
})
