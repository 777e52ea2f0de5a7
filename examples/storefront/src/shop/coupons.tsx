import { Gauge } from '../parts/gauge.js'
import { Outcome, Pending } from '../parts/notice.js'
import { PageHeading } from '../parts/page-heading.js'
import { useAction } from '../parts/use-action.js'
import { type Loaded, useLoad } from '../parts/use-load.js'
import type { ClaimableCoupon, OwnedCoupon } from '../state/api.js'
import { isChoosing, session, shop } from '../state/session.js'
import { date, discountText, money, nameOf, number, words } from '../words/words.js'
import { CouponCode } from './coupon-code.js'

const terms = ({ discount, minimumOrderAmount, productIds }: ClaimableCoupon): string => {
  const { coupons, drops } = words.value
  const maximum = discount.kind === 'percentage' ? discount.maximum : undefined
  return [
    ...(maximum === undefined ? [] : [coupons.atMost(money(maximum))]),
    ...(minimumOrderAmount === null ? [] : [coupons.from(money(minimumOrderAmount))]),
    ...(productIds === undefined ? [] : [drops.forSome]),
  ].join(', ')
}

interface ClaimableProps {
  readonly coupon: ClaimableCoupon
  readonly isOwned: boolean
  readonly isBusy: boolean
  readonly onClaim: () => void
}

const Claimable = ({ coupon, isOwned, isBusy, onClaim }: ClaimableProps) => {
  const { coupons } = words.value
  const left = coupons.left(number(coupon.remaining), number(coupon.quantity))
  return (
    <li class="coupon">
      <div>
        <strong>{discountText(coupon.discount)}</strong>
        <span>{nameOf(coupon.name)}</span>
        <span class="soft">{terms(coupon)}</span>
      </div>
      <div class="remaining">
        <Gauge value={coupon.remaining} of={coupon.quantity} />
        <span class="soft">{left}</span>
      </div>
      {isOwned ? (
        <span class="chip yours">✓ {words.value.drops.yours}</span>
      ) : (
        <button
          type="button"
          class="main"
          disabled={isBusy || coupon.remaining === 0}
          aria-label={`${coupons.claim}: ${nameOf(coupon.name)}`}
          onClick={onClaim}
        >
          {coupons.claim}
        </button>
      )}
    </li>
  )
}

const Mine = ({ owned: { data, failure, reload } }: { owned: Loaded<readonly OwnedCoupon[]> }) => {
  const { coupons } = words.value
  if (!data) return <Pending failure={failure} reload={reload} />
  if (data.length === 0) return <p class="soft">{coupons.mineEmpty}</p>
  return (
    <ul class="coupons">
      {data.map((coupon) => (
        <li class="coupon" key={coupon.couponId}>
          <div>
            <strong>{discountText(coupon.discount)}</strong>
            <span>{nameOf(coupon.name)}</span>
            <span class="soft">{coupons.until(date(coupon.validUntil))}</span>
          </div>
          <span class={`chip ${coupon.status}`}>{coupons.status[coupon.status]}</span>
        </li>
      ))}
    </ul>
  )
}

export const Coupons = () => {
  const { coupons } = words.value
  const action = useAction()
  const userId = session.value?.userId
  const list = useLoad(() => shop.get('/api/coupon', { params: { query: { limit: 100 } } }), [])
  const owned = useLoad(async () => {
    if (userId === undefined) return []
    const query = { limit: 100 }
    return (await shop.get('/api/coupon/users/{userId}', { params: { path: { userId }, query } })).coupons
  }, [userId])
  const ownedIds = new Set(owned.data?.map(({ couponId }) => couponId))
  const reload = () => Promise.all([list.reload(), owned.reload()])
  const isOwnedKnown = owned.data !== undefined || owned.failure !== undefined
  const claim = (couponId: string, name: string) =>
    action.run(async () => {
      if (userId === undefined) {
        isChoosing.value = true
        return undefined
      }
      await shop.post('/api/coupon/issue', { body: { userId, couponId } }).finally(() => reload())
      return coupons.claimed(nameOf(name))
    })
  if (!list.data || !isOwnedKnown) {
    return (
      <>
        <PageHeading text={words.value.places.coupons} />
        <Pending failure={list.failure} reload={list.reload} />
      </>
    )
  }
  return (
    <>
      <PageHeading text={words.value.places.coupons} />
      <Outcome action={action} />
      <section>
        <h2>{coupons.claimable}</h2>
        {list.data.coupons.length === 0 && <p class="soft">{coupons.nothing}</p>}
        <ul class="coupons">
          {list.data.coupons.map((coupon) => (
            <Claimable
              key={coupon.couponId}
              coupon={coupon}
              isOwned={ownedIds.has(coupon.couponId)}
              isBusy={action.isBusy}
              onClaim={() => void claim(coupon.couponId, coupon.name)}
            />
          ))}
        </ul>
      </section>
      <CouponCode userId={userId} onIssued={() => void reload()} />
      {userId !== undefined && (
        <section>
          <h2>{coupons.mine}</h2>
          <Mine owned={owned} />
        </section>
      )}
    </>
  )
}
