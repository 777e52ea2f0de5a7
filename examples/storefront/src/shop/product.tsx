import { useState } from 'preact/hooks'
import { Outcome, Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Stepper } from '../parts/stepper.js'
import { Tile } from '../parts/tile.js'
import { useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import { addToBasket } from '../state/basket.js'
import { hrefOf } from '../state/route.js'
import { shop } from '../state/session.js'
import { money, nameOf, words } from '../words/words.js'

export const ProductPage = ({ productId }: { productId: string }) => {
  const { products } = words.value
  const [quantity, setQuantity] = useState(1)
  const action = useAction()
  const { data, failure, reload } = useLoad(
    () => shop.get('/api/products/{productId}', { params: { path: { productId } } }),
    [productId],
  )
  if (!data) {
    return (
      <>
        <PageHeading text={words.value.places.products} />
        <Pending failure={failure} reload={reload} />
      </>
    )
  }
  const name = nameOf(data.name)
  return (
    <>
      <p>
        <a href={hrefOf({ page: 'products' })}>← {products.back}</a>
      </p>
      <article class="detail">
        <Tile id={data.productId} name={data.name} size="large" />
        <div>
          <PageHeading text={name} />
          <p class="price large">{money(data.price)}</p>
          <p class={data.stock <= 5 ? 'stock few' : 'stock'}>{products.stock(data.stock)}</p>
          <p class="row">
            <Stepper label={name} value={quantity} onChange={setQuantity} />
            <button
              type="button"
              class="main"
              disabled={data.stock === 0}
              onClick={() =>
                void action.run(async () => {
                  addToBasket(data, quantity)
                  return products.added(name)
                })
              }
            >
              {products.add}
            </button>
          </p>
          <Outcome action={action} />
        </div>
      </article>
    </>
  )
}
