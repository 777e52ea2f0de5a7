import type { Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { isClaimable } from '../database/rules.js'
import { prepared, withClock } from '../database/statement.js'
import { coupons, issuedCoupons } from '../rows/row-maps.js'
import { type PageKey, page, pageKey, pageValues, readAlike, variants } from './read.js'

type CouponReads = Pick<Reads, 'coupon' | 'coupons' | 'claimableCoupons' | 'couponsOf'>

/** `scan` runs queries that may scan a whole table. */
export const couponReads = ({ names, query, now }: Database, scan: Database['query']): CouponReads => {
  const one = prepared(`select ${coupons.list('c')} from ${names.coupons} c where c.coupon_id = $1`)
  const newest = (first: number, key: PageKey) =>
    page({ time: 'c.created_at', id: 'c.coupon_id', first, isFirst: key === 'first' })
  const all = variants(
    (key: PageKey) => `select ${coupons.list('c')} from ${names.coupons} c where true ${newest(1, key)}`,
  )
  const claimable = variants(
    (key: PageKey) => `${withClock}
select ${coupons.list('c')} from ${names.coupons} c, clock
where c.code is null and ${isClaimable('c', 'clock.time')} ${newest(2, key)}`,
  )
  const owned = variants(
    (key: PageKey) => `${withClock}
select clock.now, ${issuedCoupons.list('i')}, ${coupons.list('c')}
from clock left join lateral (
  select i.* from ${names.issued_coupons} i where i.user_id = $2
  ${page({ time: 'i.issued_at', id: 'i.coupon_id', first: 3, isFirst: key === 'first' })}
) i on true left join ${names.coupons} c using (coupon_id)
order by i.issued_at desc, i.coupon_id desc`,
  )
  return {
    async coupon(couponId) {
      const [row] = await query(one, [couponId])
      return row && coupons.read(row)
    },
    coupons: async (list) => (await query(all(pageKey(list)), pageValues(list))).map((row) => coupons.read(row)),
    claimableCoupons: readAlike(
      ({ limit, after }) => `${limit} ${after?.at} ${after?.id}`,
      async (list) =>
        (await scan(claimable(pageKey(list)), [now(), ...pageValues(list)])).map((row) => coupons.read(row)),
    ),
    async couponsOf(list) {
      const rows = await query(owned(pageKey(list)), [now(), list.userId, ...pageValues(list)])
      const found = rows.flatMap((row) => {
        const issued = issuedCoupons.readFound(row, 1)
        const coupon = coupons.readFound(row, 1 + issuedCoupons.width)
        return issued && coupon ? [{ issued, coupon }] : []
      })
      return { now: Number(rows[0]?.[0]), found }
    },
  }
}
