import type { Instant } from '../shared/instant.js'

/**
 * Something for sale. `received` is what ever came in (the first stock and every change), `stock` what is on the shelf,
 * `held` what pending orders have laid aside: received = sold + stock, and 0 ≤ held ≤ stock.
 */
export interface Product {
  readonly productId: string
  readonly name: string
  readonly price: number
  readonly listed: boolean
  readonly received: number
  readonly stock: number
  readonly held: number
  readonly createdAt: Instant
}

/** Units of a product laid aside for a pending order, until its deadline. Belongs to the lock of its product. */
export interface Hold {
  readonly orderId: string
  readonly productId: string
  readonly quantity: number
  readonly expiresAt: Instant
}

/** A product as a plain read finds it: `overdue` units of `held` belong to holds whose deadline has passed. */
export interface ProductReading extends Product {
  readonly overdue: number
}

/** What can be ordered now. */
export const available = ({ stock, held }: Product): number => stock - held

/** The product with the overdue part of its holds given back. */
export const withoutOverdue = ({ overdue, ...product }: ProductReading): Product => ({
  ...product,
  held: product.held - overdue,
})

export interface ProductView {
  readonly productId: string
  readonly name: string
  readonly price: number
  /** What can be ordered now. */
  readonly stock: number
}

export interface AdminProductView extends ProductView {
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
