import { randomUUID } from 'node:crypto'
import type { OrderView, Shop } from '@shop/core'
import type { Knex } from 'knex'
import { couponId, productCount, productId, userId } from '../stage/seed.js'

export const workloadNames = [
  'issue',
  'issue-keyed',
  'issue-drop',
  'pair',
  'pair-drop',
  'pair-noted',
  'buy-noted',
  'buy-in-transaction',
  'checkout',
  'charge',
  'charge-referenced',
  'charges-spent',
  'grants-spent',
  'checkout-paid',
  'checkout-bonus',
  'quote',
] as const

/** A table of the host's, and the companion that fills it. */
export const createNotes = 'create table if not exists gift_notes (order_id text primary key, note text not null)'
export const companions = { giftNotes: { table: 'gift_notes', columns: { order_id: 'text', note: 'text' } } }

const noteOf = ({ orderId }: OrderView) => ({ order_id: orderId, note: 'Happy birthday!' })
const noted = { with: { giftNotes: noteOf } }

/** One unit of one product: all callers compete for it. */
const oneUnit = (caller: number) => ({
  userId: userId(1 + caller),
  products: [{ productId: productId(1), quantity: 1 }],
})

/** The command that a caller repeats. */
export type WorkloadName = (typeof workloadNames)[number]

/** Coupons or products of one drop: each of them is hot. */
export const dropSize = 8

/** What a balancer that routes by row sends to one of several servers: shelves of rows, dealt out in turn. */
export interface Share {
  /** From 0. */
  readonly server: number
  readonly servers: number
  /** Consecutive rows that have one route. @default 1 */
  readonly rowsPerShelf?: number | undefined
}

/** A random row of the first `count`, among those of the server. */
export const someRow = (count: number, share: Share = { server: 0, servers: 1 }): number => {
  const { server, servers, rowsPerShelf = 1 } = share
  for (;;) {
    const row = Math.floor(Math.random() * count)
    if (Math.floor(row / rowsPerShelf) % servers === server) return row + 1
  }
}

/** Three consecutive products, like the baselines. The first one decides the route. */
export const threeLines = (share?: Share) => {
  const first = someRow(productCount - 2, share)
  return [first, first + 1, first + 2].map((number) => ({ productId: productId(number), quantity: 1 }))
}

type OrderLines = ReturnType<typeof threeLines>

/** How many users have bonus money, and how many others they are compared with. */
export const bonusUsers = (users: number): number => Math.min(10_000, Math.floor(users / 2))

/** The users who have bonus money: the last ones. */
export const bonusUser = (users: number, number: number): string => userId(users - number)

/** How much money comes in at once before it is spent: fewer than the lots that a wallet may have. */
const incoming = 40

/** The commands of one call of `charges-spent` or `grants-spent`. */
export const commandsOfSpending = incoming + 1

/**
 * `run` makes the ids of this process unique. Users who claim a coupon need no wallet. Users who pay are chosen
 * from those with a wallet.
 */
export const workloadsOf = (
  host: Shop<Knex.Transaction>,
  { run, users }: { readonly run: string; readonly users: number },
): Record<WorkloadName, (caller: number, share?: Share) => Promise<unknown>> => {
  const shop: Shop = host
  let number = 0
  const anyUser = (): string => userId(1 + Math.floor(Math.random() * users))
  const nextUser = (): string => {
    number += 1
    return `caller-${run}-${number}`
  }
  const someOf = (count: number): number => Math.floor(Math.random() * count)
  /** Money comes into one wallet from many callers at once, then one order spends it. */
  const spending =
    (comeIn: (input: { userId: string; amount: number }) => Promise<unknown>) => async (caller: number) => {
      const user = userId(1 + caller)
      await Promise.all(Array.from({ length: incoming }, () => comeIn({ userId: user, amount: 1_000 })))
      return shop.orders.place({ userId: user, products: [{ productId: productId(1), quantity: incoming }] })
    }
  const placeAndPay = async (products: OrderLines) => {
    const userId = anyUser()
    const { orderId } = await shop.orders.place({ userId, products })
    return shop.payments.pay({ userId, orderId })
  }
  return {
    issue: () => shop.coupons.issue({ userId: nextUser(), couponId: couponId(1) }),
    'issue-keyed': () => {
      const userId = nextUser()
      return shop.coupons.issue({ userId, couponId: couponId(1) }, { idempotency: { scope: userId, key: 'issue-1' } })
    },
    'issue-drop': (_, share) =>
      shop.coupons.issue({ userId: nextUser(), couponId: couponId(someRow(dropSize, share)) }),
    pair: (_, share) => placeAndPay(threeLines(share)),
    'pair-drop': (_, share) => placeAndPay([{ productId: productId(someRow(dropSize, share)), quantity: 1 }]),
    async 'pair-noted'() {
      const userId = anyUser()
      const { orderId } = await shop.orders.place({ userId, products: threeLines() }, noted)
      return shop.payments.pay({ userId, orderId })
    },
    'buy-noted': (caller) => shop.orders.place(oneUnit(caller), noted),
    'buy-in-transaction': (caller) =>
      host.transaction(async (trx, calls) => {
        const placed = await calls.orders.place(oneUnit(caller))
        if (!placed.ok) throw new Error(placed.refusal.code)
        await trx('gift_notes').insert(noteOf(placed.result))
      }),
    checkout: () => shop.orders.place({ userId: anyUser(), products: threeLines() }),
    charge: () => shop.balance.charge({ userId: anyUser(), amount: 100 }),
    'charge-referenced': () =>
      shop.balance.charge({ userId: anyUser(), amount: 100, reference: `payment-${randomUUID()}` }),
    'charges-spent': spending((input) => shop.balance.charge(input)),
    'grants-spent': spending((input) => shop.balance.grant(input)),
    'checkout-paid': () => shop.orders.place({ userId: userId(1 + someOf(bonusUsers(users))), products: threeLines() }),
    'checkout-bonus': () =>
      shop.orders.place({ userId: bonusUser(users, someOf(bonusUsers(users))), products: threeLines() }),
    quote: () => shop.orders.quote({ userId: anyUser(), products: threeLines() }),
  }
}
