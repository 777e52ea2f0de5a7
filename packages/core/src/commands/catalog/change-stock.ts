import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView, available } from '../../model/product.js'
import { checkFields, id, integer } from '../../shared/check.js'
import { maxUnits } from '../../shared/limits.js'

export interface ChangeStock {
  readonly productId: string
  /** Signed: what came in, or left without a sale. */
  readonly change: number
}

/**
 * Refused: PRODUCT_NOT_FOUND; STOCK_INSUFFICIENT where the change would reach below what pending orders hold;
 * INVALID_REQUEST above 10^12 units.
 */
export const changeStock = defineCommand<ChangeStock, AdminProductView>({
  name: 'change-stock',
  check: (input) =>
    checkFields(input, {
      productId: id,
      change: (value) => (value === 0 ? 'must not be 0' : integer(-maxUnits, maxUnits)(value)),
    }),
  keys: ({ productId }) => ({ lock: { products: [productId] } }),
  decide(facts, { productId, change }) {
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
    return accept(adminProductView(changed), [put('products', changed)])
  },
})
