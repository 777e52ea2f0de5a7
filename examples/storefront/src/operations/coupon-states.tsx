import { Meter } from '../parts/meter.js'
import { Pending } from '../parts/notice.js'
import { usePages } from '../parts/use-pages.js'
import { shop } from '../state/session.js'
import { date, nameOf, number, words } from '../words/words.js'

/** Every coupon, with the number of issued copies. */
export const CouponStates = () => {
  const { operations, common } = words.value
  const list = usePages(async (cursor) => {
    const query = { limit: 6, ...(cursor !== undefined && { cursor }) }
    const page = await shop.get('/api/admin/coupons', { params: { query } })
    return { items: page.coupons, next: page.nextCursor }
  }, [])
  return (
    <section class="card">
      <h2>{operations.coupons}</h2>
      {list.items ? (
        <table>
          <thead>
            <tr>
              <th scope="col">{operations.coupon}</th>
              <th scope="col" class="amount">
                {operations.issued}
              </th>
              <th scope="col" class="amount">
                {operations.remaining}
              </th>
              <th scope="col">{operations.valid}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map(({ couponId, name, issued, quantity, remaining, validUntil }) => (
              <tr key={couponId}>
                <td>
                  {nameOf(name)}
                  <Meter label={`${operations.issued}: ${nameOf(name)}`} value={issued} of={quantity} />
                </td>
                <td class="amount">
                  {number(issued)} / {number(quantity)}
                </td>
                <td class="amount">{number(remaining)}</td>
                <td>{date(validUntil)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Pending failure={list.failure} reload={list.reload} />
      )}
      {list.more && (
        <button type="button" onClick={list.more}>
          {common.more}
        </button>
      )}
    </section>
  )
}
