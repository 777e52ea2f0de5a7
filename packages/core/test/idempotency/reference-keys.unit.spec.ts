import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AnyCommand,
  adjustBalance,
  chargeBalance,
  grantBonus,
  placeOrder,
  refundOrder,
  withdrawBalance,
} from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Shop } from '../../src/index.js'

const userId = 'u1'
const reference = 'r'
const charge = (amount: number) => ({ userId, amount, reference })
const key = (name: string) => ({ idempotency: { scope: 's', key: name } })

let store = inMemoryStore()
let shop: Shop = createShop({ store })
beforeEach(() => {
  store = inMemoryStore()
  shop = createShop({ store })
})

const balance = async () => (await shop.balance.get({ userId })).balance

describe('an idempotency key is looked at before a reference:', () => {
  it('the key refuses another request, also one with a reference that is taken', async () => {
    await shop.balance.charge(charge(100), key('k'))
    expect(await shop.execute(chargeBalance, charge(200), key('k'))).toMatchObject({
      refusal: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect(await shop.execute(chargeBalance, charge(200), key('other'))).toMatchObject({
      refusal: { code: 'REFERENCE_REUSED' },
    })
  })

  it('the key answers with the refusal that it keeps, even if the reference was used since', async () => {
    await shop.balance.charge({ userId, amount: 1_000_000 })
    const first = await shop.execute(chargeBalance, charge(100), key('k'))
    expect(first).toMatchObject({ ok: false, refusal: { code: 'BALANCE_LIMIT_EXCEEDED' }, replayed: false })
    await shop.balance.withdraw({ userId, amount: 1_000_000 })
    await shop.balance.charge(charge(100))
    expect(await shop.execute(chargeBalance, charge(100), key('k'))).toEqual({ ...first, replayed: true })
    expect(await shop.execute(chargeBalance, charge(100), key('k2'))).toMatchObject({ ok: true, replayed: true })
    expect(await balance()).toBe(100)
  })

  it('a reused reference is no outcome of the key, which stays free', async () => {
    await shop.balance.charge(charge(100))
    const refused = { ok: false, refusal: { code: 'REFERENCE_REUSED' }, replayed: false }
    expect(await shop.execute(chargeBalance, charge(200), key('k'))).toMatchObject(refused)
    expect(await shop.execute(chargeBalance, charge(200), key('k'))).toMatchObject(refused)
    expect(store.rows('outcomes')).toEqual([])
    expect(await shop.execute(chargeBalance, { userId, amount: 200 }, key('k'))).toMatchObject({
      ok: true,
      replayed: false,
    })
  })

  it('a replay by reference is an outcome of the key: it then answers no other request', async () => {
    const first = await shop.balance.charge(charge(100))
    const replay = { ok: true, result: first, replayed: true }
    expect(await shop.execute(chargeBalance, charge(100), key('k'))).toEqual(replay)
    expect(await shop.execute(chargeBalance, charge(100), key('k'))).toEqual(replay)
    expect(await shop.execute(chargeBalance, { userId, amount: 5 }, key('k'))).toMatchObject({
      refusal: { code: 'IDEMPOTENCY_KEY_REUSED' },
    })
    expect(await balance()).toBe(100)
  })
})

describe('a refusal does not use a reference up:', () => {
  it('a charge above the limits', async () => {
    const refused = await shop.execute(chargeBalance, charge(1_000_001))
    expect(refused).toMatchObject({ refusal: { code: 'CHARGE_AMOUNT_INVALID' } })
    expect(await shop.execute(chargeBalance, charge(400))).toMatchObject({ ok: true, replayed: false })
  })

  it('a withdrawal and an adjustment that the balance does not cover', async () => {
    await shop.balance.charge({ userId, amount: 100 })
    const requests = [
      [withdrawBalance, { userId, amount: 300, reference }],
      [adjustBalance, { userId, change: -300, reason: 'mistake', reference }],
    ] as const
    for (const [command, input] of requests)
      expect(await shop.execute(command as never, input)).toMatchObject({ refusal: { code: 'BALANCE_INSUFFICIENT' } })
    await shop.balance.charge({ userId, amount: 1_000 })
    for (const [command, input] of requests)
      expect(await shop.execute(command as never, input)).toMatchObject({ ok: true })
    expect(await balance()).toBe(500)
  })

  it('an order and a refund of more units than there are', async () => {
    await shop.balance.charge({ userId, amount: 1_000 })
    await shop.products.create({ productId: 'p', name: 'P', price: 100, stock: 1 })
    const order = (quantity: number) => ({ userId, products: [{ productId: 'p', quantity }], reference })
    expect(await shop.execute(placeOrder, order(2))).toMatchObject({ refusal: { code: 'STOCK_INSUFFICIENT' } })
    const { orderId } = await shop.orders.place(order(1))
    const refund = (quantity: number) => ({ orderId, lines: [{ productId: 'p', quantity }], reference })
    expect(await shop.execute(refundOrder, refund(1))).toMatchObject({ refusal: { code: 'ORDER_NOT_PAID' } })
    await shop.payments.pay({ userId, orderId })
    expect(await shop.execute(refundOrder, refund(2))).toMatchObject({ refusal: { code: 'REFUND_EXCEEDS_ORDER' } })
    expect(await shop.execute(refundOrder, refund(1))).toMatchObject({ ok: true, replayed: false })
  })
})

describe('another request with the same reference is refused for every field in which it differs:', () => {
  const expiresAt = '2099-01-01T00:00:00.000Z'
  const common = { userId, reference, reason: 'thanks', metadata: { order: '1' } }
  const differences = {
    userId: 'u2',
    amount: 101,
    change: -100,
    reason: 'Thanks',
    metadata: { order: '2' },
    expiresAt: '2099-01-01T00:00:00.001Z',
  }

  it.each([
    ['a charge', chargeBalance, { userId, reference, amount: 100, metadata: { order: '1' } }],
    ['a grant', grantBonus, { ...common, amount: 100, expiresAt }],
    ['a withdrawal', withdrawBalance, { ...common, amount: 100 }],
    ['an adjustment', adjustBalance, { userId, reference, change: 100, reason: 'thanks' }],
  ] as const)('of %s', async (_, command, input) => {
    for (const each of [userId, 'u2']) await shop.balance.charge({ userId: each, amount: 1_000 })
    const send = (request: object) => shop.execute(command as AnyCommand, request)
    const first = await send(input)
    expect(first).toMatchObject({ ok: true, replayed: false })
    const fields = Object.keys(input).filter((field) => field !== 'reference') as (keyof typeof differences)[]
    for (const field of fields) {
      const reused = { refusal: { code: 'REFERENCE_REUSED', userId } }
      expect(await send({ ...input, [field]: differences[field] }), field).toMatchObject(reused)
      if (field === 'userId' || field === 'amount' || field === 'change' || command === adjustBalance) continue
      expect(await send({ ...input, [field]: undefined }), `no ${field}`).toMatchObject(reused)
    }
    expect(await send(input)).toEqual({ ...first, replayed: true })
  })
})
