import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, isShopRefusal, resolvePolicies, type Shop, type Statement } from '../../src/index.js'
import { addDays, dayOf } from '../../src/store.js'
import { manualClock } from '../../src/testing/index.js'
import { day, hour } from './bonus.js'

const users = ['u1', 'u2']
const user = fc.constantFrom(...users)
const amount = fc.integer({ min: 1, max: 5_000 })

type Act = (shop: Shop, now: number) => Promise<unknown>

const buy = async (shop: Shop, userId: string, quantity: number): Promise<void> => {
  const { orderId } = await shop.orders.place({ userId, products: [{ productId: 'tea', quantity }] })
  await shop.payments.pay({ userId, orderId })
}

const refundOne = async (shop: Shop): Promise<void> => {
  const { items } = await shop.orders.list({ status: 'paid', limit: 1 })
  const orderId = items[0]?.orderId
  if (orderId) await shop.orders.refund({ orderId, lines: [{ productId: 'tea', quantity: 1 }] })
}

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ userId: user, amount }).map(
    (input): Act =>
      (shop) =>
        shop.balance.charge(input),
  ),
  fc.record({ userId: user, amount, hours: fc.option(fc.integer({ min: 1, max: 60 })) }).map(
    ({ hours, ...input }): Act =>
      (shop, now) =>
        shop.balance.grant({ ...input, expiresAt: hours === null ? null : now + hours * hour }),
  ),
  fc.record({ userId: user, amount }).map(
    (input): Act =>
      (shop) =>
        shop.balance.withdraw(input),
  ),
  fc.tuple(user, fc.integer({ min: 1, max: 3 })).map(
    ([userId, quantity]): Act =>
      (shop) =>
        buy(shop, userId, quantity),
  ),
  fc.constant<Act>(refundOne),
  fc.constant<Act>((shop) => shop.upkeep.expireLots()),
)

const story = fc.record({
  timeZone: fc.constantFrom('UTC', 'America/New_York', 'Asia/Seoul', 'Pacific/Apia'),
  // Around a change of the clocks in New York and around the day that Apia skipped.
  start: fc.constantFrom(Date.UTC(2025, 2, 7, 9), Date.UTC(2011, 11, 28, 5)),
  refundedBonusDays: fc.constantFrom(0, 1),
  acts: fc.array(fc.tuple(act, fc.integer({ min: 1, max: 20 * hour })), { minLength: 1, maxLength: 16 }),
})

const sum = (movements: Statement['movements']) => movements.reduce((total, each) => total + each.amount, 0)

describe('the statements of consecutive days', () => {
  it('continue each other, add up to longer ranges, and never change once the day is over', {
    timeout: 60_000,
  }, async () => {
    const property = fc.asyncProperty(story, async ({ timeZone, start, refundedBonusDays, acts }) => {
      const clock = manualClock(start)
      const store = inMemoryStore({ clock })
      const policies = resolvePolicies('standard', { ranking: { timeZone }, wallet: { refundedBonusDays } })
      const shop = createShop({ store, policies })
      await shop.products.create({ productId: 'tea', name: 'Tea', price: 700, stock: 1_000 })
      const today = () => dayOf(clock.now(), timeZone)
      const first = today()
      const past = new Map<string, Statement>()
      const of = (from: string, to = from) => shop.statement({ from, to })

      for (const [run, pause] of acts) {
        await run(shop, clock.now()).catch((error: unknown) => expect(isShopRefusal(error)).toBe(true))
        clock.move(pause)
        for (let date = first; date < today(); date = addDays(date, 1)) {
          const statement = await of(date)
          expect(past.get(date) ?? statement).toEqual(statement)
          past.set(date, statement)
        }
      }

      clock.move(3 * day)
      const last = today()
      let closing = 0
      let total = 0
      for (let date = first; date <= last; date = addDays(date, 1)) {
        const statement = await of(date)
        expect(past.get(date) ?? statement).toEqual(statement)
        expect(statement.opening).toBe(closing)
        expect(statement.closing).toBe(statement.opening + sum(statement.movements))
        closing = statement.closing
        total += sum(statement.movements)
      }
      const whole = await of(first, last)
      expect([whole.opening, whole.closing, sum(whole.movements)]).toEqual([0, closing, total])
      const balances = await Promise.all(
        store.rows('wallets').map(async ({ userId }) => (await shop.balance.get({ userId })).balance),
      )
      expect(balances.reduce((before, balance) => before + balance, 0)).toBe(closing)
    })
    await fc.assert(property, { numRuns: 40 })
  })
})
