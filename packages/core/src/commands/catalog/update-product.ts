import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView } from '../../model/product.js'
import { boolean, checkFields, id, integer, nameProblem, optional } from '../../shared/check.js'
import { maxPrice } from '../../shared/limits.js'
import { changedTerms, type SellingTerms, sellingTerms, termsProblems } from './selling-terms.js'

/** Input of {@link updateProduct}. Omitted fields stay as they are. */
export interface UpdateProduct extends SellingTerms {
  /** The product's id. */
  readonly productId: string
  /** 1 to 100 code points after the shop has trimmed it; no control characters. */
  readonly name?: string | undefined
  /** The regular price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price?: number | undefined
  /** Whether the product is in the catalogue. An unlisted product cannot be ordered; existing orders keep it. */
  readonly listed?: boolean | undefined
}

/**
 * Changes the name, the price, the listing, the hours, the sale, the purchase limit or the metadata of a product. Orders
 * keep the name, the price and the limit they were placed with.
 * Refused: INVALID_REQUEST, PRODUCT_NOT_FOUND, then INVALID_REQUEST if the product would close before it opens, the sale
 * end before it begins, or the sale price not be below the regular one.
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
      ...sellingTerms,
    }),
  keys: ({ productId }) => ({ lock: { products: [productId] } }),
  decide(facts, { productId, name, price, listed, ...input }, context) {
    const product = facts.product(productId)
    if (!product) return refuse({ code: 'PRODUCT_NOT_FOUND', productIds: [productId] })
    const updated = {
      ...product,
      name: name?.trim() ?? product.name,
      price: price ?? product.price,
      listed: listed ?? product.listed,
      ...changedTerms(product, input),
    }
    const errors = termsProblems(updated)
    if (errors.length > 0) return refuse({ code: 'INVALID_REQUEST', errors })
    return accept(adminProductView(updated, context), [put('products', updated)])
  },
})
