/** There is no shop with this id. */
export class ShopNotFound extends Error {
  /** The name of the class. */
  override readonly name = 'ShopNotFound'
  /** Identifies the error, also one of another copy of this package. */
  readonly code = 'SHOP_NOT_FOUND'

  constructor(shopId: string) {
    super(`there is no shop ${JSON.stringify(shopId)}`)
  }
}
