import { Outcome } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Places } from '../parts/places.js'
import { useAction } from '../parts/use-action.js'
import { operationsPlaces, type Route, type Search } from '../state/route.js'
import { session, signIn } from '../state/session.js'
import { words } from '../words/words.js'
import { Balances } from './balances/balances.js'
import { CouponEditor } from './coupons/coupon-editor.js'
import { CouponList } from './coupons/coupon-list.js'
import { NewCoupon } from './coupons/new-coupon.js'
import { DropBoard } from './drops/drop-board.js'
import { Entries } from './entries.js'
import { OrderPage } from './orders/order.js'
import { Orders } from './orders/orders.js'
import { Overview } from './overview.js'
import { NewProduct } from './products/new-product.js'
import { ProductEditor } from './products/product-editor.js'
import { ProductList } from './products/product-list.js'
import { Statements } from './statement.js'

type Here = Extract<Route, { readonly page: 'operations' }>

interface PlaceProps {
  readonly id: string | undefined
  readonly search: Search
}

const AdministratorFirst = () => {
  const { operations } = words.value
  const action = useAction()
  return (
    <>
      <PageHeading text={words.value.areas.operations} />
      <p class="lead">{operations.intro}</p>
      <section class="card narrow">
        <h2>{operations.needed}</h2>
        <button
          type="button"
          class="main"
          disabled={action.isBusy}
          onClick={() =>
            void action.run(async () => {
              await signIn('administrator')
              return undefined
            })
          }
        >
          {operations.become}
        </button>
        <Outcome action={action} />
      </section>
    </>
  )
}

const ProductPlace = ({ id, search }: PlaceProps) => {
  if (id !== undefined) return <ProductEditor key={id} productId={id} isNew={search['made'] !== undefined} />
  return search['new'] === undefined ? <ProductList search={search} /> : <NewProduct />
}

const CouponPlace = ({ id, search }: PlaceProps) => {
  if (id !== undefined) return <CouponEditor key={id} couponId={id} isNew={search['made'] !== undefined} />
  return search['new'] === undefined ? <CouponList /> : <NewCoupon />
}

const Place = ({ here: { place, id, search = {} } }: { here: Here }) => {
  switch (place) {
    case 'products':
      return <ProductPlace id={id} search={search} />
    case 'drops':
      return <DropBoard />
    case 'coupons':
      return <CouponPlace id={id} search={search} />
    case 'balances':
      return <Balances key={id ?? ''} userId={id} />
    case 'orders':
      return id === undefined ? <Orders search={search} /> : <OrderPage key={id} orderId={id} />
    case 'entries':
      return <Entries search={search} />
    case 'statement':
      return <Statements search={search} />
    default:
      return <Overview />
  }
}

export const Operations = ({ here }: { here: Here }) => {
  const { places } = words.value.books
  if (!session.value?.isAdministrator) return <AdministratorFirst />
  return (
    <>
      <Places
        label={places.label}
        links={operationsPlaces.map((place) => ({
          to: { page: 'operations', place },
          text: places[place],
          isHere: place === here.place,
        }))}
      />
      <Place here={here} />
    </>
  )
}
