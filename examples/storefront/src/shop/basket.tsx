import { useId, useState } from 'preact/hooks'
import { Empty } from '../parts/empty.js'
import { Outcome, Refusal } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Picture } from '../parts/picture.js'
import { Price } from '../parts/price.js'
import { Stepper } from '../parts/stepper.js'
import { type Action, useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import type { Quote } from '../state/api.js'
import { refreshBalance } from '../state/balance.js'
import { basket, basketTotal, emptyBasket, isUsable, mostUnits, setQuantity } from '../state/basket.js'
import { go, hrefOf } from '../state/route.js'
import { isChoosing, session, shop } from '../state/session.js'
import { discountText, money, nameOf, words } from '../words/words.js'
import { lastOrder } from './last-order.js'
import { useQuote } from './quote.js'

const Lines = () => (
  <ul class="lines pictured">
    {basket.value.map(({ product, quantity }) => {
      const { productId, name, price, regularPrice = price, purchaseLimit } = product
      return (
        <li key={productId}>
          <Picture productId={productId} />
          <span class="name">
            {nameOf(name)}
            {purchaseLimit !== undefined && <small class="soft line">{words.value.drops.limit(purchaseLimit)}</small>}
          </span>
          <Price product={{ price: price * quantity, regularPrice: regularPrice * quantity }} />
          <Stepper
            label={nameOf(name)}
            value={quantity}
            maximum={mostUnits(product)}
            onChange={(value) => setQuantity(productId, value)}
          />
          <button
            type="button"
            class="quiet"
            aria-label={words.value.basket.remove(nameOf(name))}
            onClick={() => setQuantity(productId, 0)}
          >
            ×
          </button>
        </li>
      )
    })}
  </ul>
)

/** The name of a product of the basket. */
const lineName = (productId: string): string => {
  const line = basket.value.find(({ product }) => product.productId === productId)
  return line ? nameOf(line.product.name) : productId
}

const placeOrder = async (action: Action, userId: string, couponId: string | undefined): Promise<void> =>
  action.run(async () => {
    const products = basket.value.map(({ product: { productId }, quantity }) => ({ productId, quantity }))
    const body = { userId, products, ...(couponId !== undefined && { couponId }) }
    lastOrder.value = await shop.post('/api/orders', { body })
    void refreshBalance()
    emptyBasket()
    go({ page: 'orders' })
    return undefined
  })

/** Whether the balance suffices. Its line is there before the answer is, so that nothing moves. */
const Sufficiency = ({ quote }: { quote: Quote | undefined }) => {
  const texts = words.value.basket
  if (!quote) return <p class="soft suffices">{texts.checking}</p>
  if (quote.sufficient) return <p class="soft suffices">{texts.suffices(money(quote.balance))}</p>
  return (
    <p class="suffices missing">
      {texts.short(money(quote.balance), money(quote.finalAmount - quote.balance))}{' '}
      <a href={hrefOf({ page: 'wallet' })}>{words.value.wallet.do}</a>
    </p>
  )
}

/** The amounts of the quote. Until it is current: the sum of the prices, less the discount so far. */
const Sum = ({ quote, isCurrent }: { quote: Quote | undefined; isCurrent: boolean }) => {
  const texts = words.value.basket
  const total = quote && isCurrent ? quote.totalAmount : basketTotal.value
  const discount = Math.min(quote?.discountAmount ?? 0, total)
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
  const quoted = useQuote(userId, couponId)
  const quote = quoted.failure === undefined ? quoted.data : undefined
  const owned = useLoad(async () => {
    if (userId === undefined || !isOrdinary) return []
    const query = { limit: 100 }
    const { coupons } = await shop.get('/api/coupon/users/{userId}', { params: { path: { userId }, query } })
    return coupons.filter(isUsable)
  }, [userId])
  if (basket.value.length === 0) return <Empty text={texts.empty} />
  const coupons = owned.data ?? []
  const problem = quote?.coupon?.applies === false ? quote.coupon.code : undefined
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
          {problem && <span class="problem">{texts.couponProblem[problem]}</span>}
        </p>
      )}
      {quote?.droppedLines.map(({ productId, requested, available }) => (
        <p class="soft" key={productId}>
          {words.value.orders.dropped(lineName(productId), requested, available)}
        </p>
      ))}
      <div class="quote" aria-live="polite" aria-busy={!quoted.isCurrent}>
        <Sum quote={quote} isCurrent={quoted.isCurrent} />
        {userId !== undefined &&
          (quoted.failure === undefined ? (
            <Sufficiency quote={quote} />
          ) : (
            action.failure === undefined && <Refusal failure={quoted.failure} />
          ))}
      </div>
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
