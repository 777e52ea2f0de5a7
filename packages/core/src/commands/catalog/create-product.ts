import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView, type Product } from '../../model/product.js'
import { checkFields, id, integer, nameProblem, optional } from '../../shared/check.js'
import { maxPrice, maxUnits } from '../../shared/limits.js'

/** Input of {@link createProduct}. */
export interface CreateProduct {
  /**
   * The product's id, except `top`, which is reserved.
   * @default a new id
   */
  readonly productId?: string | undefined
  /** 1 to 100 code points after the shop has trimmed it; no control characters. */
  readonly name: string
  /** Price of one unit in the currency's minor unit, 0 to 9,000,000,000. */
  readonly price: number
  /** Units in stock at the start, 0 to 10^12. */
  readonly stock: number
}

/**
 * Puts a product into the catalogue, listed. Refused: INVALID_REQUEST, PRODUCT_ALREADY_EXISTS (the first that applies).
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
    }),
  keys: ({ productId }) => (productId === undefined ? {} : { lock: { products: [productId] } }),
  decide(facts, { productId, name, price, stock }, { now, newId }) {
    if (productId !== undefined && facts.product(productId))
      return refuse({ code: 'PRODUCT_ALREADY_EXISTS', productId })
    const product: Product = {
      productId: productId ?? newId(),
      name: name.trim(),
      price,
      listed: true,
      received: stock,
      stock,
      held: 0,
      createdAt: now,
    }
    return accept(adminProductView(product), [put('products', product)])
  },
})
