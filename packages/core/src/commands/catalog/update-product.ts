import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView } from '../../model/product.js'
import { boolean, checkFields, id, integer, nameProblem, optional } from '../../shared/check.js'
import { maxPrice } from '../../shared/limits.js'

/** Input of {@link updateProduct}. Omitted fields stay as they are. */
export interface UpdateProduct {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points after the shop has trimmed it; no control characters. */
  readonly name?: string | undefined
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price?: number | undefined
  /** Whether the product is in the catalogue. An unlisted product cannot be ordered; existing orders keep it. */
  readonly listed?: boolean | undefined
}

/**
 * Changes the name, the price or the listing of a product. Orders keep the name and price they were placed with.
 * Refused: INVALID_REQUEST, PRODUCT_NOT_FOUND (the first that applies).
 *
 * @example await shop.execute(updateProduct, { productId: 'mug', price: 8_500 })
 */
export const updateProduct = defineCommand<UpdateProduct, AdminProductView>({
  name: 'update-product',
  check: (input) =>
    checkFields(input, {
      productId: id,
      name: optional(nameProblem),
      price: optional(integer(0, maxPrice)),
      listed: optional(boolean),
    }),
  keys: ({ productId }) => ({ lock: { products: [productId] } }),
  decide(facts, { productId, name, price, listed }) {
    const product = facts.product(productId)
    if (!product) return refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
    const updated = {
      ...product,
      name: name?.trim() ?? product.name,
      price: price ?? product.price,
      listed: listed ?? product.listed,
    }
    return accept(adminProductView(updated), [put('products', updated)])
  },
})
