import type {
  CouponFacts,
  HistoryLoss,
  IssuedCouponFacts,
  OrderFacts,
  OrphanFacts,
  ProductFacts,
  ReferenceFacts,
  WalletFacts,
} from '@shop/core/store'
import type { Names } from '../database/names.js'
import { everythingLeft } from '../database/rules.js'
import type { Raw } from '../database/session.js'
import { fromInstant } from '../database/statement.js'
import type { RowMap } from '../rows/row-map.js'
import { coupons, historyLosses, issuedCoupons, orders, products, wallets } from '../rows/row-maps.js'

/** A list of facts: the query of a cursor, and how to read its rows. */
export interface FactList<Facts> {
  readonly cursor: string
  readonly sql: (names: Names) => string
  readonly read: (raw: readonly Raw[]) => Facts
}

/** The columns after those of the row itself. */
const columnsAfter = <Row>(map: RowMap<Row>, raw: readonly Raw[]): readonly Raw[] => raw.slice(map.width)

/** Sums of a corrupted database may exceed the exact integers. They are then approximate. */
const toSum = (raw: Raw | undefined): number => Number(raw ?? 0)

const list = (raw: Raw | undefined): readonly (readonly unknown[])[] => JSON.parse(raw ?? '[]')

const arrayOfAll = (element: string, rest: string): string => `(select json_agg(${element} ${rest})`

export const walletFacts: FactList<WalletFacts> = {
  cursor: 'audit_wallets',
  sql: (names) => `select ${wallets.list('w')}, coalesce(e.number, 0), coalesce(e.total, 0), coalesce(e.newest, 0),
  least(0, e.lowest), coalesce(e.broken, 0), case when e.first_moved is not null then (
    select json_agg(json_build_array(m.kind, m.amount, m.balance, ${fromInstant('m.at')}, m.lots) order by m.sequence)
    from ${names.wallet_entries} m where m.user_id = w.user_id and m.sequence between e.first_moved and e.last_moved
  ) end
from ${names.wallets} w left join (
  select user_id, count(*) as number, sum(amount) as total, (array_agg(balance order by sequence desc))[1] as newest,
    min(balance) as lowest, count(*) filter (where balance <> balance_before + amount or sequence <> sequence_before + 1) as broken,
    min(sequence) filter (where moved) as first_moved, max(sequence) filter (where moved) as last_moved
  from (
    select user_id, sequence, amount, balance, lots is not null as moved, lag(balance, 1, 0::bigint) over entry as balance_before,
      lag(sequence, 1, 0::bigint) over entry as sequence_before
    from ${names.wallet_entries} window entry as (partition by user_id order by sequence)
  ) chained group by user_id
) e using (user_id)`,
  read(raw) {
    const [number, total, newest, lowest, broken, bonus] = columnsAfter(wallets, raw)
    return {
      wallet: wallets.read(raw),
      entryCount: toSum(number),
      entrySum: toSum(total),
      lastBalance: toSum(newest),
      lowestBalance: toSum(lowest),
      brokenLinks: toSum(broken),
      bonusHistory: list(bonus).map(
        ([kind, amount, balance, at, lots]) =>
          ({ kind, amount, balance, at, lots }) as WalletFacts['bonusHistory'][number],
      ),
    }
  },
}

export const productFacts: FactList<ProductFacts> = {
  cursor: 'audit_products',
  sql: (names) => `select ${products.list('p')}, h.total, o.total, d.total
from ${names.products} p
left join (select product_id, sum(quantity) as total from ${names.holds} group by product_id) h using (product_id)
left join (
  select l.product_id, sum(l.units) as total
  from ${names.orders} o cross join lateral ${everythingLeft('o')} l where o.status = 'paid' group by 1
) o on o.product_id = p.product_id
left join (
  select product_id, sum(sold) as total from ${names.sales_of_days} group by product_id
) d on d.product_id = p.product_id`,
  read(raw) {
    const [held, paid, daily] = columnsAfter(products, raw)
    return { product: products.read(raw), holdSum: toSum(held), paidSum: toSum(paid), dailySum: toSum(daily) }
  },
}

export const couponFacts: FactList<CouponFacts> = {
  cursor: 'audit_coupons',
  sql: (names) => `select ${coupons.list('c')}, i.number, i.early
from ${names.coupons} c left join (
  select i.coupon_id, count(*) as number, count(*) filter (where i.issued_at < c.valid_from) as early
  from ${names.issued_coupons} i join ${names.coupons} c using (coupon_id) group by i.coupon_id
) i using (coupon_id)`,
  read(raw) {
    const [number, early] = columnsAfter(coupons, raw)
    return { coupon: coupons.read(raw), issuedCount: toSum(number), issuedEarly: toSum(early) }
  },
}

export const issuedCouponFacts: FactList<IssuedCouponFacts> = {
  cursor: 'audit_issued_coupons',
  sql: (names) => `select ${issuedCoupons.list('i')}, o.users
from ${names.issued_coupons} i left join (
  select coupon_id, user_id,
    json_agg(
      json_build_array(order_id, status, coupon_consumed_at, ${fromInstant('expires_at')}, discount_withdrawn_by) order by order_id
    ) as users
  from ${names.orders} where coupon_id is not null and status in ('pending', 'paid') group by coupon_id, user_id
) o using (coupon_id, user_id)`,
  read(raw) {
    const [users] = columnsAfter(issuedCoupons, raw)
    return {
      issued: issuedCoupons.read(raw),
      orders: list(users).map(
        ([orderId, status, couponConsumedAt, expiresAt, discountWithdrawnBy]) =>
          ({
            orderId,
            status,
            couponConsumedAt,
            expiresAt,
            discountWithdrawnBy,
          }) as IssuedCouponFacts['orders'][number],
      ),
    }
  },
}

/** Looks up what belongs to each order by an index, order by order, so that the first row needs no full scan. */
export const orderFacts: FactList<OrderFacts> = {
  cursor: 'audit_orders',
  sql: (names) => `select ${orders.list('o')},
  ${arrayOfAll(
    `json_build_array(e.kind, e.amount, e.user_id, ${fromInstant('e.at')}, e.lots)`,
    `order by e.sequence, e.user_id) from ${names.wallet_entries} e where e.order_id = o.order_id`,
  )},
  ${arrayOfAll(
    `json_build_array(h.product_id, h.quantity, ${fromInstant('h.expires_at')})`,
    `order by h.product_id) from ${names.holds} h where h.order_id = o.order_id`,
  )},
  ${arrayOfAll(
    'json_build_array(v.type, v.sequence)',
    `order by v.sequence) from ${names.events} v where v.order_id = o.order_id`,
  )}
from ${names.orders} o`,
  read(raw) {
    const [booked, held, told] = columnsAfter(orders, raw)
    return {
      order: orders.read(raw),
      entries: list(booked).map(
        ([kind, amount, userId, at, lots]) => ({ kind, amount, userId, at, lots }) as OrderFacts['entries'][number],
      ),
      holds: list(held).map(
        ([productId, quantity, expiresAt]) => ({ productId, quantity, expiresAt }) as OrderFacts['holds'][number],
      ),
      events: list(told).map(([type, sequence]) => ({ type, sequence }) as OrderFacts['events'][number]),
    }
  },
}

/** Entries and orders name the reference that they carry; the kind of an entry is that of its reference. */
export const referenceFacts: FactList<ReferenceFacts> = {
  cursor: 'audit_references',
  sql: (names) => `select reference, kind, owner, r.user_id, r.subject_id, r.entry, c.carriers
from ${names.permanent_references} r full join (
  select reference, kind, owner, json_agg(json_build_array(user_id, id, entry) order by user_id, id) as carriers
  from (
    select reference, kind, '' collate "C" as owner, user_id, entry_id as id, sequence as entry from ${names.wallet_entries}
    where reference is not null and kind in ('charge', 'grant', 'withdrawal', 'adjustment', 'opening', 'refund')
    union all
    select reference, 'order', user_id, user_id, order_id, null from ${names.orders} where reference is not null
  ) carrier group by reference, kind, owner
) c using (reference, kind, owner)`,
  read([reference, kind, owner, userId, subjectId, entry, carriers]) {
    const isStored = userId !== null && userId !== undefined
    return {
      key: { reference, kind, owner } as ReferenceFacts['key'],
      stored: isStored
        ? { userId, subjectId: subjectId as string, entry: entry === null ? null : Number(entry) }
        : undefined,
      carriers: list(carriers ?? null).map(
        ([user, id, sequence]) => ({ userId: user, id, entry: sequence }) as ReferenceFacts['carriers'][number],
      ),
    }
  },
}

export const historyLossFacts: FactList<HistoryLoss> = {
  cursor: 'audit_history_losses',
  sql: (names) => `select ${historyLosses.list('l')} from ${names.history_losses} l`,
  read: (raw) => historyLosses.read(raw),
}

/** Rows whose parent is missing, by table of core; of holds, also the keys of some. */
export const orphansIn = (names: Names): string => {
  const without = (table: keyof Names, ...parents: readonly (readonly [keyof Names, string])[]) => {
    const missing = parents.map(
      ([parent, key]) => `not exists (select from ${names[parent]} p where p.${key} = t.${key})`,
    )
    return `from ${names[table]} t where ${missing.join(' or ')}`
  }
  const count = (from: string) => `(select count(*) ${from}), null::json`
  const strayHolds = without('holds', ['orders', 'order_id'], ['products', 'product_id'])
  return `with stray as materialized (select t.order_id, t.product_id ${strayHolds})
select 'entries', ${count(without('wallet_entries', ['wallets', 'user_id']))}
union all select 'holds', (select count(*) from stray), (
  select json_agg(json_build_array(s.order_id, s.product_id)) from (select * from stray order by 1, 2 limit 100) s
)
union all select 'events', ${count(`${without('events', ['orders', 'order_id'])} and t.type like 'order.%'`)}
union all select 'issuedCoupons', ${count(without('issued_coupons', ['coupons', 'coupon_id']))}
union all select 'sales', ${count(without('sales_of_days', ['products', 'product_id']))}`
}

export const readOrphans = ([table, count, holds]: readonly Raw[]): OrphanFacts => ({
  table: String(table),
  count: Number(count),
  ...(table === 'holds' && {
    holds: list(holds).map(
      ([orderId, productId]) => ({ orderId, productId }) as { orderId: string; productId: string },
    ),
  }),
})
