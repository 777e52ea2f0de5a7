import type { RawResponse } from './client.js'
import type { ServedShop, ServeOptions } from './served-shop.js'
import type { worldOf } from './world.js'

export interface ProblemCase {
  readonly setting?: ServeOptions
  /** Causes the problem. */
  readonly arrange: (served: ServedShop, world: ReturnType<typeof worldOf>) => Promise<RawResponse>
  /** The facts of the problem. */
  readonly facts?: object
}

/** An order of one unit. */
export const order = (userId: string, productId: string, over: object = {}) => ({
  body: { userId, products: [{ productId, quantity: 1 }], ...over },
})
