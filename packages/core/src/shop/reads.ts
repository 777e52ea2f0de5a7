import type { ViewCounter } from '../engine/view-counter.js'
import {
  type ClaimableCouponView,
  type Coupon,
  type CouponView,
  claimableCouponView,
  couponView,
  type OwnedCouponView,
  ownedCouponView,
} from '../model/coupon.js'
import { type EventStatus, type EventView, eventView } from '../model/event.js'
import { type OrderStatus, type OrderView, orderView } from '../model/order.js'
import { type PaymentView, paymentView } from '../model/payment.js'
import {
  type AdminProductView,
  adminProductView,
  available,
  foldName,
  type ProductReading,
  type ProductView,
  productView,
  withoutOverdue,
} from '../model/product.js'
import { type RankingView, rankingView, rankingWindow } from '../model/ranking.js'
import { type BalanceView, balanceView, type EntryView, entryView } from '../model/wallet.js'
import { type Policies, requiresRegistration } from '../policies/policies.js'
import { type Refusal, ShopRefusal } from '../shared/refusal.js'
import type { ListQuery, Position, Reads } from '../store/reads.js'

/** One part of a list, and where the next part begins: null at its end. */
export interface Page<Item, Next = Position> {
  readonly items: readonly Item[]
  readonly next: Next | null
}

const refuse = (refusal: Refusal): never => {
  throw new ShopRefusal(refusal)
}

/** Reads one row more than asked for: whether it is there tells whether the list goes on. */
const pageOf = <Row, Item, Next>(
  rows: readonly Row[],
  limit: number,
  { item, position }: { item: (row: Row) => Item; position: (row: Row) => Next },
): Page<Item, Next> => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(item), next: rows.length > limit && last !== undefined ? position(last) : null }
}

const oneMore = <Q extends ListQuery>(query: Q): Q => ({ ...query, limit: query.limit + 1 })

const createdCoupon = ({ createdAt, couponId }: Coupon): Position => ({ at: createdAt, id: couponId })

/** Everything that can be read of a shop; refusals are thrown as ShopRefusal. */
export const shopReads = (reads: Reads, policies: Policies, views: ViewCounter) => {
  /** By registration, a user without a wallet is unknown everywhere. */
  const mustBeKnown = async (userId: string): Promise<void> => {
    if (requiresRegistration(policies) && !(await reads.wallet(userId))) refuse({ code: 'USER_NOT_FOUND', userId })
  }
  const { countViews } = policies.catalog

  return {
    balance: {
      /** Refused: USER_NOT_FOUND before the wallet's first entry or registration. (seed 000, B007–B009 · seed 004, B177–B179) */
      async get({ userId }: { userId: string }): Promise<BalanceView> {
        const wallet = (await reads.wallet(userId)) ?? refuse({ code: 'USER_NOT_FOUND', userId })
        return balanceView(wallet)
      },
      /** Newest first. Refused: USER_NOT_FOUND. */
      async history(query: {
        userId: string
        limit: number
        before?: number | undefined
      }): Promise<Page<EntryView, number>> {
        const { userId, limit, before } = query
        const rows = await reads.entries({ userId, limit: limit + 1, before })
        if (rows.length === 0 && !(await reads.wallet(userId))) refuse({ code: 'USER_NOT_FOUND', userId })
        return pageOf(rows, limit, { item: entryView, position: ({ sequence }) => sequence })
      },
    },
    products: {
      /** Refused: PRODUCT_NOT_FOUND; PRODUCT_SOLD_OUT where the policy says so. (seed 001, B049 · seed 004, B186–B188) */
      async get({ productId }: { productId: string }): Promise<ProductView> {
        const product =
          listed(await reads.product(productId)) ?? refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
        if (countViews === 'on-detail' || countViews === 'on-both') views.count(productId)
        if (policies.catalog.soldOut === 'refused' && available(product) <= 0)
          refuse({ code: 'PRODUCT_SOLD_OUT', productId })
        return productView(product)
      },
      /** Listed products, newest first, whose name contains `keyword`, whatever its case. (seed 002, B116–B119) */
      async list(query: { page: number; size: number; keyword?: string | undefined }): Promise<{
        readonly products: readonly ProductView[]
        readonly page: number
        readonly size: number
        readonly total: number
      }> {
        const { page, size, keyword } = query
        const { found, total } = await reads.products({
          // A page beyond everything is empty, however far beyond.
          offset: Math.min(page * size, Number.MAX_SAFE_INTEGER),
          limit: size,
          keyword: keyword === undefined || keyword === '' ? undefined : foldName(keyword),
        })
        if (countViews === 'on-list' || countViews === 'on-both')
          for (const { productId } of found) views.count(productId)
        return { products: found.map((product) => productView(withoutOverdue(product))), page, size, total }
      },
      /** As an administrator sees it, unlisted ones included. Refused: PRODUCT_NOT_FOUND. */
      async find({ productId }: { productId: string }): Promise<AdminProductView> {
        const product =
          (await reads.product(productId)) ?? refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
        return adminProductView(withoutOverdue(product))
      },
      /** The popular products as last computed, with names and prices of now. (seed 001, B077 · seed 003, B176) */
      async top({ limit }: { limit?: number | undefined } = {}): Promise<RankingView> {
        const { now, found } = await reads.ranking()
        const { size } = policies.ranking
        return rankingView(found.ranking, found.products, {
          window: rankingWindow(policies.ranking, now),
          limit: Math.min(size, limit ?? size),
        })
      },
    },
    coupons: {
      /** Refused: COUPON_NOT_FOUND. */
      async get({ couponId }: { couponId: string }): Promise<CouponView> {
        return couponView((await reads.coupon(couponId)) ?? refuse({ code: 'COUPON_NOT_FOUND', couponId }))
      },
      async list(query: ListQuery): Promise<Page<CouponView>> {
        return pageOf(await reads.coupons(oneMore(query)), query.limit, { item: couponView, position: createdCoupon })
      },
      /** Those that can be claimed now. */
      async claimable(query: ListQuery): Promise<Page<ClaimableCouponView>> {
        const rows = await reads.claimableCoupons(oneMore(query))
        return pageOf(rows, query.limit, { item: claimableCouponView, position: createdCoupon })
      },
      /** A user's coupons. Refused: USER_NOT_FOUND. (seed 002, B107 · seed 004, B197–B199) */
      async ofUser(query: ListQuery & { userId: string }): Promise<Page<OwnedCouponView>> {
        const { now, found } = await reads.couponsOf(oneMore(query))
        if (found.length === 0) await mustBeKnown(query.userId)
        return pageOf(found, query.limit, {
          item: ({ issued, coupon }) => ownedCouponView(issued, coupon, now),
          position: ({ issued }) => ({ at: issued.issuedAt, id: issued.couponId }),
        })
      },
    },
    orders: {
      /** Refused: ORDER_NOT_FOUND, also where `userId` is given and the order is another's. */
      async get({ orderId, userId }: { orderId: string; userId?: string | undefined }): Promise<OrderView> {
        const { now, found } = await reads.order(orderId)
        const order = owned(found, userId) ?? refuse({ code: 'ORDER_NOT_FOUND', orderId })
        return orderView(order, now)
      },
      /** Newest first; `status` is the status by the clock. Refused: USER_NOT_FOUND. */
      async list(
        query: ListQuery & { userId?: string | undefined; status?: OrderStatus | undefined },
      ): Promise<Page<OrderView>> {
        const { now, found } = await reads.orders(oneMore(query))
        if (found.length === 0 && query.userId !== undefined) await mustBeKnown(query.userId)
        return pageOf(found, query.limit, {
          item: (order) => orderView(order, now),
          position: ({ createdAt, orderId }) => ({ at: createdAt, id: orderId }),
        })
      },
    },
    payments: {
      /** Refused: PAYMENT_NOT_FOUND, also where `userId` is given and the payment is another's. */
      async get({ paymentId, userId }: { paymentId: string; userId?: string | undefined }): Promise<PaymentView> {
        const { now, found } = await reads.payment(paymentId)
        if (!found || !owned(found.payment, userId)) return refuse({ code: 'PAYMENT_NOT_FOUND', paymentId })
        return paymentView(found.payment, found.order, now)
      },
    },
    outbox: {
      async list(query: ListQuery & { status?: EventStatus | undefined }): Promise<Page<EventView>> {
        const rows = await reads.events(oneMore(query))
        return pageOf(rows, query.limit, { item: eventView, position: ({ at, eventId }) => ({ at, id: eventId }) })
      },
      /** How many events wait, were sent, are dead; and since when the oldest one waits. */
      counts: () => reads.eventCounts(),
    },
  }
}

const listed = (product: ProductReading | undefined) => (product?.listed ? withoutOverdue(product) : undefined)

const owned = <T extends { readonly userId: string }>(
  found: T | undefined,
  userId: string | undefined,
): T | undefined => (found && (userId === undefined || found.userId === userId) ? found : undefined)

export type ShopReads = ReturnType<typeof shopReads>
