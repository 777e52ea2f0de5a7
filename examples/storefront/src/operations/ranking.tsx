import { Outcome, Pending } from '../parts/notice.js'
import { useAction } from '../parts/use-action.js'
import { useLoad } from '../parts/use-load.js'
import { shop } from '../state/session.js'
import { date, moment, nameOf, number, words } from '../words/words.js'

/** The popular products, with the window of the ranking. */
export const Ranking = () => {
  const { operations } = words.value
  const action = useAction()
  const { data, failure, reload } = useLoad(() => shop.get('/api/products/top'), [])
  const refresh = () =>
    action.run(async () => {
      await shop.post('/api/admin/products/top/refresh')
      await reload()
      return undefined
    })
  return (
    <section class="card">
      <header class="split">
        <h2>{operations.ranking}</h2>
        <button type="button" disabled={action.isBusy} onClick={() => void refresh()}>
          {operations.refresh}
        </button>
      </header>
      {data ? (
        <>
          <p class="soft">
            {operations.rankingWindow(date(data.from), date(data.to))} ·{' '}
            {data.asOf === null ? operations.never : operations.asOf(moment(data.asOf))}
          </p>
          <Outcome action={action} />
          {data.products.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th scope="col">#</th>
                  <th scope="col">{operations.product}</th>
                  <th scope="col" class="amount">
                    {operations.sold}
                  </th>
                  <th scope="col" class="amount">
                    {operations.views}
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.products.map(({ productId, rank, name, sold, views }) => (
                  <tr key={productId}>
                    <td>{rank}</td>
                    <td>{nameOf(name)}</td>
                    <td class="amount">{number(sold)}</td>
                    <td class="amount">{number(views)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </>
      ) : (
        <Pending failure={failure} reload={reload} />
      )}
    </section>
  )
}
