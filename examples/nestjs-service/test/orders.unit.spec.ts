import { randomBytes } from 'node:crypto'
import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { Shop, Store } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AppModule } from '../src/app.module.js'
import { SHOP } from '../src/shop.module.js'

const secret = randomBytes(32)
const store: Store = inMemoryStore()
let app: INestApplication
let shop: Shop
let url: string
let productId: string

const tokenOf = (userId: string, { expires = '1h', key = secret } = {}) =>
  new SignJWT().setProtectedHeader({ alg: 'HS256' }).setSubject(userId).setExpirationTime(expires).sign(key)

const ask = async (token: string | undefined, path: string, body?: unknown) => {
  const response = await fetch(`${url}/orders${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: body === undefined ? null : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

beforeAll(async () => {
  app = await NestFactory.create(AppModule.on({ store, secret }), { logger: false })
  await app.listen(0, '127.0.0.1')
  url = await app.getUrl()
  shop = app.get(SHOP)
  productId = (await shop.products.create({ name: 'Mug', price: 12_000, stock: 3 })).productId
  await shop.balance.charge({ userId: 'mina', amount: 20_000 })
})

afterAll(() => app.close())

describe('the orders of a Nest application', () => {
  it('are placed, paid and read by their user', async () => {
    const mina = await tokenOf('mina')
    const placed = await ask(mina, '', { products: [{ productId, quantity: 1 }] })
    expect(placed).toMatchObject({ status: 201, body: { userId: 'mina', status: 'pending', finalAmount: 12_000 } })
    const { orderId } = placed.body
    expect(await ask(mina, `/${orderId}/payment`, {})).toMatchObject({ status: 200, body: { balance: 8_000 } })
    expect(await ask(mina, `/${orderId}`)).toMatchObject({ status: 200, body: { status: 'paid' } })
  })

  it('are placed once per reference, however often the request comes', async () => {
    const mina = await tokenOf('mina')
    const wanted = { products: [{ productId, quantity: 1 }], reference: 'basket-1' }
    const placed = await ask(mina, '', wanted)
    expect(await ask(mina, '', wanted)).toEqual(placed)
    const other = await ask(mina, '', { ...wanted, products: [{ productId, quantity: 2 }] })
    expect(other).toMatchObject({ status: 422, body: { code: 'REFERENCE_REUSED', orderId: placed.body['orderId'] } })
    await shop.orders.cancel({ orderId: `${placed.body['orderId']}` })
  })

  it('are not found by other users', async () => {
    const { body } = await ask(await tokenOf('mina'), '', { products: [{ productId, quantity: 1 }] })
    expect(await ask(await tokenOf('joon'), `/${body['orderId']}`)).toEqual({
      status: 404,
      body: { code: 'ORDER_NOT_FOUND', orderId: body['orderId'] },
    })
  })

  it('respond to a refusal with its code and facts', async () => {
    const joon = await tokenOf('joon')
    expect(await ask(joon, '', { products: [{ productId, quantity: 9 }] })).toEqual({
      status: 409,
      body: { code: 'STOCK_INSUFFICIENT', lines: [{ productId, requested: 9, available: 1 }] },
    })
    expect(await ask(joon, '', {})).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } })
  })

  it('are refused without a valid token', async () => {
    const tokens = await Promise.all([
      tokenOf('mina', { expires: '-1m' }),
      tokenOf('mina', { key: randomBytes(32) }),
      tokenOf('no id'),
    ])
    for (const token of [...tokens, 'nonsense', undefined]) {
      expect(await ask(token, '', { products: [{ productId, quantity: 1 }] })).toMatchObject({ status: 401 })
    }
  })

  it('leave other errors to Nest', async () => {
    const nowhere = await fetch(`${url}/nowhere`)
    expect([nowhere.status, await nowhere.json()]).toMatchObject([404, { message: 'Cannot GET /nowhere' }])
  })

  it('close the shop with the application', async () => {
    const other = await NestFactory.create(AppModule.on({ store: inMemoryStore(), secret }), { logger: false })
    await other.init()
    const own = other.get<Shop>(SHOP)
    await other.close()
    await expect(own.balance.charge({ userId: 'mina', amount: 1 })).rejects.toMatchObject({ name: 'ShopUnavailable' })
  })
})
