import type { Instant } from '../shared/instant.js'

/** A product for sale: received = sold + stock, and 0 ≤ held ≤ stock. */
export interface Product {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
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

/** A product as buyers see it. */
export interface ProductView {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points. */
  readonly name: string
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Units that can be ordered now, 0 to 10^12. Held units are not counted. */
  readonly stock: number
}

/** A product as an administrator sees it. */
export interface AdminProductView extends ProductView {
  /** Whether it is in the catalogue. */
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
