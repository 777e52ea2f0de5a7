import { isShopProblem } from '@shop/server-express/client'
import { useState } from 'preact/hooks'
import { NotFound } from '../parts/not-found.js'
import { Outcome, Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Picture } from '../parts/picture.js'
import { Price } from '../parts/price.js'
import { Stepper } from '../parts/stepper.js'
import { useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import type { Product } from '../state/api.js'
import { addToBasket, mostUnits } from '../state/basket.js'
import { hrefOf } from '../state/route.js'
import { shop } from '../state/session.js'
import { nameOf, words } from '../words/words.js'
import { Terms } from './terms.js'

const AddToBasket = ({ product }: { product: Product }) => {
  const { products } = words.value
  const [quantity, setQuantity] = useState(1)
  const action = useAction()
  const name = nameOf(product.name)
  return (
    <>
      <p class="row">
        <Stepper label={name} value={quantity} maximum={mostUnits(product)} onChange={setQuantity} />
        <button
          type="button"
          class="main"
          disabled={product.stock === 0}
          onClick={() =>
            void action.run(async () => {
              addToBasket(product, quantity)
              return products.added(name)
            })
          }
        >
          {products.add}
        </button>
      </p>
      <Outcome action={action} />
    </>
  )
}

export const ProductPage = ({ productId }: { productId: string }) => {
  const { products, drops } = words.value
  const { data, failure, reload } = useLoad(
    (): Promise<Product> => shop.get('/api/products/{productId}', { params: { path: { productId } } }),
    [productId],
  )
  if (isShopProblem(failure, 'PRODUCT_NOT_FOUND', 'INVALID_REQUEST')) return <NotFound of="product" />
  if (!data) {
    return (
      <>
        <PageHeading text={words.value.places.products} />
        <Pending failure={failure} reload={reload} />
      </>
    )
  }
  const isDrop = data.opensAt !== undefined || data.closesAt !== undefined
  return (
    <>
      <p class="crumb">
        <a href={hrefOf({ page: 'products' })}>← {products.back}</a>
      </p>
      <article class="detail">
        <Picture productId={productId} isFirst />
        <div>
          <PageHeading text={nameOf(data.name)} />
          <Price product={data} isLarge />
          <Terms product={data} />
          <p class={data.stock <= 5 ? 'stock few' : 'stock'}>{products.stock(data.stock)}</p>
          {isDrop ? (
            <p class="row">
              <a class="action" href={hrefOf({ page: 'drop', productId })}>
                {drops.toDrop}
              </a>
            </p>
          ) : (
            <AddToBasket product={data} />
          )}
        </div>
      </article>
    </>
  )
}
