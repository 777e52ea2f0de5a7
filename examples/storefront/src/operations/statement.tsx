import { useState } from 'preact/hooks'
import { Field } from '../parts/field.js'
import { FoldTable } from '../parts/fold-table.js'
import { Outcome, Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import type { Statement } from '../state/api.js'
import { hrefOf, type Search, show } from '../state/route.js'
import { shop } from '../state/session.js'
import { explainedToOperator } from '../words/operator-refusals.js'
import { date, money, nameOf, signed, words } from '../words/words.js'
import { type Range, rangeOf, ranges } from './days.js'
import { saveFile } from './save-file.js'

const showRange = ({ from, to }: Range) => show({ page: 'operations', place: 'statement', search: { from, to } })

const RangeForm = ({ range }: { range: Range }) => {
  const { statement } = words.value.books
  const [{ from, to }, setRange] = useState(range)
  return (
    <form
      class="card range"
      onSubmit={(event) => {
        event.preventDefault()
        showRange({ from, to })
      }}
    >
      <Field
        type="date"
        label={statement.from}
        max="9999-12-30"
        value={from}
        onInput={(typed) => setRange({ from: typed, to })}
      />
      <Field
        type="date"
        label={statement.to}
        max="9999-12-30"
        value={to}
        onInput={(typed) => setRange({ from, to: typed })}
      >
        <button type="submit" class="main">
          {statement.show}
        </button>
      </Field>
      <p class="row">
        {ranges.map((name) => (
          <button type="button" key={name} onClick={() => showRange(rangeOf(name))}>
            {statement.ranges[name]}
          </button>
        ))}
      </p>
    </form>
  )
}

const Movements = ({ statement: { opening, movements, closing } }: { statement: Statement }) => {
  const { books, wallet } = words.value
  const texts = books.statement
  return (
    <section class="card">
      <h2>{texts.balances}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.movement}</th>
            <th scope="col" class="amount">
              {texts.amount}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row" class="total">
              {texts.opening}
            </th>
            <td class="amount total">{money(opening)}</td>
          </tr>
          {movements.map(({ kind, amount }) => (
            <tr key={kind} class={amount === 0 ? 'soft' : undefined}>
              <td>
                {amount === 0 ? (
                  wallet.kind[kind]
                ) : (
                  <a href={hrefOf({ page: 'operations', place: 'entries', search: { kind } })}>{wallet.kind[kind]}</a>
                )}
              </td>
              <td class={amount > 0 ? 'amount in' : 'amount'}>{signed(amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" class="total">
              {texts.closing}
            </th>
            <td class="amount total">{money(closing)}</td>
          </tr>
        </tfoot>
      </table>
    </section>
  )
}

type Sums = Omit<Statement['products'][number], 'productId'>

const totalOf = (products: Statement['products']): Sums =>
  products.reduce(
    (sum, { sold, soldAmount, refunded, refundedAmount }) => ({
      sold: sum.sold + sold,
      soldAmount: sum.soldAmount + soldAmount,
      refunded: sum.refunded + refunded,
      refundedAmount: sum.refundedAmount + refundedAmount,
    }),
    { sold: 0, soldAmount: 0, refunded: 0, refundedAmount: 0 },
  )

const Cells = ({ sold, soldAmount, refunded, refundedAmount }: Sums) => {
  const texts = words.value.books.statement
  return (
    <>
      <td class="amount" data-label={texts.sold}>
        {money(soldAmount)}
        <span class="line soft">{texts.units(sold)}</span>
      </td>
      <td class="amount" data-label={texts.refunded}>
        {money(refundedAmount)}
        <span class="line soft">{texts.units(refunded)}</span>
      </td>
      <td class="amount" data-label={texts.net}>
        {money(soldAmount - refundedAmount)}
      </td>
    </>
  )
}

const Products = ({ products }: { products: Statement['products'] }) => {
  const texts = words.value.books.statement
  const listed = useLoad(() => shop.get('/api/admin/products', { params: { query: { size: 100 } } }), [])
  const names = new Map(listed.data?.products.map(({ productId, name }) => [productId, nameOf(name)]))
  return (
    <section class="card">
      <h2>{texts.products}</h2>
      {products.length === 0 ? (
        <p class="soft">{texts.noProducts}</p>
      ) : (
        <>
          <FoldTable name="product-sums">
            <thead>
              <tr>
                <th scope="col">{texts.product}</th>
                <th scope="col" class="amount">
                  {texts.sold}
                </th>
                <th scope="col" class="amount">
                  {texts.refunded}
                </th>
                <th scope="col" class="amount">
                  {texts.net}
                </th>
              </tr>
            </thead>
            <tbody>
              {products.map((product) => (
                <tr key={product.productId}>
                  <td>
                    {names.get(product.productId)}
                    <code class="line soft">{product.productId}</code>
                  </td>
                  <Cells {...product} />
                </tr>
              ))}
            </tbody>
            <tfoot>
              <tr>
                <th scope="row" class="total">
                  {texts.total}
                </th>
                <Cells {...totalOf(products)} />
              </tr>
            </tfoot>
          </FoldTable>
          <p class="soft more">{texts.afterDiscount}</p>
        </>
      )}
    </section>
  )
}

/** The days of the statement, and the button that downloads it. */
const Head = ({ range }: { range: Range }) => {
  const { statement } = words.value.books
  const action = useAction()
  const download = () =>
    action.run(async () => {
      const headers = { accept: 'text/csv' }
      const file = await shop.get('/api/admin/statement', { params: { query: range }, headers, parseAs: 'blob' })
      const name = `statement-${range.from === range.to ? range.from : `${range.from}-to-${range.to}`}.csv`
      saveFile(file, name)
      return statement.downloaded(name)
    })
  return (
    <>
      <header class="split statement-head">
        <h2>{statement.range(date(range.from), date(range.to))}</h2>
        <button type="button" disabled={action.isBusy} onClick={() => void download()}>
          {statement.csv}
        </button>
      </header>
      <Outcome action={action} explain={explainedToOperator} />
    </>
  )
}

/** The statement of one day or of several: all balances, and what was sold and refunded. */
export const Statements = ({ search }: { search: Search }) => {
  const { books } = words.value
  const { from, to } = { ...rangeOf('thisMonth'), ...search }
  const range = { from, to }
  const { data, failure, reload, isLoading } = useLoad(
    () => shop.get('/api/admin/statement', { params: { query: range } }),
    [from, to],
  )
  return (
    <>
      <PageHeading text={books.places.statement} />
      <p class="lead">{books.statement.hint}</p>
      <RangeForm key={`${from} ${to}`} range={range} />
      {data && failure === undefined ? (
        <div aria-busy={isLoading}>
          <Head range={{ from: data.from, to: data.to }} />
          <div class="books">
            <Movements statement={data} />
            <Products products={data.products} />
          </div>
        </div>
      ) : (
        <Pending failure={failure} reload={reload} explain={explainedToOperator} />
      )}
    </>
  )
}
