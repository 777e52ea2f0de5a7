import { describe, expect, it } from 'vitest'
import { cureViolation } from '../../src/commands/repair/cure-violation.js'
import { startRepair } from '../../src/commands/repair/start-repair.js'
import { createShop, isShopRefusal } from '../../src/index.js'
import { defaultNow, holdOf } from '../../src/testing/index.js'
import { day, hour } from './bonus.js'
import { type BrokenShop, openShop } from './broken-shop.js'
import { refused } from './finding.js'

interface Breakage {
  readonly law: string
  readonly name: string
  breaks(shop: BrokenShop): Promise<void> | void
  /** The values before and after the cure. */
  readonly cured?: readonly [before: unknown, after: unknown]
  /** The law under which the cure is recorded, if it is not this one. */
  readonly curedAs?: string
}

const tenMinutes = 10 * 60_000

const curable: readonly Breakage[] = [
  {
    law: 'WALLET-LEDGER',
    name: 'the entries of a wallet are counted wrong',
    breaks: ({ update }) => update('wallets', { entries: 9 }),
    cured: [9, 7],
  },
  {
    law: 'LOT-ENDS',
    name: 'nobody swept a lot',
    breaks: ({ clock, shop, orders }) =>
      shop.orders.cancel({ orderId: orders.open }).then(() => clock.move(hour + tenMinutes)),
  },
  {
    law: 'STOCK-HELD',
    name: 'too many held units',
    breaks: ({ update }) => update('products', { held: 9 }),
    cured: [9, 4],
  },
  {
    law: 'STOCK-HELD',
    name: 'too few held units',
    breaks: ({ update }) => update('products', { held: 0 }),
    cured: [0, 4],
  },
  {
    law: 'NO-ORPHANS',
    name: 'a hold of no order',
    breaks: ({ insert, clock }) =>
      insert('holds', holdOf({ orderId: 'lost', productId: 'tea', quantity: 2, expiresAt: clock.now() + day }).row),
  },
  {
    law: 'NO-ORPHANS',
    name: 'a hold of no product',
    breaks: ({ insert, clock }) => insert('holds', holdOf({ orderId: 'lost', expiresAt: clock.now() + day }).row),
    cured: [1, null],
  },
  {
    law: 'ORDER-HOLDS',
    name: 'a cancelled order has a hold',
    async breaks({ insert, update, orders, clock }) {
      await insert('holds', holdOf({ orderId: orders.gone, productId: 'tea', expiresAt: clock.now() + day }).row)
      await update('products', { held: 5 })
    },
    cured: [1, null],
  },
  {
    law: 'ORDER-ENDS',
    name: 'nobody swept an order',
    breaks: ({ clock }) => clock.move(15 * 60_000 + tenMinutes + 1),
    cured: ['pending', 'expired'],
  },
  {
    law: 'COUPON-LIMIT',
    name: 'the copies of a coupon are counted wrong',
    breaks: ({ update }) => update('coupons', { issued: 3 }),
    cured: [3, 1],
  },
  {
    law: 'COUPON-SINGLE-USE',
    name: 'a paid order has lost its coupon',
    breaks: ({ update }) => update('issuedCoupons', { usedByOrderId: null }),
  },
  {
    law: 'COUPON-SINGLE-USE',
    name: 'a coupon is used by an order that has ended',
    async breaks({ update, orders, shop }) {
      await shop.orders.refund({ orderId: orders.paid })
      await update('issuedCoupons', { usedByOrderId: orders.gone })
    },
  },
  {
    law: 'REFUND-SUM',
    name: 'the refunds of an order are added up wrong',
    breaks: ({ update, orders }) => update('orders', { refundedAmount: 7 }, ({ orderId }) => orderId === orders.parts),
    cured: [7, 2_000],
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'an event is missing',
    breaks: ({ remove, orders }) => remove('events', (each) => each.subjectId === orders.parts && each.sequence === 2),
    cured: [
      [1, 3],
      [1, 2, 3],
    ],
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'the events of an order are counted wrong',
    breaks: ({ update, orders }) => update('orders', { events: 9 }, ({ orderId }) => orderId === orders.gone),
    cured: [9, 1],
  },
  { law: 'SALES-MATCH', name: 'the daily sums are too high', breaks: ({ sell }) => sell(5) },
]

const reportable: readonly Breakage[] = [
  {
    law: 'WALLET-LEDGER',
    name: 'a balance that its entries do not explain',
    breaks: ({ update }) => update('wallets', { balance: 99_999 }),
  },
  {
    law: 'STOCK-CONSERVATION',
    name: 'units that nobody received',
    breaks: ({ update }) => update('products', { received: 99 }),
  },
  {
    law: 'REFUND-SUM',
    name: 'a refund that its entry does not show',
    async breaks({ store, update, orders }) {
      const refunds = store.rows('orders').find(({ orderId }) => orderId === orders.parts)?.refunds ?? []
      const wrong = refunds.map((refund) => ({ ...refund, amount: 1 }))
      await update('orders', { refunds: wrong }, ({ orderId }) => orderId === orders.parts)
    },
  },
  {
    law: 'OUTBOX-COMPLETE',
    name: 'an event of something that did not happen',
    breaks: ({ update, orders }) =>
      update('events', { type: 'order.failed' }, ({ subjectId }) => subjectId === orders.gone),
  },
]

const lawsOf = async ({ shop }: BrokenShop) => (await shop.audit()).violations.map(({ law }) => law)

describe('a repair cures', () => {
  it.each(curable.map((each) => [`${each.law}: ${each.name}`, each] as const))(
    '%s',
    async (_, { law, breaks, cured }) => {
      const broken = await openShop()
      const { shop, store } = broken
      expect(await lawsOf(broken)).toEqual([])
      await breaks(broken)
      expect(await lawsOf(broken)).toContain(law)

      const before = broken.rows()
      const dry = await shop.repair({ dryRun: true })
      expect(dry).toMatchObject({ ok: false, dryRun: true, left: [] })
      expect(dry.cures.map((cure) => cure.law)).toContain(law)
      expect(broken.rows()).toEqual(before)

      const report = await shop.repair()
      expect(report).toMatchObject({ ok: true, dryRun: false, left: [] })
      expect(await lawsOf(broken)).toEqual([])
      const own = report.cures.filter((cure) => cure.law === law)
      expect(own).toHaveLength(1)
      if (cured) expect([own[0]?.before, own[0]?.after]).toEqual(cured)
      expect(store.rows('repairs').map(({ what, subject }) => [what, subject])).toEqual(
        report.cures.map(({ what, subject }) => [what, subject]),
      )
      expect(await shop.repair()).toEqual({ ok: true, dryRun: false, cures: [], left: [] })
    },
  )

  it('several violations in one call, and tells what is left', async () => {
    const broken = await openShop()
    const { shop, update, insert, clock } = broken
    await update('products', { received: 99, held: 9 })
    await update('coupons', { issued: 3 })
    await insert('holds', holdOf({ orderId: 'lost', productId: 'tea', quantity: 2, expiresAt: clock.now() + day }).row)
    const report = await shop.repair()
    expect(report.cures.map(({ law }) => law).sort()).toEqual(['COUPON-LIMIT', 'NO-ORPHANS', 'STOCK-HELD'])
    expect(report).toMatchObject({ ok: false, left: [{ law: 'STOCK-CONSERVATION', subject: 'product tea' }] })
    expect(await lawsOf(broken)).toEqual(['STOCK-CONSERVATION'])
  })

  it('nothing of a sound shop: it writes nothing', async () => {
    const { shop, rows } = await openShop()
    const before = rows()
    expect(await shop.repair()).toEqual({ ok: true, dryRun: false, cures: [], left: [] })
    expect(rows()).toEqual(before)
  })
})

describe('a repair only reports', () => {
  it.each(reportable.map((each) => [`${each.law}: ${each.name}`, each] as const))('%s', async (_, { law, breaks }) => {
    const broken = await openShop()
    await breaks(broken)
    const before = broken.rows()
    const report = await broken.shop.repair()
    expect(report).toMatchObject({ ok: false, cures: [] })
    expect(report.left.map((each) => each.law)).toContain(law)
    expect(broken.rows()).toEqual(before)
  })
})

describe('a missing event', () => {
  const eventsOf = ({ store }: BrokenShop, id: string) =>
    store
      .rows('events')
      .filter(({ subjectId }) => subjectId === id)
      .sort((a, b) => a.sequence - b.sequence)

  it('is written as the order was then, to be sent now', async () => {
    const broken = await openShop()
    const { shop, orders, remove, clock } = broken
    const before = eventsOf(broken, orders.parts)
    await remove('events', ({ subjectId, sequence }) => subjectId === orders.parts && sequence < 3)
    clock.move(5)
    await shop.repair()
    const after = eventsOf(broken, orders.parts)
    expect(after.map(({ type, data }) => ({ type, data }))).toEqual(before.map(({ type, data }) => ({ type, data })))
    expect(after.map(({ at, status }) => [at, status])).toEqual([
      [defaultNow + 5, 'pending'],
      [defaultNow + 5, 'pending'],
      [defaultNow, 'pending'],
    ])
  })

  it('is not written again where it may have been sent and purged', async () => {
    const broken = await openShop()
    const { shop, orders, remove, update, clock } = broken
    await shop.orders.cancel({ orderId: orders.open })
    await remove('events', ({ subjectId, sequence }) => subjectId === orders.parts && sequence < 3)
    clock.move(day + 1)
    await shop.upkeep.expireLots()
    expect(await lawsOf(broken)).toEqual([])
    await update('orders', { events: 9 }, ({ orderId }) => orderId === orders.parts)
    expect(await shop.repair()).toMatchObject({
      ok: true,
      cures: [{ law: 'OUTBOX-COMPLETE', what: 'counted the events of the order again', before: 9, after: 3 }],
    })
    expect(eventsOf(broken, orders.parts).map(({ sequence }) => sequence)).toEqual([3])
  })
})

describe('two repairs', () => {
  it('cure a violation once: the earlier one is refused when the later one has started', async () => {
    const broken = await openShop()
    const { store, update } = broken
    await update('products', { held: 9 })
    const shops = [broken.shop, createShop({ store }), createShop({ store })]
    const settled = await Promise.allSettled(shops.map((shop) => shop.repair()))
    for (const each of settled)
      expect(each.status === 'fulfilled' || (isShopRefusal(each.reason) && each.reason.code)).toBeOneOf([
        true,
        'LEADERSHIP_LOST',
      ])
    expect(store.rows('repairs').map(({ law }) => law)).toEqual(['STOCK-HELD'])
    expect(await lawsOf(broken)).toEqual([])
  })

  it('never share a token: a cure with an older one is refused', async () => {
    const { shop, store } = await openShop()
    const tokens = await Promise.all([1, 2, 3].map(async () => shop.execute(startRepair, {})))
    expect(tokens.map((each) => each.ok && each.result)).toEqual([1, 2, 3])
    const cure = { kind: 'held', productId: 'tea', drift: 1 } as const
    const stale = { cure, law: 'STOCK-HELD', subject: 'product tea', fence: { job: 'repair', token: 2 } }
    expect(await shop.execute(cureViolation, stale)).toMatchObject({ refusal: { code: 'LEADERSHIP_LOST' } })
    expect(store.rows('products')).toMatchObject([{ held: 4 }])
  })

  it('take only known options', async () => {
    const { shop } = await openShop()
    expect(await refused(shop.repair({ dryrun: true } as never))).toMatchObject({ code: 'INVALID_REQUEST' })
    expect(await refused(shop.repair({ dryRun: 'yes' } as never))).toMatchObject({ code: 'INVALID_REQUEST' })
  })
})
