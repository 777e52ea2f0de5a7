import type { Transactor } from '@shop/core/store'
import type { Names } from '../database/names.js'
import { foldCode } from '../database/rules.js'
import type { QueryResult, QueryStep } from '../database/session.js'
import { isOneOf, prepared } from '../database/statement.js'
import { ids } from '../rows/column.js'
import { withCode } from './read-parts.js'

/** The fields of orders that never change. The products are those of the lines, in their order. */
export const outlinesOn = (
  names: Names,
  query: (step: QueryStep) => Promise<QueryResult['rows']>,
): Transactor['outlines'] => {
  const statement = prepared(
    `select order_id, user_id, coupon_id, jsonb_path_query_array(lines, '$[*].productId')
     from ${names.orders} where ${isOneOf('order_id', '$1')}`,
  )
  return async (orderIds) => {
    if (orderIds.length === 0) return []
    const rows = await query({ statement, values: [ids(orderIds)] })
    return rows.map(([orderId, userId, couponId, productIds]) => ({
      orderId: orderId as string,
      userId: userId as string,
      couponId: couponId ?? null,
      productIds: JSON.parse(productIds as string) as string[],
    }))
  }
}

/** The coupons that have some codes. */
export const couponsWithCodesOn = (
  names: Names,
  query: (step: QueryStep) => Promise<QueryResult['rows']>,
): Transactor['couponsWithCodes'] => {
  const statement = prepared(`select ${foldCode('c.code')}, c.coupon_id from ${withCode(names, '$1::text[]')}`)
  return async (codes) => {
    if (codes.length === 0) return []
    const rows = await query({ statement, values: [ids(codes)] })
    return rows.map(([code, couponId]) => ({ code: code as string, couponId: couponId as string }))
  }
}
