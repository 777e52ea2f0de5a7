import { auditStore } from '../../../audit/audit.js'
import { presets } from '../../../policies/presets.js'
import { isShopRefusal } from '../../../shared/refusal.js'
import type { Shop } from '../../../shop.js'
import { isShopUnavailable } from '../../../store/store-error.js'
import { differences } from '../../difference.js'
import type { Subject } from '../../kit/harness.js'
import { startOfHistory } from '../../steps.js'
import { faultyStore } from '../../store-wrappers.js'
import { type OpenShop, type Trial, textOf } from '../trial.js'

const policies = presets['hold-at-order']

/** Two servers: on stores of their own, where the store can share its data. */
const serversOn = async <Tx>({ store, another }: Subject<Tx>, open: OpenShop): Promise<(index: number) => Shop<Tx>> => {
  const serve = (own: typeof store) => open<Tx>({ store: own, policies, limits: { groupSize: 8, retries: 12 } })
  const shops = [serve(store), serve((await another?.()) ?? store)]
  return (index) => shops[index % 2] as Shop<Tx>
}

/** How many calls came through, and what the others heard. */
const count = async (calls: readonly Promise<unknown>[]): Promise<{ accepted: number; heard: readonly string[] }> => {
  const heard = new Set<string>()
  let accepted = 0
  for (const ended of await Promise.allSettled(calls)) {
    if (ended.status === 'fulfilled') accepted += 1
    else heard.add(isShopRefusal(ended.reason) ? ended.reason.code : textOf(ended.reason))
  }
  return { accepted, heard: [...heard].sort() }
}

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

const soundly = async <Tx>(subject: Subject<Tx>): Promise<readonly string[]> =>
  (await auditStore(subject.store)).violations.map(({ law, subject: what }) => `${law} is broken for ${what}`)

/** Never too much has a partner: never too little. A store that refuses everything keeps every law but these. */
export const crowdTrials: readonly Trial[] = [
  {
    id: 'COUPON-FULL',
    sentence:
      'Of n users who claim a coupon of q copies exactly min(n, q) get one, each one copy, whoever asks twice and wherever.',
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
          ...differences(unexpected, [], 'what else they heard'),
        )
      }
      return [...problems, ...(await soundly(subject))]
    },
  },
  {
    id: 'STOCK-FULL',
    sentence:
      'Of n buyers of one unit each exactly min(n, stock) buy one: nothing is oversold, and nothing is left that somebody wanted.',
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
            'what else they heard',
          ),
        )
      }
      return [...problems, ...(await soundly(subject))]
    },
  },
  {
    id: 'STOCK-COMES-BACK',
    sentence: 'Units and coupons of orders that were cancelled, refunded or never paid can be had again.',
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
      'On a store that never commits every caller is told UNAVAILABLE in bounded time, nothing has changed, and the next one is served once it heals.',
    kind: 'eventually',
    async play({ store }, _clock, open) {
      let tries = 0
      let isBroken = true
      const plan = {
        next: () => {
          tries += 1
          // Whoever never gives up is served in the end, so that the scene has one.
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
      const shop = open({ store: faultyStore(store, plan), timer, limits: { patienceMs: 1_000 } })
      const charge = (userId: string) => shop.balance.charge({ userId, amount: 10_000 })
      const ended = await Promise.allSettled(['ann', 'bob', 'cat'].map(charge))
      const heard = ended.map((each) => each.status === 'rejected' && isShopUnavailable(each.reason))
      const triedBefore = tries
      isBroken = false
      const served = await charge('ann')
      return [
        ...differences(heard, [true, true, true], 'who was told UNAVAILABLE'),
        ...(triedBefore > 100 ? [`the store was asked ${triedBefore} times`] : []),
        ...differences(served.balance, 10_000, 'the balance once it healed'),
      ]
    },
  },
]
