import { inProcessLocks } from '../../../locks/in-process-locks.js'
import { presets } from '../../../policies/presets.js'
import type { Shop } from '../../../shop/shop.js'
import { isShopUnavailable } from '../../../store/store-error.js'
import { differences } from '../../../testing/difference.js'
import { faultyLocks, lockFaults, underLockOf } from '../../lock-wrappers.js'
import { startOfHistory } from '../../steps.js'
import { faultyStore } from '../../store-wrappers.js'
import type { Scenario } from '../trial.js'
import { atOnce, count, serversOn, soundly } from './servers.js'

const policies = presets['hold-at-order']

const crowds = [
  { asking: 7, there: 12 },
  { asking: 12, there: 12 },
  { asking: 25, there: 6 },
]

const coupon = { name: 'C', discount: { kind: 'fixed', amount: 1 }, validUntil: startOfHistory + 1 } as const

const buy = async <Tx>(shop: Shop<Tx>, userId: string, productId: string): Promise<void> => {
  const { orderId } = await shop.orders.place({ userId, products: [{ productId, quantity: 1 }] })
  await shop.payments.pay({ userId, orderId })
}

/** Each upper bound has a lower bound beside it: a store that refuses everything breaks only the lower ones. */
export const crowdTrials: readonly Scenario[] = [
  {
    id: 'COUPON-FULL',
    sentence:
      'If n users claim a coupon of q copies, exactly min(n, q) get one copy each, also with repeated claims on several servers.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      const problems: string[] = []
      for (const [index, { asking, there }] of crowds.entries()) {
        const couponId = `c${index}`
        await at(0).coupons.create({ ...coupon, couponId, quantity: there })
        const asks = Array.from({ length: 2 * asking }, (_, ask) =>
          at(ask).coupons.issue({ userId: `u${Math.floor(ask / 2)}`, couponId }),
        )
        const { accepted, heard } = await count(asks)
        const unexpected = heard.filter((code) => code !== 'COUPON_ALREADY_ISSUED' && code !== 'COUPON_SOLD_OUT')
        problems.push(
          ...differences(accepted, Math.min(asking, there), `copies issued to ${asking} users, of ${there}`),
          ...differences(unexpected, [], 'the other refusals'),
        )
      }
      return [...problems, ...(await soundly(subject))]
    },
  },
  {
    id: 'COUPON-WINDOW',
    sentence: 'A coupon is issued from the instant of its start until just before the instant of its end.',
    kind: 'history',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      const terms = { validFrom: startOfHistory + 1_000, validUntil: startOfHistory + 2_000 }
      await at(0).coupons.create({ ...coupon, ...terms, couponId: 'c', quantity: 9 })
      const heard: (string | undefined)[] = []
      for (const [index, ms] of [999, 1, 999, 1].entries()) {
        clock.move(ms)
        const asked = await count([at(index).coupons.issue({ userId: `u${index}`, couponId: 'c' })])
        heard.push(asked.heard[0])
      }
      return differences(
        heard.map((code) => code ?? 'issued'),
        ['COUPON_NOT_YET_VALID', 'issued', 'issued', 'COUPON_EXPIRED'],
        'the answers to four users',
      )
    },
  },
  {
    id: 'STOCK-FULL',
    sentence:
      'If n buyers want one unit each, exactly min(n, stock) get one: nothing is oversold, and no wanted unit is left.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      const problems: string[] = []
      for (const [index, { asking, there }] of crowds.entries()) {
        const productId = `p${index}`
        await at(0).products.create({ productId, name: 'P', price: 0, stock: there })
        const { accepted, heard } = await count(
          Array.from({ length: asking }, (_, buyer) => buy(at(buyer), `u${buyer}`, productId)),
        )
        const { stock } = await at(0).products.find({ productId })
        problems.push(
          ...differences(accepted, Math.min(asking, there), `units sold to ${asking} buyers, of ${there}`),
          ...differences(stock, Math.max(0, there - asking), 'units left'),
          ...differences(
            heard.filter((code) => code !== 'STOCK_INSUFFICIENT'),
            [],
            'the other refusals',
          ),
        )
      }
      return [...problems, ...(await soundly(subject))]
    },
  },
  {
    id: 'COUPON-ONE-ORDER',
    sentence:
      'If n orders use one copy of a coupon at once, exactly one gets it. Once that order is cancelled, another one can.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      const products = ['p0', 'p1', 'p2'].map((productId) => ({ productId, quantity: 1 }))
      for (const { productId } of products) await at(0).products.create({ productId, name: 'P', price: 2, stock: 99 })
      await at(0).coupons.create({ ...coupon, couponId: 'c', quantity: 1 })
      await at(0).coupons.issue({ userId: 'u', couponId: 'c' })
      const problems: string[] = []
      for (let turn = 0; turn < 2; turn += 1) {
        const placed: string[] = []
        const place = async (index: number) => {
          const wanted = products.slice(index % 3, (index % 3) + 1)
          const { orderId } = await at(index).orders.place({ userId: 'u', products: wanted, couponId: 'c' })
          placed.push(orderId)
        }
        const { heard } = await count(Array.from({ length: 9 }, (_, index) => place(index)))
        problems.push(
          ...differences(placed.length, 1, 'orders with the coupon'),
          ...differences(heard, ['COUPON_ALREADY_USED'], 'the refusals of the others'),
          ...(await soundly(subject)),
        )
        for (const orderId of placed) await at(turn).orders.cancel({ orderId })
      }
      return problems
    },
  },
  {
    id: 'PAID-ONCE',
    sentence:
      'Of ten submits of one payment exactly one pays; of ten refunds afterwards exactly one returns the money.',
    kind: 'eventually',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 1_000, stock: 9 })
      await at(0).balance.charge({ userId: 'u', amount: 50_000 })
      const { orderId } = await at(0).orders.place({ userId: 'u', products: [{ productId: 'p', quantity: 1 }] })
      const ten = (ask: (index: number) => Promise<unknown>) => atOnce(10, ask)
      const paid = await ten((index) => at(index).payments.pay({ userId: 'u', orderId }))
      const after = await at(0).balance.get({ userId: 'u' })
      const given = await ten((index) => at(index).orders.refund({ orderId }))
      const last = await at(0).balance.get({ userId: 'u' })
      return [
        ...differences(paid, { accepted: 1, heard: ['ORDER_NOT_PENDING'] }, 'payments'),
        ...differences(after.balance, 49_000, 'the balance once it is paid'),
        ...differences(given, { accepted: 1, heard: ['ORDER_NOT_PAID'] }, 'refunds'),
        ...differences(last.balance, 50_000, 'the final balance'),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'LOCKS-NOT-NEEDED',
    sentence:
      'All charges of a wallet count, even if the lock around them is granted twice, lost, fails on release, is never granted or unavailable.',
    kind: 'history',
    async play(subject, _clock, open) {
      const at = await serversOn(subject, open)
      const balances: number[] = []
      for (const [index, fault] of lockFaults.entries()) {
        const userId = `u${index}`
        const guard = underLockOf(faultyLocks(inProcessLocks(), () => fault))
        const charge = (n: number) => guard(userId, () => at(n).balance.charge({ userId, amount: 10_000 }))
        await Promise.all(Array.from({ length: 8 }, (_, n) => charge(n)))
        balances.push((await at(0).balance.get({ userId })).balance)
      }
      return [
        ...differences(
          balances,
          lockFaults.map(() => 80_000),
          'the balances after eight charges each',
        ),
        ...(await soundly(subject)),
      ]
    },
  },
  {
    id: 'STOCK-COMES-BACK',
    sentence: 'Units and coupons of cancelled, refunded and unpaid orders become available again.',
    kind: 'eventually',
    async play(subject, clock, open) {
      const at = await serversOn(subject, open)
      await at(0).products.create({ productId: 'p', name: 'P', price: 0, stock: 3 })
      await at(0).coupons.create({ ...coupon, couponId: 'c', quantity: 1, validUntil: startOfHistory + 86_400_000 })
      await at(0).coupons.issue({ userId: 'u0', couponId: 'c' })
      const place = (couponId?: string) =>
        at(0).orders.place({ userId: 'u0', products: [{ productId: 'p', quantity: 3 }], couponId })
      const problems: string[] = []
      const ends: readonly ((orderId: string) => Promise<unknown>)[] = [
        (orderId) => at(1).orders.cancel({ orderId }),
        async () => clock.move(policies.order.holdMinutes * 60_000),
        async (orderId) => {
          await at(1).payments.pay({ userId: 'u0', orderId })
          await at(0).orders.refund({ orderId })
        },
      ]
      for (const [index, end] of ends.entries()) {
        const { orderId, status } = await place('c')
        problems.push(...differences(status, 'pending', `order ${index + 1}`))
        await end(orderId)
      }
      await at(0).upkeep.expireOrders()
      problems.push(...differences(await place('c'), { status: 'pending' }, 'the last order'))
      return [...problems, ...(await soundly(subject))]
    },
  },
  {
    id: 'PATIENCE-ENDS',
    sentence:
      'On a store that never commits, every caller gets UNAVAILABLE in bounded time and nothing changes. Once the store recovers, the next call succeeds.',
    kind: 'eventually',
    async play({ store }, _clock, open) {
      let tries = 0
      let isBroken = true
      const plan = {
        next: () => {
          tries += 1
          // The last attempts succeed, so a client that retries long enough gets an answer and the scenario ends.
          return isBroken && tries < 1_000 ? ('conflict' as const) : undefined
        },
        isAway: () => false,
        delay: () => Promise.resolve(),
      }
      let elapsed = 0
      const timer = {
        elapsedMs: () => elapsed,
        random: () => 0.5,
        pause: async (ms: number) => {
          elapsed += ms
        },
      }
      const shop = open({ store: faultyStore(store, plan), timer, limits: { timeoutMs: 1_000 } })
      const charge = (userId: string) => shop.balance.charge({ userId, amount: 10_000 })
      const ended = await Promise.allSettled(['ann', 'bob', 'cat'].map(charge))
      const heard = ended.map((each) => each.status === 'rejected' && isShopUnavailable(each.reason))
      const triedBefore = tries
      isBroken = false
      const served = await charge('ann')
      return [
        ...differences(heard, [true, true, true], 'the callers that got UNAVAILABLE'),
        ...(triedBefore > 100 ? [`the store was asked ${triedBefore} times`] : []),
        ...differences(served.balance, 10_000, 'the balance after the recovery'),
      ]
    },
  },
]
