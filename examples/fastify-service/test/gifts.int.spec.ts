import { migrate } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGifts } from '../src/gifts.js'
import { giftService } from '../src/service.js'

let database: FreshDatabase
let service: ReturnType<typeof giftService>
let productId: string

const send = (change: object = {}) =>
  service.app.inject({
    method: 'POST',
    url: '/gifts',
    payload: { userId: 'mina', productId, recipient: 'Joon', greeting: 'Happy birthday', ...change },
  })

/** The state that a failed gift must not change. */
const state = async () => ({
  gifts: await database.knex('gifts').orderBy('orderId'),
  orders: (await service.shop.orders.list({ userId: 'mina', limit: 100 })).items.length,
  balance: (await service.shop.balance.get({ userId: 'mina' })).balance,
  stock: (await service.shop.products.get({ productId })).stock,
})

beforeAll(async () => {
  database = await freshDatabase()
  await migrate(database.knex)
  await createGifts(database.knex)
  service = giftService(database.knex)
  await service.shop.balance.charge({ userId: 'mina', amount: 25_000 })
})

beforeEach(async () => {
  const mug = await service.shop.products.create({ name: 'Mug', price: 10_000, stock: 1 })
  productId = mug.productId
})

afterAll(async () => {
  expect(await service.shop.audit()).toMatchObject({ ok: true })
  await service.app.close()
  await database.drop()
})

describe('a gift', () => {
  it('is ordered, paid and stored with its greeting in one transaction', async () => {
    const answer = await send()
    expect([answer.statusCode, answer.json()]).toEqual([
      201,
      { orderId: expect.any(String), recipient: 'Joon', amount: 10_000, balance: 15_000 },
    ])
    const { orderId } = answer.json<{ orderId: string }>()
    const found = await service.app.inject(`/gifts/${orderId}`)
    expect(found.json()).toEqual({ orderId, recipient: 'Joon', greeting: 'Happy birthday' })
    expect(await service.shop.orders.get({ orderId })).toMatchObject({ status: 'paid' })
  })

  it('rolls the order back if the gifts table refuses the row', async () => {
    const before = await state()
    const answer = await send({ greeting: 'x'.repeat(201) })
    expect([answer.statusCode, answer.json()]).toEqual([400, { error: 'greeting-too-long' }])
    expect(await state()).toEqual(before)
  })

  it('rolls order and greeting back if the balance is too low, with an error of this service', async () => {
    const { productId: dear } = await service.shop.products.create({ name: 'Teapot', price: 90_000, stock: 1 })
    productId = dear
    const before = await state()
    const answer = await send()
    expect([answer.statusCode, answer.json()]).toEqual([
      402,
      { error: 'gift-not-paid', balance: before.balance, required: 90_000 },
    ])
    expect(await state()).toEqual(before)
  })

  it('is refused with the facts of the refusal if the product is sold out', async () => {
    expect((await send()).statusCode).toBe(201)
    const before = await state()
    const answer = await send()
    expect([answer.statusCode, answer.json()]).toEqual([
      409,
      { error: 'gift-out-of-stock', lines: [{ productId, requested: 1, available: 0 }] },
    ])
    expect(await state()).toEqual(before)
  })

  it.each([
    ['a product that nobody knows', { productId: 'nothing' }, 404, 'gift-unknown'],
    ['an id that is none', { userId: 'no id' }, 400, 'invalid-request'],
    ['an empty recipient', { recipient: '' }, 400, 'bad-request'],
  ])('is refused for %s', async (_, change, status, error) => {
    const answer = await send(change)
    expect([answer.statusCode, answer.json()]).toMatchObject([status, { error }])
  })

  it('that does not exist is not found', async () => {
    const answer = await service.app.inject('/gifts/nothing')
    expect([answer.statusCode, answer.json()]).toEqual([404, { error: 'gift-unknown' }])
  })
})
