import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView, type Product } from '../../model/product.js'
import { checkFields, id, integer, nameProblem, optional } from '../../shared/check.js'
import { maxPrice, maxUnits } from '../../shared/limits.js'
import { changedTerms, noTerms, type SellingTerms, sellingTerms, termsProblems } from './selling-terms.js'

/** Input of {@link createProduct}. */
export interface CreateProduct extends SellingTerms {
  /**
   * The product's id, except `top`, which is reserved.
   * @default a new id
   */
  readonly productId?: string | undefined
  /** 1 to 100 code points after the shop has trimmed it; no control characters. */
  readonly name: string
  /** The regular price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Units in stock at the start, 0 to 10^12. */
  readonly stock: number
}

/**
 * Puts a product into the catalogue, listed.
 * Refused: INVALID_REQUEST (also if `closesAt` is not after `opensAt`, `sale.until` not after `sale.from`, or `sale.price`
 * not below `price`), PRODUCT_ALREADY_EXISTS (the first that applies).
 *
 * @example await shop.execute(createProduct, { productId: 'mug', name: 'Mug', price: 9_000, stock: 100 })
 */
export const createProduct = defineCommand<CreateProduct, AdminProductView>({
  name: 'create-product',
  check: (input) =>
    checkFields(input, {
      productId: optional((value) => (value === 'top' ? 'is reserved' : id(value))),
      name: nameProblem,
      price: integer(0, maxPrice),
      stock: integer(0, maxUnits),
      ...sellingTerms,
    }),
  keys: ({ productId }) => (productId === undefined ? {} : { lock: { products: [productId] } }),
  decide(facts, { productId, name, price, stock, ...input }, context) {
    const terms = changedTerms(noTerms, input)
    const errors = termsProblems({ price, ...terms })
    if (errors.length > 0) return refuse({ code: 'INVALID_REQUEST', errors })
    if (productId !== undefined && facts.product(productId))
      return refuse({ code: 'PRODUCT_ALREADY_EXISTS', productId })
    const product: Product = {
      productId: productId ?? context.newId(),
      name: name.trim(),
      price,
      listed: true,
      received: stock,
      stock,
      held: 0,
      createdAt: context.now,
      ...terms,
    }
    return accept(adminProductView(product, context), [put('products', product)])
  },
})
