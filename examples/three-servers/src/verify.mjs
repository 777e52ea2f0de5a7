import { stock, unitsPerCoupon } from './load.mjs'

/** Reads all entries of a list, page by page. */
const allOf = async (call, path, name) => {
  const entries = []
  for (let cursor = ''; cursor !== null; ) {
    const { body } = await call('GET', `${path}&limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`)
    entries.push(...body[name])
    cursor = body.nextCursor
  }
  return entries
}

const checkUser = async (call, { userId, balance, coupons, orders }) => {
  const wrong = []
  const found = (await call('GET', `/api/balance/${userId}`)).body.balance
  if (found !== balance) wrong.push(`${userId} has ${found}, not ${balance}`)
  const issued = await allOf(call, `/api/coupon/users/${userId}?`, 'coupons')
  const ids = new Set(issued.map(({ couponId }) => couponId))
  for (const couponId of coupons) if (!ids.has(couponId)) wrong.push(`${userId} lost the coupon ${couponId}`)
  if (ids.size !== issued.length || ids.size !== coupons.length) {
    wrong.push(`${userId} has ${issued.length} coupons instead of ${coupons.length}`)
  }
  const kept = await allOf(call, `/api/orders?userId=${userId}`, 'orders')
  const statuses = new Map(kept.map(({ orderId, status }) => [orderId, status]))
  for (const [orderId, status] of orders) {
    if (statuses.get(orderId) !== status) wrong.push(`the order ${orderId} is ${statuses.get(orderId)}, not ${status}`)
  }
  if (statuses.size !== orders.size) wrong.push(`${userId} has ${statuses.size} orders instead of ${orders.size}`)
  return wrong
}

/** Verifies every acknowledged result, and runs the shop's audit. Resolves with the differences. */
export const verify = async ({ call }, { products, coupon }, promises) => {
  const wrong = (await Promise.all(promises.map((each) => checkUser(call, each)))).flat()
  for (const productId of products) {
    const sold = promises.reduce((sum, each) => sum + (each.sold.get(productId) ?? 0), 0)
    const left = (await call('GET', `/api/products/${productId}`)).body.stock
    if (left !== stock - sold) wrong.push(`${productId}: stock fell by ${stock - left}, but ${sold} were sold`)
  }
  const told = new Map()
  for (const couponId of promises.flatMap(({ coupons }) => coupons)) told.set(couponId, (told.get(couponId) ?? 0) + 1)
  for (const [couponId, issued] of told) {
    const { body } = await call('GET', `/api/admin/coupons/${couponId}`)
    if (body.issued !== issued)
      wrong.push(`${couponId}: ${body.issued} copies are issued, but ${issued} were acknowledged`)
    if (issued > unitsPerCoupon) wrong.push(`${couponId}: ${issued} copies were issued of ${unitsPerCoupon}`)
  }
  // Every user claimed the first coupon.
  const first = Math.min(unitsPerCoupon, promises.length)
  if (told.get(coupon(0)) !== first)
    wrong.push(`${told.get(coupon(0)) ?? 0} users got the first coupon instead of ${first}`)
  const { body: audit } = await call('GET', '/api/admin/audit')
  return { wrong, audit }
}
