import { readFileSync } from 'node:fs'
import { createShop } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { manualClock } from '@shop/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { correctPayment, creditPayment, printed, trade, welcome } from '../src/books.js'

const hour = 3_600_000
const day = '2026-03-02'
const nextDay = '2026-03-03'
const noon = Date.parse(`${day}T12:00:00+09:00`)
const bonusEnds = new Date(noon + 24 * hour)

const opened = () => {
  const clock = manualClock(noon)
  return { clock, shop: createShop({ store: inMemoryStore({ clock }) }) }
}
let { clock, shop } = opened()

beforeEach(() => {
  ;({ clock, shop } = opened())
})
afterEach(async () => {
  expect(await shop.audit()).toMatchObject({ ok: true, violations: [] })
  await shop.close()
})

test('a day closes with what came in, what was sold and what came back', async () => {
  const { isCreditedOnce, corrected, quote, order } = await trade(shop, bonusEnds)
  expect(isCreditedOnce).toBe(true)
  expect(corrected.balance).toBe(5_000)
  expect(quote).toMatchObject({ finalAmount: 36_000, balance: 43_000, sufficient: true })
  expect(order).toMatchObject({
    status: 'paid',
    reference: 'basket-1',
    refundedAmount: 12_000,
    lines: [{ quantity: 3, refundedQuantity: 1 }],
    refunds: [{ restocked: false, reference: 'return-1' }],
  })
  expect(await shop.products.get({ productId: 'mug' })).toMatchObject({ stock: 7 })
  const [title, ...figures] = printed(await shop.statement({ from: day, to: day })).split('\n')
  expect(title).toBe(day)
  expect(figures).toEqual([
    'opening              0',
    'charge           90000',
    'grant             3000',
    'payment         -36000',
    'refund           12000',
    'adjustment      -45000',
    'closing          24000',
    'mug sold         24000',
  ])
  expect(readFileSync(new URL('../README.md', import.meta.url), 'utf8')).toContain(figures.join('\n'))
})

test('a notification that comes again a year later credits nothing', async () => {
  const payment = { paymentId: 'pay-1', userId: 'mina', amount: 40_000 }
  const first = await creditPayment(shop, payment)
  clock.move(365 * 24 * hour)
  expect(await creditPayment(shop, payment)).toEqual(first)
  expect(await shop.balance.get({ userId: 'mina' })).toEqual({ userId: 'mina', balance: 40_000 })
  await expect(creditPayment(shop, { ...payment, amount: 4_000 })).rejects.toMatchObject({ code: 'REFERENCE_REUSED' })
})

test('a payment is corrected once, and only if it is known', async () => {
  await creditPayment(shop, { paymentId: 'pay-2', userId: 'joon', amount: 50_000 })
  const corrected = await correctPayment(shop, 'pay-2', 5_000)
  expect(await correctPayment(shop, 'pay-2', 5_000)).toEqual(corrected)
  const { items } = await shop.balance.history({ userId: 'joon' })
  expect(items.map(({ amount, reason }) => [amount, reason])).toEqual([
    [-45_000, 'The bank received 5000 for pay-2'],
    [50_000, undefined],
  ])
  await expect(correctPayment(shop, 'pay-3', 5_000)).rejects.toThrow('no charge has the reference pay-3')
})

test('a bonus that is not spent ends on its day, and the day before stays as it was', async () => {
  await welcome(shop, 'mina', bonusEnds)
  await welcome(shop, 'mina', bonusEnds)
  const closed = await shop.statement({ from: day, to: day })
  expect(closed).toMatchObject({ opening: 0, closing: 3_000 })
  clock.move(24 * hour)
  expect(await shop.statement({ from: day, to: day })).toEqual(closed)
  expect(printed(await shop.statement({ from: nextDay, to: nextDay }))).toBe(
    ['2026-03-03', 'opening           3000', 'expiry           -3000', 'closing              0'].join('\n'),
  )
})
