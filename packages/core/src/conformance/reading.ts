import type { CouponView, OwnedCouponView } from '../model/coupon.js'
import type { EventView } from '../model/event.js'
import type { OrderView } from '../model/order-view.js'
import type { AdminProductView } from '../model/product.js'
import type { BalanceView, EntryView } from '../model/wallet.js'
import { isShopRefusal } from '../shared/refusal.js'
import type { Page } from '../shop/page.js'
import type { Shop } from '../shop/shop.js'
import type { Statement, StatementQuery } from '../shop/statement.js'
import type { CallRequest } from './journal.js'

type AnyRead = (input: object) => Promise<unknown>

const pages = [
  'balance.history',
  'balance.entries',
  'coupons.list',
  'coupons.claimable',
  'coupons.ofUser',
  'orders.list',
  'outbox.list',
]

/** The answer of a read. A list is read page by page to its end; in one page, if pages could be of several moments. */
export const walk = async (
  shop: Shop<never>,
  { name, input }: CallRequest,
  stale: ReadonlySet<string> = new Set(),
): Promise<unknown> => {
  if (name === 'statement') return shop.statement(input as StatementQuery)
  const [noun = '', method = ''] = name.split('.')
  const read = (shop as unknown as Record<string, Record<string, AnyRead>>)[noun]?.[method] as AnyRead
  if (!pages.includes(name)) return read(input)
  const items: unknown[] = []
  let query: object = stale.has(name) ? { ...input, limit: 100 } : input
  for (let part = 0; part < 1_000; part += 1) {
    const { items: found, next } = (await read(query)) as Page<unknown, unknown>
    items.push(...found)
    if (next === null) return items
    query = { ...input, [name === 'balance.history' ? 'before' : 'after']: next }
  }
  throw new Error(`${name} never ends`)
}

/** Everything that reads of a shop show. */
export interface Observation {
  /** Balance and history, by user. */
  readonly wallets: Readonly<Record<string, BalanceView & { readonly entries: readonly EntryView[] }>>
  /** By product. */
  readonly products: Readonly<Record<string, AdminProductView>>
  /** All coupons. */
  readonly coupons: readonly CouponView[]
  /** The coupons of each user. */
  readonly owned: Readonly<Record<string, readonly OwnedCouponView[]>>
  /** All orders. */
  readonly orders: readonly OrderView[]
  /** All events. */
  readonly events: readonly EventView[]
}

const orNothing = async <T>(read: Promise<T>): Promise<T | undefined> => {
  try {
    return await read
  } catch (error) {
    if (isShopRefusal(error)) return undefined
    throw error
  }
}

const byId = async <T>(ids: readonly string[], read: (id: string) => Promise<T>): Promise<Record<string, T>> => {
  const found: Record<string, T> = {}
  for (const id of ids) {
    const row = await orNothing(read(id))
    if (row !== undefined) found[id] = row
  }
  return found
}

/** The statement of each of these days. */
export const statementsOf = async (shop: Shop<never>, days: readonly string[]): Promise<readonly Statement[]> => {
  const statements: Statement[] = []
  for (const day of days) statements.push(await shop.statement({ from: day, to: day }))
  return statements
}

/** Reads everything about these users and products, and every coupon, order and event. */
export const lookAtEverything = async (
  shop: Shop<never>,
  { users, products }: { readonly users: readonly string[]; readonly products: readonly string[] },
): Promise<Observation> => {
  const all = <T>(name: string, input = {}) => walk(shop, { name, input: { ...input, limit: 100 } }) as Promise<T[]>
  return {
    wallets: await byId(users, async (userId) => ({
      ...(await shop.balance.get({ userId })),
      entries: await all<EntryView>('balance.history', { userId }),
    })),
    products: await byId(products, (productId) => shop.products.find({ productId })),
    coupons: await all<CouponView>('coupons.list'),
    owned: await byId(users, (userId) => all<OwnedCouponView>('coupons.ofUser', { userId })),
    orders: await all<OrderView>('orders.list'),
    events: await all<EventView>('outbox.list'),
  }
}
