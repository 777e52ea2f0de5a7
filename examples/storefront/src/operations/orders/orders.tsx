import { useState } from 'preact/hooks'
import { Field } from '../../parts/field.js'
import { FoldTable } from '../../parts/fold-table.js'
import { Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { usePages } from '../../parts/use-pages.js'
import type { Order } from '../../state/api.js'
import { go, hrefOf, type Search, show } from '../../state/route.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { moment, money, nameOf, words } from '../../words/words.js'

const ways = ['userId', 'reference', 'orderId'] as const
type Way = (typeof ways)[number]

const wayOf = ({ by }: Search): Way => ways.find((way) => way === by) ?? 'userId'

const Finder = ({ search }: { search: Search }) => {
  const { books } = words.value
  const [by, setBy] = useState(wayOf(search))
  const [typed, setTyped] = useState(search['text'] ?? '')
  const find = () => {
    const text = typed.trim()
    if (by === 'orderId' && text !== '') go({ page: 'operations', place: 'orders', id: text })
    else show({ page: 'operations', place: 'orders', search: text === '' ? {} : { by, text } })
  }
  return (
    <form
      class="finder"
      onSubmit={(event) => {
        event.preventDefault()
        find()
      }}
    >
      <p class="field">
        <label for="orders-by">{books.orders.by}</label>
        <select id="orders-by" value={by} onChange={({ currentTarget }) => setBy(currentTarget.value as Way)}>
          {ways.map((way) => (
            <option key={way} value={way}>
              {books.orders.bys[way]}
            </option>
          ))}
        </select>
      </p>
      <Field
        label={books.orders.bys[by]}
        isRequired={false}
        value={typed}
        onInput={setTyped}
        maxLength={200}
        spellcheck={false}
      >
        <button type="submit" class="main">
          {books.find}
        </button>
      </Field>
    </form>
  )
}

const Row = ({ order }: { order: Order }) => {
  const { books, orders } = words.value
  const { orderId, userId, status, lines, finalAmount, refundedAmount, createdAt } = order
  const [first] = lines
  return (
    <tr>
      <td>
        <a href={hrefOf({ page: 'operations', place: 'orders', id: orderId })}>{moment(createdAt)}</a>
        <span class="line soft">{first && books.orders.and(nameOf(first.name), lines.length - 1)}</span>
      </td>
      <td>
        <a href={hrefOf({ page: 'operations', place: 'balances', id: userId })}>{userId}</a>
      </td>
      <td>
        <span class={`chip ${status}`}>{orders.status[status]}</span>
      </td>
      <td class="amount">
        {money(finalAmount)}
        {refundedAmount !== undefined && <span class="line soft">{books.orders.refunded(money(refundedAmount))}</span>}
      </td>
    </tr>
  )
}

/** Orders of all users, or those that were found. */
export const Orders = ({ search }: { search: Search }) => {
  const { books, common } = words.value
  const by = wayOf(search)
  const text = search['text'] ?? ''
  const list = usePages(
    async (cursor) => {
      const query = { limit: 20, ...(text !== '' && { [by]: text }), ...(cursor !== undefined && { cursor }) }
      const page = await shop.get('/api/orders', { params: { query } })
      return { items: page.orders, next: page.nextCursor }
    },
    [by, text],
  )
  return (
    <>
      <PageHeading text={books.places.orders}>
        <Finder key={`${by} ${text}`} search={search} />
      </PageHeading>
      <section class="card">
        <header class="split">
          <h2>{text === '' ? books.orders.all : `${books.orders.bys[by]}: ${text}`}</h2>
          {text !== '' && <a href={hrefOf({ page: 'operations', place: 'orders' })}>{books.orders.all}</a>}
        </header>
        {list.items ? (
          list.items.length > 0 && (
            <FoldTable name="orders-table" isBusy={list.isLoading}>
              <thead>
                <tr>
                  <th scope="col">{books.orders.placed}</th>
                  <th scope="col">{books.orders.user}</th>
                  <th scope="col">{books.orders.status}</th>
                  <th scope="col" class="amount">
                    {books.orders.amount}
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((order) => (
                  <Row key={order.orderId} order={order} />
                ))}
              </tbody>
            </FoldTable>
          )
        ) : (
          <Pending failure={list.failure} reload={list.reload} explain={explainedToOperator} />
        )}
        {list.items?.length === 0 && <p class="soft">{books.orders.none}</p>}
        {list.more && (
          <button type="button" onClick={list.more}>
            {common.more}
          </button>
        )}
      </section>
    </>
  )
}
