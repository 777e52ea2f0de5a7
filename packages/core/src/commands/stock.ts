import { type Change, put, removeHold } from '../engine/command.js'
import type { Facts } from '../engine/facts.js'
import { available, type Hold, type Product } from '../model/product.js'
import { checkFields, id, integer } from '../shared/check.js'
import { invariant } from '../shared/invariant.js'
import { maxLineQuantity, maxOrderLines } from '../shared/limits.js'
import type { InvalidField, ShortLine } from '../shared/refusal.js'

/** How many units of one product an order asks for. */
export interface Demand {
  /** The product's id. */
  readonly productId: string
  /** Units, 1 to 10,000 on one line. */
  readonly quantity: number
}

const demandFields = { productId: id, quantity: integer(1, maxLineQuantity) }

/** The invalid fields of the lines of an order, independent of the stock. */
export const checkDemands = (lines: readonly Demand[] | undefined): readonly InvalidField[] => {
  if (!Array.isArray(lines) || lines.length < 1 || lines.length > maxOrderLines) {
    return [{ path: 'products', message: `must be 1 to ${maxOrderLines} lines` }]
  }
  return lines.flatMap((line, index) => checkFields(line, demandFields, `products[${index}].`))
}

/** One demand per product: the sum of its lines. Products are in the order of their first line. */
export const sumDemand = (lines: readonly Demand[]): Demand[] => {
  const sums = new Map<string, number>()
  for (const { productId, quantity } of lines) sums.set(productId, (sums.get(productId) ?? 0) + quantity)
  return Array.from(sums, ([productId, quantity]) => ({ productId, quantity }))
}

const productOf = (facts: Facts, productId: string): Product => {
  const product = facts.product(productId)
  invariant(product, `product ${productId} of an order is gone`)
  return product
}

/** How many units of which product an order asks for. */
export interface Wanted {
  readonly product: Product
  readonly quantity: number
}

export const wantedOf = (facts: Facts, demands: readonly Demand[]): readonly Wanted[] =>
  demands.map(({ productId, quantity }) => ({ product: productOf(facts, productId), quantity }))

/** What exceeds the units that can be ordered now. */
export const shortLines = (wanted: readonly Wanted[]): ShortLine[] =>
  wanted
    .filter(({ product, quantity }) => quantity > available(product))
    .map(({ product, quantity }) => ({
      productId: product.productId,
      requested: quantity,
      available: available(product),
    }))

/** Holds stock for a pending order. */
export const holdStock = (
  facts: Facts,
  demands: readonly Demand[],
  hold: Pick<Hold, 'orderId' | 'expiresAt'>,
): Change[] =>
  demands.flatMap(({ productId, quantity }) => {
    const product = productOf(facts, productId)
    return [
      put('products', { ...product, held: product.held + quantity }),
      put('holds', { orderId: hold.orderId, productId, quantity, expiresAt: hold.expiresAt }),
    ]
  })

/** Takes units that are not held. */
export const takeStock = (facts: Facts, demands: readonly Demand[]): Change[] =>
  demands.map(({ productId, quantity }) => {
    const product = productOf(facts, productId)
    return put('products', { ...product, stock: product.stock - quantity })
  })

/** Turns holds into a sale. */
export const takeHeld = (facts: Facts, holds: readonly Hold[]): Change[] =>
  holds.flatMap((hold) => {
    const product = productOf(facts, hold.productId)
    const { quantity } = hold
    return [
      put('products', { ...product, stock: product.stock - quantity, held: product.held - quantity }),
      removeHold(hold),
    ]
  })

/** Releases holds. */
export const releaseHolds = (facts: Facts, holds: readonly Hold[]): Change[] =>
  holds.flatMap((hold) => {
    const product = productOf(facts, hold.productId)
    return [put('products', { ...product, held: product.held - hold.quantity }), removeHold(hold)]
  })

/** Returns sold units to the stock. */
export const returnStock = (facts: Facts, demands: readonly Demand[]): Change[] =>
  demands.map(({ productId, quantity }) => {
    const product = productOf(facts, productId)
    return put('products', { ...product, stock: product.stock + quantity })
  })

/** Writes off sold units that do not go back to the stock. */
export const writeOff = (facts: Facts, demands: readonly Demand[]): Change[] =>
  demands.map(({ productId, quantity }) => {
    const product = productOf(facts, productId)
    return put('products', { ...product, received: product.received - quantity })
  })
