import type { Instant } from '../shared/instant.js'

/** Something for sale: received = sold + stock, and 0 ≤ held ≤ stock. */
export interface Product {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Is it in the catalogue? */
  readonly listed: boolean
  /** Units that ever came in: the first stock and every change. */
  readonly received: number
  /** Units on the shelf, 0 to 10^12, held ones included. */
  readonly stock: number
  /** Units that pending orders hold, 0 to `stock`. */
  readonly held: number
  /** When it was created. */
  readonly createdAt: Instant
}

/** Units of a product held for a pending order, until its deadline. Belongs to the lock of its product. */
export interface Hold {
  /** The order for which they are held. */
  readonly orderId: string
  /** The product's id. */
  readonly productId: string
  /** Units, at least 1. */
  readonly quantity: number
  /** The order's deadline. */
  readonly expiresAt: Instant
}

/** A product as a plain read finds it: `overdue` units of `held` belong to holds whose deadline has passed. */
export interface ProductReading extends Product {
  /** Held units that are free by the clock, 0 to `held`. */
  readonly overdue: number
}

/** Units that can be ordered now: on the shelf and not held. */
export const available = ({ stock, held }: Product): number => stock - held

/** The product with its overdue holds released. */
export const withoutOverdue = ({ overdue, ...product }: ProductReading): Product => ({
  ...product,
  held: product.held - overdue,
})

/** A product as buyers see it. */
export interface ProductView {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Units that can be ordered now, 0 to 10^12: what pending orders hold is not among them. */
  readonly stock: number
}

/** A product as an administrator sees it. */
export interface AdminProductView extends ProductView {
  /** Is it in the catalogue? */
  readonly listed: boolean
}

export const productView = (product: Product): ProductView => ({
  productId: product.productId,
  name: product.name,
  price: product.price,
  stock: available(product),
})

export const adminProductView = (product: Product): AdminProductView => ({
  ...productView(product),
  listed: product.listed,
})

/**
 * For search: one form for texts that a reader takes for the same, whatever their case or Unicode composition. Lower case
 * alone keeps `ß` apart from `SS`, and `ᾳ` from `ΑΙ`: only upper case spells those out. The four kinds of i (`I`, `i`,
 * `İ`, `ı`) become one.
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
