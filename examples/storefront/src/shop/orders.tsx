import { useEffect, useState } from 'preact/hooks'
import { Empty } from '../parts/empty.js'
import { Outcome, Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { Refunds } from '../parts/refunds.js'
import { SignInFirst } from '../parts/sign-in.js'
import { type Action, useAction } from '../parts/use-action.js'
import { usePages } from '../parts/use-pages.js'
import type { Order } from '../state/api.js'
import { refreshBalance } from '../state/balance.js'
import { session, shop } from '../state/session.js'
import { moment, money, nameOf, time, words } from '../words/words.js'
import { lastOrder } from './last-order.js'

type Status = Order['status']

const Sums = ({ order }: { order: Order }) => (
  <>
    <ul class="lines compact">
      {order.lines.map(({ productId, name, quantity, amount, refundedQuantity }) => (
        <li key={productId}>
          <span class="name">
            {nameOf(name)} × {quantity}
            {refundedQuantity !== undefined && (
              <span class="soft"> · {words.value.orders.refundedUnits(refundedQuantity)}</span>
            )}
          </span>
          <span class="price">{money(amount)}</span>
        </li>
      ))}
    </ul>
    {order.droppedLines.map(({ productId, requested, available }) => (
      <p class="soft" key={productId}>
        {words.value.orders.dropped(productId, requested, available)}
      </p>
    ))}
    <dl class="sum">
      {order.discountAmount > 0 && (
        <>
          <dt>{words.value.basket.discount}</dt>
          <dd>−{money(order.discountAmount)}</dd>
        </>
      )}
      <dt>{words.value.orders.sum}</dt>
      <dd class="price">{money(order.finalAmount)}</dd>
      {order.refundedAmount !== undefined && (
        <>
          <dt>{words.value.orders.refunded}</dt>
          <dd class="price">{money(order.refundedAmount)}</dd>
        </>
      )}
    </dl>
    {order.refunds && (
      <section>
        <h3>{words.value.orders.refunds}</h3>
        <Refunds order={order} />
      </section>
    )}
  </>
)

interface OrderCardProps {
  readonly order: Order
  readonly action: Action
  readonly onChange: () => Promise<void>
}

const OrderCard = ({ order, action, onChange }: OrderCardProps) => {
  const { orders } = words.value
  const { orderId, userId, status, finalAmount, expiresAt } = order
  const pay = () =>
    action.run(async () => {
      try {
        const { balance } = await shop.post('/api/payments', { body: { userId, orderId } })
        return orders.paid(money(balance))
      } finally {
        void refreshBalance()
        await onChange()
      }
    })
  const cancel = () =>
    action.run(async () => {
      try {
        await shop.post('/api/orders/{orderId}/cancel', { params: { path: { orderId } } })
        return orders.cancelled
      } finally {
        await onChange()
      }
    })
  return (
    <li class="card order">
      <header>
        <h2>{moment(order.createdAt)}</h2>
        <span class={`chip ${status}`}>{orders.status[status]}</span>
      </header>
      <Sums order={order} />
      {status === 'pending' && (
        <footer>
          {expiresAt !== null && <span class="soft">{orders.payUntil(time(expiresAt))}</span>}
          <button type="button" disabled={action.isBusy} onClick={() => void cancel()}>
            {orders.cancel}
          </button>
          <button type="button" class="main" disabled={action.isBusy} onClick={() => void pay()}>
            {orders.pay(money(finalAmount))}
          </button>
        </footer>
      )}
    </li>
  )
}

const statuses: readonly Status[] = ['pending', 'paid', 'cancelled', 'expired', 'failed', 'refunded']

const Filter = ({
  status,
  onChange,
}: {
  status: Status | undefined
  onChange: (status: Status | undefined) => void
}) => (
  <select
    aria-label={words.value.orders.filter}
    value={status ?? ''}
    onChange={({ currentTarget }) => onChange((currentTarget.value || undefined) as Status | undefined)}
  >
    <option value="">{words.value.orders.all}</option>
    {statuses.map((each) => (
      <option key={each} value={each}>
        {words.value.orders.status[each]}
      </option>
    ))}
  </select>
)

const Mine = ({ userId }: { userId: string }) => {
  const { orders, common } = words.value
  const [status, setStatus] = useState<Status>()
  const action = useAction()
  const list = usePages(
    async (cursor) => {
      const query = { userId, limit: 10, ...(status && { status }), ...(cursor !== undefined && { cursor }) }
      const page = await shop.get('/api/orders', { params: { query } })
      return { items: page.orders, next: page.nextCursor }
    },
    [userId, status],
  )
  useEffect(() => {
    const placed = lastOrder.value
    if (!placed) return
    lastOrder.value = undefined
    void action.run(async () => (placed.status === 'paid' ? orders.paidAtOnce : orders.placed))
  }, [])
  return (
    <>
      <PageHeading text={words.value.places.orders}>
        <Filter status={status} onChange={setStatus} />
      </PageHeading>
      <Outcome action={action} />
      {list.items ? (
        <ul class="orders" aria-busy={list.isLoading}>
          {list.items.map((order) => (
            <OrderCard key={order.orderId} order={order} action={action} onChange={list.reload} />
          ))}
        </ul>
      ) : (
        <Pending failure={list.failure} reload={list.reload} />
      )}
      {list.items?.length === 0 &&
        (status === undefined ? <Empty text={orders.empty} /> : <p class="soft">{orders.noneOf}</p>)}
      {list.more && (
        <button type="button" onClick={list.more}>
          {common.more}
        </button>
      )}
    </>
  )
}

export const Orders = () => {
  const userId = session.value?.userId
  if (userId !== undefined) return <Mine key={userId} userId={userId} />
  return (
    <>
      <PageHeading text={words.value.places.orders} />
      <SignInFirst />
    </>
  )
}
