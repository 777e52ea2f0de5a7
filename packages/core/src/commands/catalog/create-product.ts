import { accept, defineCommand, put, refuse } from '../../engine/command.js'
import { type AdminProductView, adminProductView, type Product } from '../../model/product.js'
import { checkFields, id, integer, nameProblem, optional } from '../../shared/check.js'
import { maxPrice, maxUnits } from '../../shared/limits.js'

export interface CreateProduct {
  /** Made by the shop where it is left out. */
  readonly productId?: string | undefined
  /** 1 to 100 code points, without the blanks around it, which the shop removes; no control characters. */
  readonly name: string
  readonly price: number
  readonly stock: number
}

/** Puts a product into the catalogue, listed. Refused: PRODUCT_ALREADY_EXISTS. */
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
