import { useId, useState } from 'preact/hooks'
import { Outcome } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Stepper } from '../parts/stepper.js'
import { type Action, useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import type { OwnedCoupon } from '../state/api.js'
import { basket, basketTotal, discountOf, emptyBasket, isUsable, setQuantity } from '../state/basket.js'
import { go } from '../state/route.js'
import { isChoosing, session, shop } from '../state/session.js'
import { discountText, money, nameOf, words } from '../words/words.js'
import { lastOrder } from './last-order.js'

const Lines = () => (
  <ul class="lines">
    {basket.value.map(({ product: { productId, name, price }, quantity }) => (
      <li key={productId}>
        <span class="name">{nameOf(name)}</span>
        <span class="price">{money(price * quantity)}</span>
        <Stepper label={nameOf(name)} value={quantity} onChange={(value) => setQuantity(productId, value)} />
        <button
          type="button"
          class="quiet"
          aria-label={words.value.basket.remove(nameOf(name))}
          onClick={() => setQuantity(productId, 0)}
        >
          ×
        </button>
      </li>
    ))}
  </ul>
)

const placeOrder = async (action: Action, userId: string, couponId: string | undefined): Promise<void> =>
  action.run(async () => {
    const products = basket.value.map(({ product: { productId }, quantity }) => ({ productId, quantity }))
    const body = { userId, products, ...(couponId !== undefined && { couponId }) }
    lastOrder.value = await shop.post('/api/orders', { body })
    emptyBasket()
    go({ page: 'orders' })
    return undefined
  })

interface SumProps {
  readonly coupon: OwnedCoupon | undefined
}

const Sum = ({ coupon }: SumProps) => {
  const texts = words.value.basket
  const total = basketTotal.value
  const discount = coupon ? discountOf(coupon.discount, total) : 0
  return (
    <dl class="sum">
      {discount > 0 && (
        <>
          <dt>{texts.total}</dt>
          <dd>{money(total)}</dd>
          <dt>{texts.discount}</dt>
          <dd>−{money(discount)}</dd>
        </>
      )}
      <dt>{texts.toPay}</dt>
      <dd class="price large">{money(total - discount)}</dd>
    </dl>
  )
}

/** The basket: lines, coupon, total and order button. */
export const Basket = () => {
  const texts = words.value.basket
  const couponField = useId()
  const userId = session.value?.userId
  const isOrdinary = session.value !== undefined && !session.value.isAdministrator
  const [couponId, setCouponId] = useState<string>()
  const action = useAction()
  const owned = useLoad(async () => {
    if (userId === undefined || !isOrdinary) return []
    const query = { limit: 100 }
    const { coupons } = await shop.get('/api/coupon/users/{userId}', { params: { path: { userId }, query } })
    return coupons.filter(isUsable)
  }, [userId])
  if (basket.value.length === 0) return <p class="soft">{texts.empty}</p>
  const coupons = owned.data ?? []
  return (
    <>
      <Lines />
      {coupons.length > 0 && (
        <p class="field">
          <label for={couponField}>{texts.coupon}</label>
          <select
            id={couponField}
            value={couponId ?? ''}
            onChange={({ currentTarget }) => setCouponId(currentTarget.value || undefined)}
          >
            <option value="">{texts.noCoupon}</option>
            {coupons.map((coupon) => (
              <option key={coupon.couponId} value={coupon.couponId}>
                {nameOf(coupon.name)} ({discountText(coupon.discount)})
              </option>
            ))}
          </select>
        </p>
      )}
      <Sum coupon={coupons.find((coupon) => coupon.couponId === couponId)} />
      <button
        type="button"
        class="main wide"
        disabled={action.isBusy}
        onClick={() => {
          if (userId === undefined) isChoosing.value = true
          else void placeOrder(action, userId, couponId)
        }}
      >
        {userId === undefined ? words.value.sign.in : texts.order}
      </button>
      <Outcome action={action} />
    </>
  )
}

export const BasketPage = () => (
  <>
    <PageHeading text={words.value.places.basket} />
    <section class="card narrow">
      <Basket />
    </section>
  </>
)
