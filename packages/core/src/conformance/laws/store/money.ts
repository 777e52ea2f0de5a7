import { resolvePolicies } from '../../../policies/resolve-policies.js'
import { mergeKeys } from '../../../store/key-lists.js'
import type { SomeKeys } from '../../../store/keys.js'
import { differences } from '../../../testing/difference.js'
import { startOfHistory } from '../../steps.js'
import { ending, type Scenario } from '../trial.js'
import { atOnce, serversOn, soundly } from './servers.js'

const hour = 3_600_000
const validUntil = startOfHistory + 1_000 * hour

/** Scenarios of money that many want at once. */
export const moneyTrials: readonly Scenario[] = [
  {
    id: 'REFUND-PARTS',
    sentence:
      'Of twelve refunds of one unit at once, of an order of five, exactly five succeed, and return what was paid.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 101, stock: 9 })
      await at(0).coupons.create({
        couponId: 'c',
        name: 'C',
        discount: { kind: 'fixed', amount: 3 },
        quantity: 1,
        validUntil,
      })
      await at(0).coupons.issue({ userId: 'u', couponId: 'c' })
      await at(0).balance.charge({ userId: 'u', amount: 1_000 })
      await at(0).balance.grant({ userId: 'u', amount: 250 })
      const products = [{ productId: 'p', quantity: 5 }]
      const { orderId } = await at(0).orders.place({ userId: 'u', products, couponId: 'c' })
      await at(1).payments.pay({ userId: 'u', orderId })
      const lines = [{ productId: 'p', quantity: 1 }]
      const refunded = await atOnce(12, (n) => at(n).orders.refund({ orderId, lines, restock: n % 2 === 0 }))
      const order = await at(1).orders.get({ orderId })
      return [
        ...differences(refunded.accepted, 5, 'accepted refunds'),
        ...differences(
          refunded.heard.filter((code) => code !== 'ORDER_NOT_PAID' && code !== 'REFUND_EXCEEDS_ORDER'),
          [],
          'the other refusals',
        ),
        ...differences(order, { status: 'refunded', refundedAmount: 502 }, 'the order'),
        ...differences(order.refunds?.length, 5, 'its refunds'),
        ...differences(
          await at(0).balance.get({ userId: 'u' }),
          { balance: 1_250, withdrawable: 1_000, bonus: [{ amount: 250, expiresAt: null }] },
          'the balance',
        ),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'BONUS-SPENT-ONCE',
    sentence:
      'If more orders are paid at once than bonus money suffices for, it is spent once, and the rest is refused.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 300, stock: 99 })
      for (const expiresAt of [startOfHistory + hour, null]) {
        await at(0).balance.grant({ userId: 'u', amount: 500, expiresAt })
      }
      const buy = async (index: number) => {
        const products = [{ productId: 'p', quantity: 1 }]
        const { orderId } = await at(index).orders.place({ userId: 'u', products })
        await at(index).payments.pay({ userId: 'u', orderId })
      }
      return [
        ...differences(await atOnce(10, buy), { accepted: 3, heard: ['BALANCE_INSUFFICIENT'] }, 'payments'),
        ...differences(
          await at(1).balance.get({ userId: 'u' }),
          { balance: 100, withdrawable: 0, bonus: [{ amount: 100, expiresAt: null }] },
          'the balance',
        ),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'WITHDRAWN-ONCE',
    sentence: 'Paid money is paid out once, bonus money never; a wallet holds at most 50 lots by grants.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).balance.charge({ userId: 'u', amount: 5_500 })
      const granted = await atOnce(60, (n) => at(n).balance.grant({ userId: 'u', amount: 100 }))
      const withdrawn = await atOnce(12, (n) => at(n).balance.withdraw({ userId: 'u', amount: 1_000 }))
      const corrected = await atOnce(6, (n) => at(n).balance.adjust({ userId: 'u', change: -100, reason: 'a test' }))
      const balance = await at(1).balance.get({ userId: 'u' })
      return [
        ...differences(granted, { accepted: 50, heard: ['BONUS_LOTS_EXCEEDED'] }, 'grants'),
        ...differences(withdrawn, { accepted: 5, heard: ['BALANCE_INSUFFICIENT'] }, 'withdrawals'),
        ...differences(corrected, { accepted: 5, heard: ['BALANCE_INSUFFICIENT'] }, 'corrections'),
        ...differences(balance, { balance: 5_000, withdrawable: 0 }, 'the balance'),
        ...differences(balance.bonus?.length, 50, 'the lots'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'LOT-EXPIRES-ONCE',
    sentence: 'However many sweeps and commands meet a lot that has ended, its expiry is recorded once, at its end.',
    kind: 'eventually',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      for (const userId of ['u1', 'u2']) {
        await at(0).balance.charge({ userId, amount: 1_000 })
        await at(0).balance.grant({ userId, amount: 200, expiresAt: startOfHistory + hour })
      }
      clock.move(hour)
      const { balance } = await at(1).balance.get({ userId: 'u1' })
      const overspent = await ending(at(0).balance.withdraw({ userId: 'u1', amount: 1_001 }))
      await Promise.all([
        ...[0, 1, 0, 1].map((server) => at(server).upkeep.expireLots()),
        ...[0, 1, 0, 1].map((server) => at(server).balance.charge({ userId: 'u2', amount: 1 })),
      ])
      const ends = await at(1).balance.entries({ kind: 'expiry' })
      const ended = { amount: -200, bonusAmount: -200, at: new Date(startOfHistory + hour).toISOString() }
      return [
        ...differences(
          [balance, overspent.ok],
          [1_000, false],
          'the balance at the end, and whether more was paid out',
        ),
        ...differences(ends.items, [ended, ended], 'the expiries'),
        ...differences((await at(0).balance.get({ userId: 'u2' })).balance, 1_004, 'the balance of the other'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'COUPON-COMES-BACK-ONCE',
    sentence:
      'A coupon comes back when its discount is withdrawn, or else with the last unit, and only once: the order that has it then keeps it.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const policies = resolvePolicies('hold-at-order', { refund: { whenMinimumIsMissed: 'withdraw-discount' } })
      const [withdrawing, keeping] = [await serversOn(subject, open, policies), await serversOn(subject, open)]
      await keeping(0).products.create({ productId: 'p', name: 'P', price: 1_000, stock: 99 })
      await keeping(0).balance.charge({ userId: 'u', amount: 50_000 })
      const discount = { kind: 'fixed', amount: 300 } as const
      const coupon = { couponId: 'c', name: 'C', discount, quantity: 1, validUntil, minimumOrderAmount: 2_000 }
      await keeping(0).coupons.create(coupon)
      await keeping(0).coupons.issue({ userId: 'u', couponId: 'c' })
      const buy = async () => {
        const products = [{ productId: 'p', quantity: 3 }]
        const { orderId } = await keeping(1).orders.place({ userId: 'u', products, couponId: 'c' })
        await keeping(0).payments.pay({ userId: 'u', orderId })
        return orderId
      }
      const back = async (server: typeof keeping, orderId: string, quantity: number) =>
        (await server(1).orders.refund({ orderId, lines: [{ productId: 'p', quantity }] })).refunds?.at(-1)?.amount
      const usedBy = async () => (await keeping(0).coupons.ofUser({ userId: 'u' })).items[0]?.usedByOrderId
      const first = await buy()
      const kept = [await back(keeping, first, 2), (await usedBy()) === first]
      const ended = [await back(keeping, first, 1), await usedBy()]
      const second = await buy()
      const withdrawn = [await back(withdrawing, second, 1), (await usedBy()) === second]
      const missed = [await back(withdrawing, second, 1), await usedBy()]
      const third = await buy()
      const last = [await back(withdrawing, second, 1), (await usedBy()) === third]
      const again = await ending(buy())
      return [
        ...differences(kept, [1_800, true], 'two units back, and whether the coupon is still used'),
        ...differences(ended, [900, null], 'the last unit back, and who uses the coupon'),
        ...differences(withdrawn, [900, true], 'one unit back above the minimum'),
        ...differences(missed, [800, null], 'one unit back below it, and who uses the coupon'),
        ...differences(
          last,
          [1_000, true],
          'the last unit at its full price, and whether the third order keeps the coupon',
        ),
        ...differences(again.ok, false, 'whether a fourth order gets the coupon'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'QUOTE-WRITES-NOTHING',
    sentence: 'A quote changes no row: overdue holds, ended lots, stock, coupons and references stay as they are.',
    kind: 'history',
    async play(subject, clock, open) {
      const { store } = subject
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 1_000, stock: 5 })
      await at(0).balance.charge({ userId: 'u', amount: 1_000 })
      await at(0).balance.grant({ userId: 'u', amount: 300, expiresAt: startOfHistory + hour })
      const discount = { kind: 'percentage', percent: 10 } as const
      await at(0).coupons.create({ couponId: 'c', name: 'C', discount, quantity: 1, validUntil })
      await at(0).coupons.issue({ userId: 'u', couponId: 'c' })
      const order = { userId: 'u', products: [{ productId: 'p', quantity: 3 }], couponId: 'c', reference: 'r' }
      const { orderId } = await at(0).orders.place({ ...order, reference: 'placed' })
      clock.move(hour)
      const keys: SomeKeys = {
        lock: {
          orders: [orderId],
          wallets: ['u'],
          products: ['p'],
          issuedCoupons: [{ couponId: 'c', userId: 'u' }],
        },
        read: { references: [{ kind: 'order', owner: 'u', reference: 'r' }] },
      }
      const everything = async () => [
        await store.load(mergeKeys([keys])),
        await store.reads.entries({ userId: 'u', limit: 10 }),
        (await store.reads.orders({ limit: 10 })).found,
        await store.reads.eventCounts(),
      ]
      const before = await everything()
      const quoted = await at(1).orders.quote(order)
      const small = await at(0).orders.quote({ ...order, products: [{ productId: 'p', quantity: 1 }], couponId: null })
      const refused = await ending(at(0).orders.quote({ ...order, products: [{ productId: 'p', quantity: 6 }] }))
      return [
        ...differences(
          quoted,
          { totalAmount: 3_000, discountAmount: 300, finalAmount: 2_700, balance: 1_000, sufficient: false },
          'the quote',
        ),
        ...differences(quoted.coupon, { couponId: 'c', applies: true }, 'its coupon'),
        ...differences(small, { finalAmount: 1_000, coupon: null, sufficient: true }, 'the quote without a coupon'),
        ...differences(refused.ok, false, 'whether more than the stock is quoted'),
        ...differences(await everything(), before, 'the data after the quotes'),
      ]
    },
  },
]
