import { Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { Refunds } from '../../parts/refunds.js'
import { useLoad } from '../../parts/use-load.js'
import type { Order } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { moment, money, shortId, words } from '../../words/words.js'
import { RefundForm } from './refund-form.js'

const Facts = ({ order }: { order: Order }) => {
  const { books, basket, orders, wallet } = words.value
  const texts = books.orders
  const { orderId, userId, paymentId, reference, couponId, createdAt, paidAt } = order
  const { totalAmount, discountAmount, finalAmount, refundedAmount } = order
  return (
    <section class="card">
      <dl class="facts">
        <dt>{texts.user}</dt>
        <dd>
          <a href={hrefOf({ page: 'operations', place: 'balances', id: userId })}>{userId}</a>
        </dd>
        <dt>{texts.placed}</dt>
        <dd>{moment(createdAt)}</dd>
        {paidAt !== null && (
          <>
            <dt>{texts.paid}</dt>
            <dd>{moment(paidAt)}</dd>
          </>
        )}
        {couponId !== null && (
          <>
            <dt>{texts.coupon}</dt>
            <dd>
              <code>{couponId}</code>
            </dd>
          </>
        )}
        {reference !== undefined && (
          <>
            <dt>{wallet.reference}</dt>
            <dd>
              <code>{reference}</code>
            </dd>
          </>
        )}
        <dt>{texts.orderId}</dt>
        <dd>
          <code>{orderId}</code>
        </dd>
        {paymentId !== undefined && (
          <>
            <dt>{texts.paymentId}</dt>
            <dd>
              <code>{paymentId}</code>
            </dd>
          </>
        )}
      </dl>
      <dl class="sum">
        {discountAmount > 0 && (
          <>
            <dt>{texts.goodsAmount}</dt>
            <dd>{money(totalAmount)}</dd>
            <dt>{basket.discount}</dt>
            <dd>−{money(discountAmount)}</dd>
          </>
        )}
        <dt>{orders.sum}</dt>
        <dd class="price">{money(finalAmount)}</dd>
        {refundedAmount !== undefined && (
          <>
            <dt>{orders.refunded}</dt>
            <dd>−{money(refundedAmount)}</dd>
            <dt>{texts.remains}</dt>
            <dd class="price">{money(finalAmount - refundedAmount)}</dd>
          </>
        )}
      </dl>
    </section>
  )
}

/** One order: what was bought, what is refunded, and the form that refunds more of it. */
export const OrderPage = ({ orderId }: { orderId: string }) => {
  const { books, orders, wallet } = words.value
  const { data, failure, reload } = useLoad(
    () => shop.get('/api/orders/{orderId}', { params: { path: { orderId } } }),
    [orderId],
  )
  return (
    <>
      <p class="back">
        <a href={hrefOf({ page: 'operations', place: 'orders' })}>← {books.orders.all}</a>
      </p>
      <PageHeading text={wallet.order(shortId(orderId))}>
        {data && <span class={`chip ${data.status}`}>{orders.status[data.status]}</span>}
      </PageHeading>
      {data ? (
        <div class="books order-page">
          <div class="stack">
            <RefundForm order={data} reload={reload} />
            <section class="card">
              <h2>{orders.refunds}</h2>
              {data.refunds ? <Refunds order={data} isOperator /> : <p class="soft">{books.orders.noRefunds}</p>}
            </section>
          </div>
          <Facts order={data} />
        </div>
      ) : (
        <Pending failure={failure} reload={reload} explain={explainedToOperator} />
      )}
    </>
  )
}
