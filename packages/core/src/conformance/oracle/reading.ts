import type { PlaceOrder } from '../../commands/order/place-order.js'
import type { Refusal } from '../../shared/refusal.js'
import { entriesOf, historyOf, statement } from './accounts.js'
import { daysOfRanking } from './keeping.js'
import { type ModelResult, quote } from './ordering.js'
import { dropsNow, priceNow, time } from './selling.js'
import { isWellFormed } from './shape.js'
import type { CouponNote, ModelState, ProductNote } from './state.js'
import {
  adminProductAnswer,
  balanceAnswer,
  claimableAnswer,
  couponAnswer,
  eventAnswer,
  issuedAnswer,
  orderAnswer,
  paymentAnswer,
  productAnswer,
} from './views.js'

const no = (refusal: Refusal): ModelResult => ({ refusal })

/** Newest first; rows with the same time by id, descending. */
const newestFirst = <T>(rows: readonly T[], at: (row: T) => number, id: (row: T) => string): T[] =>
  [...rows].sort((a, b) => {
    if (at(a) !== at(b)) return at(b) - at(a)
    return id(a) < id(b) ? 1 : -1
  })

const looksAt = (notes: ModelState, read: 'on-detail' | 'on-list', productId: string): void => {
  const { countViews } = notes.policies.catalog
  if (countViews === read || countViews === 'on-both') notes.looks.push(productId)
}

interface ProductQuery {
  readonly page: number
  readonly size: number
  readonly keyword?: string
}

const productPage = (products: readonly ProductNote[], { page, size, keyword = '' }: ProductQuery) => {
  const wanted = products.filter(({ name }) => name.toLowerCase().includes(keyword.toLowerCase()))
  wanted.sort((a, b) => (a.productId < b.productId ? -1 : 1))
  wanted.sort((a, b) => b.createdAt - a.createdAt)
  return { shown: wanted.slice(page * size, page * size + size), total: wanted.length }
}

const list = (notes: ModelState, query: ProductQuery): ModelResult => {
  const listed = notes.products.filter((product) => product.listed)
  const { shown, total } = productPage(listed, query)
  for (const { productId } of shown) looksAt(notes, 'on-list', productId)
  const { page, size } = query
  return { result: { products: shown.map((each) => productAnswer(notes, each)), page, size, total } }
}

const listAll = (notes: ModelState, query: ProductQuery): ModelResult => {
  const { shown, total } = productPage(notes.products, query)
  const { page, size } = query
  return { result: { products: shown.map((each) => adminProductAnswer(notes, each)), page, size, total } }
}

const top = (notes: ModelState, { limit }: { limit?: number }): ModelResult => {
  const { ranking } = notes
  if (!ranking) return { result: { products: [], ...daysOfRanking(notes, notes.now), asOf: null } }
  const products: unknown[] = []
  for (const { productId, sold, views } of ranking.products) {
    const product = notes.product(productId)
    if (!product?.listed || products.length >= (limit ?? notes.policies.ranking.size)) continue
    products.push({
      rank: products.length + 1,
      productId,
      name: product.name,
      price: priceNow(notes, product),
      sold,
      views,
    })
  }
  return { result: { products, from: ranking.from, to: ranking.to, asOf: time(ranking.asOf) } }
}

const at = (notes: ModelState, products: readonly ProductNote[]) => ({
  now: time(notes.now),
  products: products.map((product) => productAnswer(notes, product)),
})

const sortedCoupons = (notes: ModelState): CouponNote[] =>
  newestFirst(
    notes.coupons,
    ({ createdAt }) => createdAt,
    ({ couponId }) => couponId,
  )

type Read = (notes: ModelState, input: never) => ModelResult

/** Every read by the name of its step. Lists are complete. */
export const reads: Readonly<Record<string, Read>> = {
  'balance.get': (notes, { userId }: { userId: string }) =>
    notes.users.includes(userId) ? { result: balanceAnswer(notes, userId) } : no({ code: 'USER_NOT_FOUND', userId }),
  'balance.history': (notes, { userId }: { userId: string }) =>
    notes.users.includes(userId) ? { result: historyOf(notes, userId) } : no({ code: 'USER_NOT_FOUND', userId }),
  'balance.entries': entriesOf,
  statement,
  'products.get': (notes, { productId }: { productId: string }) => {
    const product = notes.product(productId)
    if (!product?.listed) return no({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
    looksAt(notes, 'on-detail', productId)
    if (notes.policies.catalog.soldOut === 'refused' && notes.stockOf(product) <= 0) {
      return no({ code: 'PRODUCT_SOLD_OUT', productId })
    }
    return { result: productAnswer(notes, product) }
  },
  'products.find': (notes, { productId }: { productId: string }) => {
    const product = notes.product(productId)
    if (!product) return no({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
    return { result: adminProductAnswer(notes, product) }
  },
  'products.list': list,
  'products.listAll': listAll,
  'products.top': top,
  'products.drops': (notes) => ({ result: at(notes, dropsNow(notes).slice(0, 100)) }),
  'products.states': (notes, { productIds }: { productIds: readonly string[] }) => {
    const wanted = productIds.filter((productId, index) => productIds.indexOf(productId) === index)
    const found = wanted.flatMap((productId) => notes.product(productId) ?? [])
    return {
      result: at(
        notes,
        found.filter(({ listed }) => listed),
      ),
    }
  },
  'coupons.get': (notes, { couponId }: { couponId: string }) => {
    const coupon = notes.coupon(couponId)
    return coupon ? { result: couponAnswer(notes, coupon) } : no({ code: 'COUPON_NOT_FOUND', couponId })
  },
  'coupons.list': (notes) => ({ result: sortedCoupons(notes).map((coupon) => couponAnswer(notes, coupon)) }),
  'coupons.claimable': (notes) => {
    const open = sortedCoupons(notes).filter(
      ({ couponId, code, quantity, validFrom, validUntil }) =>
        code === null && validFrom <= notes.now && notes.now < validUntil && notes.issuedCount(couponId) < quantity,
    )
    return { result: open.map((coupon) => claimableAnswer(notes, coupon)) }
  },
  'coupons.ofUser': (notes, { userId }: { userId: string }) => {
    if (notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
    const copies = newestFirst(
      notes.issued.filter((copy) => copy.userId === userId),
      ({ at }) => at,
      ({ couponId }) => couponId,
    )
    const result = copies.map((copy) => ({
      ...issuedAnswer(notes, notes.coupon(copy.couponId) as CouponNote, copy),
      usedByOrderId: notes.userOf(copy.couponId, userId),
    }))
    return { result }
  },
  'orders.get': (notes, { orderId, userId }: { orderId: string; userId?: string }) => {
    const order = notes.order(orderId)
    if (!order || (userId !== undefined && order.userId !== userId)) return no({ code: 'ORDER_NOT_FOUND', orderId })
    return { result: orderAnswer(notes, order) }
  },
  'orders.quote': (notes, input: PlaceOrder) =>
    isWellFormed('orders.place', { ...input }) ? quote(notes, input) : no({ code: 'INVALID_REQUEST', errors: [] }),
  'orders.list': (notes, query: { userId?: string; status?: string; reference?: string }) => {
    const { userId, status, reference } = query
    if (userId !== undefined && notes.isUnknown(userId)) return no({ code: 'USER_NOT_FOUND', userId })
    const wanted = notes.orders.filter(
      (order) =>
        (userId === undefined || order.userId === userId) &&
        (status === undefined || notes.statusOf(order) === status) &&
        (reference === undefined || order.reference === reference),
    )
    const sorted = newestFirst(
      wanted,
      ({ createdAt }) => createdAt,
      ({ orderId }) => orderId,
    )
    return { result: sorted.map((order) => orderAnswer(notes, order)) }
  },
  'payments.get': (notes, { paymentId, userId }: { paymentId: string; userId?: string }) => {
    const payment = notes.payments.find((each) => each.paymentId === paymentId)
    const order = payment && notes.order(payment.orderId)
    if (!payment || (userId !== undefined && order?.userId !== userId)) {
      return no({ code: 'PAYMENT_NOT_FOUND', paymentId })
    }
    return { result: paymentAnswer(notes, payment) }
  },
  'outbox.list': (notes, { status }: { status?: string }) => {
    const wanted = notes.events.filter((event) => status === undefined || event.status === status)
    const sorted = newestFirst(
      wanted,
      ({ at }) => at,
      ({ eventId }) => eventId,
    )
    return { result: sorted.map(eventAnswer) }
  },
  'outbox.counts': (notes) => {
    const counts = { pending: 0, sent: 0, dead: 0 }
    let oldestPendingAt: number | null = null
    for (const { status, at } of notes.events) {
      counts[status] += 1
      if (status === 'pending' && (oldestPendingAt === null || at < oldestPendingAt)) oldestPendingAt = at
    }
    return { result: { ...counts, oldestPendingAt: oldestPendingAt === null ? null : time(oldestPendingAt) } }
  },
}
