import type { CommandMiddleware, OrderView } from '@shop/core'
import { checkFields, defineCommand, placeOrder, text } from '@shop/core/commands'
import { inMemoryStore } from '@shop/core/in-memory'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { commandRoute, createServer } from '../../src/index.js'
import { mug, serve } from './support.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
  await database.knex.raw(
    `create table gift_notes (order_id text primary key, note text not null check (note <> 'wrong'))`,
  )
})
afterAll(() => database.drop())

const noteOf =
  (note: unknown) =>
  ({ orderId }: OrderView) => ({ order_id: orderId, note })

/** The note of a gift comes in a header, by the context. */
const wrapping: CommandMiddleware = (call, next) => {
  const note = call.context?.['giftNote']
  const isGift = call.command.name === placeOrder.name && note !== undefined
  return next(isGift ? { ...call, with: { giftNotes: noteOf(note) } } : call)
}

interface PlaceGift {
  readonly userId: string
  readonly products: Parameters<typeof placeOrder.check>[0]['products']
  readonly note: string
}

const placeGift = defineCommand<PlaceGift, OrderView>({
  name: 'place-gift',
  guardedAs: placeOrder.name,
  check: ({ note, ...order }) => [...placeOrder.check(order), ...checkFields({ note }, { note: text(200) })],
  keys: ({ note: _, ...order }, context) => placeOrder.keys(order, context),
  decide: (facts, { note: _, ...order }, context) => placeOrder.decide(facts, order, context),
})

const gifts = commandRoute({
  method: 'POST',
  path: '/api/gifts',
  command: placeGift,
  access: 'user',
  body: z.strictObject({
    userId: z.string(),
    products: z.array(z.strictObject({ productId: z.string(), quantity: z.int() })),
    note: z.string(),
  }),
  status: 201,
  with: ({ note }) => ({ giftNotes: noteOf(note) }),
})

const columns = { order_id: 'text', note: 'text' }
const common = {
  auth: 'off',
  scheduler: false,
  middleware: [wrapping],
  routes: { commands: [gifts] },
  context: ({ headers }: { headers: object }) => {
    const note: unknown = (headers as Record<string, unknown>)['x-gift-note']
    return note === undefined ? {} : { giftNote: note }
  },
} as const

interface Place {
  /** Starts a server on it. */
  readonly start: () => Promise<Awaited<ReturnType<typeof createServer<never>>>>
  readonly notes: () => Promise<readonly unknown[]>
}

const memory = (): Place => {
  const problem = ({ note }: Readonly<Record<string, unknown>>) => (note === 'wrong' ? '23514' : undefined)
  const store = inMemoryStore({ companions: { giftNotes: { problem } } })
  return {
    start: () => createServer({ ...common, store }),
    notes: async () => store.companionRows('giftNotes'),
  }
}

const postgres = (connection: 'knex' | 'url'): Place => ({
  async start() {
    await database.knex.raw('truncate gift_notes')
    await database.knex.raw('drop schema if exists shop cascade')
    const companions = { giftNotes: { table: 'gift_notes', columns } }
    const where = connection === 'knex' ? { knex: database.knex } : { databaseUrl: database.url }
    return (await createServer({ ...common, ...where, companions } as never)) as never
  },
  notes: async () => database.knex('gift_notes').orderBy('order_id'),
})

describe.each([
  ['in memory', memory],
  ['on a database URL', () => postgres('url')],
  ['on a knex of the host', () => postgres('knex')],
])('companions over HTTP, %s', (_, placeOf) => {
  const open = async () => {
    const { start, notes } = placeOf()
    const server = await start()
    onTestFinished(() => server.close())
    const { port } = await server.listen(0)
    await server.shop.products.create({ productId: 'mug', name: 'Mug', price: 10, stock: 50 })
    const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      })
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const orders = async () => (await server.shop.orders.list()).items.length
    return { post, notes, orders }
  }

  test('commit with an order by middleware, once for a key', async () => {
    const { post, notes } = await open()
    const headers = { 'x-gift-note': 'for jun', 'idempotency-key': 'k' }
    const [first, again] = [
      await post('/api/orders', mug('mina'), headers),
      await post('/api/orders', mug('mina'), headers),
    ]
    expect([first.status, again.body]).toEqual([201, first.body])
    await post('/api/orders', mug('jun'))
    expect(await notes()).toEqual([{ order_id: first.body['orderId'], note: 'for jun' }])
  })

  test('commit with a command of the host', async () => {
    const { post, notes } = await open()
    const { status, body } = await post('/api/gifts', { ...mug('mina'), note: 'for you' })
    expect([status, await notes()]).toEqual([201, [{ order_id: body['orderId'], note: 'for you' }]])
  })

  test('that the database refuses refuse the order', async () => {
    const { post, notes, orders } = await open()
    for (const answer of [
      await post('/api/gifts', { ...mug('mina'), note: 'wrong' }),
      await post('/api/orders', mug('mina'), { 'x-gift-note': 'wrong' }),
    ])
      expect([answer.status, answer.body]).toEqual([
        409,
        expect.objectContaining({ code: 'COMPANION_FAILED', companion: 'giftNotes', databaseCode: '23514' }),
      ])
    expect([await notes(), await orders()]).toEqual([[], 0])
  })
})

test.each([
  { middleware: [wrapping], listed: ['/api/orders', '/api/payments'] },
  { middleware: [], listed: [] },
])('COMPANION_FAILED is in the document where middleware can give rows: $listed', async ({ middleware, listed }) => {
  const { call } = await serve({ store: inMemoryStore({ companions: { giftNotes: {} } }), middleware })
  const { paths } = (await call('GET', '/openapi.json')).body
  const described = ['/api/orders', '/api/orders/quote', '/api/payments'].filter((path) =>
    paths[path].post.responses['409']?.description.includes('COMPANION_FAILED'),
  )
  expect(described).toEqual(listed)
})
