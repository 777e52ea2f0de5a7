import type { Rows, TableName } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, resolvePolicies } from '../../src/index.js'
import { noKeys, tableNames } from '../../src/store.js'
import { changesOf, defaultNow, manualClock } from '../../src/testing/index.js'
import { day, hour } from './bonus.js'

/** A sound shop with a bit of everything, and a way to break its rows. */
export const openShop = async () => {
  const clock = manualClock(defaultNow)
  const store = inMemoryStore({ clock })
  const shop = createShop({
    store,
    policies: resolvePolicies('standard', { refund: { whenMinimumIsMissed: 'withdraw-discount' } }),
  })
  const userId = 'ann'
  const order = async (quantity: number, couponId?: string) =>
    (await shop.orders.place({ userId, products: [{ productId: 'tea', quantity }], couponId })).orderId
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 1_000, stock: 50 })
  await shop.balance.charge({ userId, amount: 20_000 })
  await shop.balance.grant({ userId, amount: 700, expiresAt: defaultNow + hour })
  await shop.coupons.create({
    couponId: 'ten',
    name: 'Ten',
    discount: { kind: 'fixed', amount: 100 },
    quantity: 5,
    validUntil: defaultNow + 99 * day,
  })
  await shop.coupons.issue({ userId, couponId: 'ten' })
  const paid = await order(2, 'ten')
  await shop.payments.pay({ userId, orderId: paid })
  const parts = await order(3)
  await shop.payments.pay({ userId, orderId: parts })
  for (const nth of [1, 2])
    await shop.orders.refund({ orderId: parts, lines: [{ productId: 'tea', quantity: 1 }], reference: `refund-${nth}` })
  const gone = await order(1)
  await shop.orders.cancel({ orderId: gone })
  const open = await order(4)
  await shop.balance.grant({ userId, amount: 500, expiresAt: defaultNow + hour })
  const orders = { paid, parts, gone, open }

  const write = (changes: Parameters<typeof changesOf>[0], sales?: Parameters<typeof changesOf>[1]) =>
    store.transact(noKeys, () => changesOf(changes, sales))
  return {
    clock,
    store,
    shop,
    orders,
    /** Everything that is stored. */
    rows: () => tableNames.map((table) => structuredClone(store.rows(table))),
    /** Overwrites these fields of the rows that match. */
    async update<T extends TableName>(
      table: T,
      fields: Partial<Rows[T]>,
      matches: (row: Rows[T]) => boolean = () => true,
    ) {
      const changed = store.rows(table).filter(matches)
      await write({ updated: { [table]: changed.map((row) => ({ ...row, ...fields })) } })
    },
    insert: <T extends TableName>(table: T, row: Rows[T]) => write({ inserted: { [table]: [row] } }),
    remove: <T extends TableName>(table: T, matches: (row: Rows[T]) => boolean) =>
      write({ removed: { [table]: store.rows(table).filter(matches) } }),
    sell: (quantity: number) => write({}, [{ timeZone: 'Asia/Seoul', day: '2025-06-15', productId: 'tea', quantity }]),
  }
}

export type BrokenShop = Awaited<ReturnType<typeof openShop>>
