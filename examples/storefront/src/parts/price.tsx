import type { Product } from '../state/api.js'
import { money, words } from '../words/words.js'

type Priced = Pick<Product, 'price' | 'regularPrice'>

/** How much less a product costs than usual, in whole percent. 0 while no sale runs. */
export const percentOff = ({ price, regularPrice = price }: Priced): number =>
  regularPrice > price ? Math.max(1, Math.round((1 - price / regularPrice) * 100)) : 0

/** The price now; while a sale runs, beside the regular one. */
export const Price = ({ product, isLarge = false }: { product: Priced; isLarge?: boolean }) => {
  const { drops } = words.value
  const isOnSale = percentOff(product) > 0
  return (
    <span class={`price${isLarge ? ' large' : ''}${isOnSale ? ' on-sale' : ''}`}>
      {isOnSale && <span class="hidden">{drops.salePrice} </span>}
      <span>{money(product.price)}</span>
      {isOnSale && product.regularPrice !== undefined && (
        <>
          {' '}
          <s>
            <span class="hidden">{drops.regular} </span>
            {money(product.regularPrice)}
          </s>
        </>
      )}
    </span>
  )
}
