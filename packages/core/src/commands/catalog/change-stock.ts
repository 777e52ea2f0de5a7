import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView, available } from '../../model/product.js'
import { checkFields, id, integer } from '../../shared/check.js'
import { maxUnits } from '../../shared/limits.js'

/** Input of {@link changeStock}. */
export interface ChangeStock {
  /** The product's id. */
  readonly productId: string
  /** Units that came in (positive) or left without a sale (negative): -10^12 to 10^12, not 0. */
  readonly change: number
}

/**
 * Adds units to the stock of a product, or takes out units that are not held.
 * Refused: INVALID_REQUEST (also above 10^12 units in stock), PRODUCT_NOT_FOUND, STOCK_INSUFFICIENT (the first that
 * applies).
 *
 * @example await shop.execute(changeStock, { productId: 'mug', change: 20 })
 */
export const changeStock = defineCommand<ChangeStock, AdminProductView>({
  name: 'change-stock',
  check: (input) =>
    checkFields(input, {
      productId: id,
      change: (value) => (value === 0 ? 'must not be 0' : integer(-maxUnits, maxUnits)(value)),
    }),
  keys: ({ productId }) => ({ lock: { products: [productId] } }),
  decide(facts, { productId, change }, context) {
    const product = facts.product(productId)
    if (!product) return refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
    const free = available(product)
    if (free + change < 0) {
      return refuse({ code: 'STOCK_INSUFFICIENT', lines: [{ productId, requested: -change, available: free }] })
    }
    if (product.stock + change > maxUnits) {
      return refuse({
        code: 'INVALID_REQUEST',
        errors: [{ path: 'change', message: `the stock would be above ${maxUnits}` }],
      })
    }
    const changed = { ...product, stock: product.stock + change, received: product.received + change }
    return accept(adminProductView(changed, context), [put('products', changed)])
  },
})
