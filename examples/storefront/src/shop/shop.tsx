import { Places } from '../parts/places.js'
import { unitsInBasket } from '../state/basket.js'
import { type Route, route } from '../state/route.js'
import { words } from '../words/words.js'
import { Basket, BasketPage } from './basket.js'
import { Coupons } from './coupons.js'
import { Orders } from './orders.js'
import { ProductPage } from './product.js'
import { Products } from './products.js'
import { Wallet } from './wallet.js'

const places = ['products', 'coupons', 'orders', 'wallet', 'basket'] as const

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
    case 'coupons':
      return <Coupons />
    case 'orders':
      return <Orders />
    case 'wallet':
      return <Wallet />
    case 'basket':
      return <BasketPage />
    default:
      return <Products />
  }
}

export const Shop = () => {
  const { page } = route.value
  const hasAside = page === 'products' || page === 'product'
  return (
    <>
      <ShopPlaces here={page === 'product' ? 'products' : page} />
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
