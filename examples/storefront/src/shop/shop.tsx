import { NotFound } from '../parts/not-found.js'
import { Places } from '../parts/places.js'
import { basket, unitsInBasket } from '../state/basket.js'
import { type Route, route } from '../state/route.js'
import { session } from '../state/session.js'
import { words } from '../words/words.js'
import { Basket, BasketPage } from './basket.js'
import { Coupons } from './coupons.js'
import { DropPage } from './drop/drop.js'
import { Drops } from './drop/drops.js'
import { Orders } from './orders.js'
import { ProductPage } from './product.js'
import { Products } from './products.js'
import { Wallet } from './wallet.js'

const places = ['products', 'drops', 'coupons', 'orders', 'wallet', 'basket'] as const

const ShopPlaces = ({ here }: { here: Route['page'] }) => (
  <Places
    label={words.value.places.label}
    links={places.map((page) => ({
      to: { page },
      text: words.value.places[page],
      isHere: page === here,
      mark: page === 'basket' && unitsInBasket.value > 0 && <span class="count">{unitsInBasket.value}</span>,
    }))}
  />
)

const Place = () => {
  const here = route.value
  switch (here.page) {
    case 'product':
      return <ProductPage key={here.productId} productId={here.productId} />
    case 'drops':
      return <Drops />
    case 'drop':
      return <DropPage key={here.productId} productId={here.productId} />
    case 'coupons':
      return <Coupons key={session.value?.userId} />
    case 'orders':
      return <Orders />
    case 'wallet':
      return <Wallet />
    case 'basket':
      return <BasketPage />
    case 'products':
      return <Products />
    default:
      return <NotFound />
  }
}

export const Shop = () => {
  const { page } = route.value
  const hasAside = page === 'product' && basket.value.length > 0
  return (
    <>
      <ShopPlaces here={page === 'product' ? 'products' : page === 'drop' ? 'drops' : page} />
      <div class={hasAside ? 'with-aside' : undefined}>
        <div>
          <Place />
        </div>
        {hasAside && (
          <aside class="card" aria-labelledby="aside-basket">
            <h2 id="aside-basket">{words.value.places.basket}</h2>
            <Basket />
          </aside>
        )}
      </div>
    </>
  )
}
