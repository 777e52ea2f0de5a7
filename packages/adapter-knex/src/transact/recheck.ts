import { type Changes, type Keys, keyText, type Loaded, lockOrder, noKeys } from '@shop/core/store'
import type { Names } from '../database/names.js'
import type { QueryStep } from '../database/session.js'
import { prepared } from '../database/statement.js'
import { found, keyValues, type Locked } from './lock.js'

const textOf: { readonly [L in Locked]: (row: never) => string } = {
  fences: ({ job }: Loaded['fences'][number]) => job,
  rankings: ({ name }: Loaded['rankings'][number]) => name,
  events: ({ eventId }: Loaded['events'][number]) => eventId,
  orders: ({ orderId }: Loaded['orders'][number]) => orderId,
  wallets: ({ userId }: Loaded['wallets'][number]) => userId,
  coupons: ({ couponId }: Loaded['coupons'][number]) => couponId,
  issuedCoupons: keyText.issuedCoupon,
  products: ({ productId }: Loaded['products'][number]) => productId,
}

const missing = <K>(keys: readonly K[], text: (key: K) => string, rows: readonly string[]): K[] => {
  if (keys.length === rows.length) return []
  const there = new Set(rows)
  return keys.filter((key) => !there.has(text(key)))
}

/** Keys whose row was not found and is not inserted by the group. An insert detects a conflict itself. */
const absent = (keys: Keys, loaded: Loaded, changes: Changes): Keys => {
  const rows = (name: Locked) => {
    const text = textOf[name] as (row: unknown) => string
    return [...loaded[name].map(text), ...changes[name].inserted.map(text)]
  }
  const ids = (name: Exclude<Locked, 'issuedCoupons'>) => missing(keys[name], keyText.id, rows(name))
  return {
    ...noKeys,
    fences: ids('fences'),
    rankings: ids('rankings'),
    events: ids('events'),
    orders: ids('orders'),
    wallets: ids('wallets'),
    coupons: ids('coupons'),
    issuedCoupons: missing(keys.issuedCoupons, keyText.issuedCoupon, rows('issuedCoupons')),
    products: ids('products'),
  }
}

/**
 * A missing row cannot be locked. If a decision depends on its absence, and it was inserted since the read, this
 * statement fails with a division by zero. The group is then decided again.
 */
export const recheckStep = (
  names: Names,
): ((keys: Keys, loaded: Loaded, changes: Changes) => QueryStep | undefined) => {
  let first = 1
  const appeared = lockOrder.map((name) => {
    const at = first
    first += keyValues(noKeys, name).length
    return `exists (select ${found(names, name, at)})`
  })
  const statement = prepared(`select 1 / (case when ${appeared.join('\n  or ')} then 0 else 1 end)`)
  return (keys, loaded, changes) => {
    const gone = absent(keys, loaded, changes)
    if (lockOrder.every((name) => gone[name].length === 0)) return undefined
    return { statement, values: lockOrder.flatMap((name) => keyValues(gone, name)) }
  }
}
