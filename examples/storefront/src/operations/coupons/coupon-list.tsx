import { Copyable } from '../../parts/copy.js'
import { FoldTable } from '../../parts/fold-table.js'
import { Meter } from '../../parts/meter.js'
import { Pending } from '../../parts/notice.js'
import { PageHeading } from '../../parts/page-heading.js'
import { usePages } from '../../parts/use-pages.js'
import type { Coupon } from '../../state/api.js'
import { hrefOf } from '../../state/route.js'
import { shop } from '../../state/session.js'
import { explainedToOperator } from '../../words/operator-refusals.js'
import { endOf, minute, nameOf, number, words } from '../../words/words.js'
import { CouponState, discountOf, scopeOf } from './coupon-text.js'

const Row = ({ coupon }: { coupon: Coupon }) => {
  const texts = words.value.catalog.coupons
  const { couponId, name, code, issued, quantity, remaining, validFrom, validUntil } = coupon
  const isUpcoming = Date.parse(validFrom) > Date.now()
  return (
    <tr>
      <td>
        <a href={hrefOf({ page: 'operations', place: 'coupons', id: couponId })}>{nameOf(name)}</a>
        <span class="line soft">{[discountOf(coupon), scopeOf(coupon)].filter((text) => text !== '').join(' · ')}</span>
      </td>
      <td class="code-cell">{code === undefined ? <span class="soft">–</span> : <Copyable text={code} />}</td>
      <td class="hours">
        <CouponState coupon={coupon} />
        {isUpcoming && <span class="line soft">{texts.from(minute(validFrom))}</span>}
        <span class="line soft">{texts.until(endOf(validUntil))}</span>
      </td>
      <td class="amount issued-cell">
        {number(issued)} / {number(quantity)}
        <Meter label={`${texts.issued}: ${nameOf(name)}`} value={issued} of={quantity} />
        <span class="line soft">{texts.left(number(remaining))}</span>
      </td>
    </tr>
  )
}

/** All coupons, newest first, with their codes and the number of issued copies. */
export const CouponList = () => {
  const { catalog, common, books } = words.value
  const texts = catalog.coupons
  const list = usePages(async (cursor) => {
    const query = { limit: 20, ...(cursor !== undefined && { cursor }) }
    const page = await shop.get('/api/admin/coupons', { params: { query } })
    return { items: page.coupons, next: page.nextCursor }
  }, [])
  return (
    <>
      <PageHeading text={books.places.coupons}>
        <a class="button main" href={hrefOf({ page: 'operations', place: 'coupons', search: { new: 'yes' } })}>
          {texts.add}
        </a>
      </PageHeading>
      <section class="card" aria-busy={list.isLoading}>
        {list.items ? (
          list.items.length > 0 && (
            <FoldTable name="coupon-table">
              <thead>
                <tr>
                  <th scope="col">{texts.coupon}</th>
                  <th scope="col">{texts.code}</th>
                  <th scope="col">{texts.valid}</th>
                  <th scope="col" class="amount">
                    {texts.issued}
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((coupon) => (
                  <Row key={coupon.couponId} coupon={coupon} />
                ))}
              </tbody>
            </FoldTable>
          )
        ) : (
          <Pending failure={list.failure} reload={list.reload} explain={explainedToOperator} />
        )}
        {list.items?.length === 0 && <p class="soft">{texts.none}</p>}
        {list.more && (
          <button type="button" onClick={list.more}>
            {common.more}
          </button>
        )}
      </section>
    </>
  )
}
