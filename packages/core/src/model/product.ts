import { hasPassed, type Instant, iso } from '../shared/instant.js'
import type { Metadata } from './metadata.js'
import { currencyField, type ViewContext } from './view-context.js'

/** A lower price for a time: from ≤ now < until. */
export interface Sale {
  /** Price of one unit while it runs, in the currency's minor unit, 0 to below the regular price. */
  readonly price: number
  /** The first instant of the sale. */
  readonly from: Instant
  /** The first instant after it. */
  readonly until: Instant
}

/** A product for sale: received = sold + stock, and 0 ≤ held ≤ stock. */
export interface Product {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** The regular price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Whether it is in the catalogue. */
  readonly listed: boolean
  /** All units ever received: the first stock and every change. */
  readonly received: number
  /** Units in stock, 0 to 10^12, including held ones. */
  readonly stock: number
  /** Units that pending orders hold, 0 to `stock`. */
  readonly held: number
  /** When it was created. */
  readonly createdAt: Instant
  /** It can be ordered from this time on; null without such a time. */
  readonly opensAt: Instant | null
  /** It can be ordered before this time; null without such a time. */
  readonly closesAt: Instant | null
  /** A lower price for a time; null without one. */
  readonly sale: Sale | null
  /** The most units that one user may have in open and paid orders, at least 1; null without a limit. */
  readonly purchaseLimit: number | null
  /** Data of the caller; null without any. */
  readonly metadata: Metadata | null
  /** The sequence of its newest event; null without one. */
  readonly events: number | null
}

/** Units of a product that a pending order holds until its deadline. The lock of the product covers them. */
export interface Hold {
  /** The order that holds them. */
  readonly orderId: string
  /** The product's id. */
  readonly productId: string
  /** Units, at least 1. */
  readonly quantity: number
  /** The order's deadline. */
  readonly expiresAt: Instant
}

/** A product in a plain read. `overdue` of its held units belong to holds whose deadline has passed. */
export interface ProductReading extends Product {
  /** Held units that are already free, 0 to `held`. */
  readonly overdue: number
}

/** Units that can be ordered now: in stock and not held. */
export const available = ({ stock, held }: Product): number => stock - held

/** The product with its overdue holds released. */
export const withoutOverdue = ({ overdue, ...product }: ProductReading): Product => ({
  ...product,
  held: product.held - overdue,
})

/** Whether it can be ordered at `now`: opensAt ≤ now < closesAt. */
export const isOnSale = ({ opensAt, closesAt }: Pick<Product, 'opensAt' | 'closesAt'>, now: Instant): boolean =>
  (opensAt === null || hasPassed(opensAt, now)) && (closesAt === null || !hasPassed(closesAt, now))

/** Whether it is shown as a drop at `now`: it is listed, has a time to open or to close, and has not closed. */
export const isDrop = ({ listed, opensAt, closesAt }: Product, now: Instant): boolean =>
  listed && (opensAt !== null || closesAt !== null) && (closesAt === null || !hasPassed(closesAt, now))

const runs = ({ from, until }: Sale, now: Instant): boolean => hasPassed(from, now) && !hasPassed(until, now)

/** What one unit costs at `now`, in the currency's minor unit. */
export const priceAt = ({ price, sale }: Pick<Product, 'price' | 'sale'>, now: Instant): number =>
  sale !== null && runs(sale, now) ? sale.price : price

/** A sale as buyers and administrators see it. */
export interface SaleView {
  /** Price of one unit while it runs, in the currency's minor unit. */
  readonly price: number
  /** The first instant of the sale: ISO 8601 in UTC. */
  readonly from: string
  /** The first instant after it: ISO 8601 in UTC. */
  readonly until: string
}

/** A product as buyers see it. */
export interface ProductView {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** What one unit costs now, in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Units that can be ordered now, 0 to 10^12. Held units are not counted. */
  readonly stock: number
  /** The regular price of one unit, in the currency's minor unit; only while a sale runs or is announced. */
  readonly regularPrice?: number | undefined
  /** The sale that runs or is announced; absent without one. */
  readonly sale?: SaleView | undefined
  /** It can be ordered from this time on: ISO 8601 in UTC; absent without such a time. */
  readonly opensAt?: string | undefined
  /** It can be ordered before this time: ISO 8601 in UTC; absent without such a time. */
  readonly closesAt?: string | undefined
  /** The most units that one user may have, at least 1; absent without a limit. */
  readonly purchaseLimit?: number | undefined
  /** Data of the caller; absent without any. */
  readonly metadata?: Metadata | undefined
  /** The currency of the amounts, ISO 4217; absent if the shop names none. */
  readonly currency?: string | undefined
}

/** A product as an administrator sees it. `sale` is also there after its end. */
export interface AdminProductView extends ProductView {
  /** Whether it is in the catalogue. */
  readonly listed: boolean
}

const saleView = ({ price, from, until }: Sale): SaleView => ({ price, from: iso(from), until: iso(until) })

/** The fields that only some products have. */
const termsView = (product: Product, now: Instant, showsEndedSale: boolean): Partial<ProductView> | undefined => {
  const { opensAt, closesAt, sale, purchaseLimit, metadata } = product
  if (opensAt === null && closesAt === null && sale === null && purchaseLimit === null && metadata === null)
    return undefined
  const isAhead = sale !== null && !hasPassed(sale.until, now)
  return {
    ...(isAhead && { regularPrice: product.price }),
    ...(sale !== null && (isAhead || showsEndedSale) && { sale: saleView(sale) }),
    ...(opensAt !== null && { opensAt: iso(opensAt) }),
    ...(closesAt !== null && { closesAt: iso(closesAt) }),
    ...(purchaseLimit !== null && { purchaseLimit }),
    ...(metadata !== null && { metadata }),
  }
}

export const productView = (product: Product, context: ViewContext): ProductView => ({
  productId: product.productId,
  name: product.name,
  price: priceAt(product, context.now),
  stock: available(product),
  ...termsView(product, context.now, false),
  ...currencyField(context),
})

export const adminProductView = (product: Product, context: ViewContext): AdminProductView => ({
  productId: product.productId,
  name: product.name,
  price: priceAt(product, context.now),
  stock: available(product),
  listed: product.listed,
  ...termsView(product, context.now, true),
  ...currencyField(context),
})

/**
 * The search form of a text: equal for texts that differ only in case or Unicode composition. It also uses upper case,
 * because lower case alone does not match `ß` with `SS`, or `ᾳ` with `ΑΙ`. The four kinds of i (`I`, `i`, `İ`, `ı`) become
 * one.
 */
export const foldName = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .replaceAll('i\u0307', 'i')
    .replaceAll('ς', 'σ')
    .normalize('NFKC')
