import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** The data of one run, separate from other runs on the same shop. */
export const namesOf = (run) => ({
  products: ['lamp', 'desk', 'chair', 'shelf', 'clock'].map((name) => `${name}-${run}`),
  coupon: (round) => `rush-${run}-${round}`,
  user: (n) => `user-${run}-${n}`,
})

export const stock = 1_000_000
const price = 1_000
const discount = 100

/** Fewer than the users, so some are refused. */
export const unitsPerCoupon = 20
const answerWithinMs = 10_000

/**
 * A client of the shop. Retries a request with the same key until it gets a definite response.
 * `onAnswer` is called with each definite response, `onTrouble` with each other one; both with the method and the path of
 * the request. The status is 0 without a response.
 */
export const callerOf = (
  url,
  { onAnswer = () => undefined, onTrouble = () => undefined, giveUpAfterMs = 60_000 } = {},
) => {
  const agent = new Agent({ keepAlive: true })

  const once = (method, path, body, { key, route }) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body)
      const headers = {
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(key !== undefined && { 'idempotency-key': key }),
        ...(route !== undefined && { 'x-shop-route': route }),
      }
      const outgoing = request(new URL(path, url), { method, headers, agent, timeout: answerWithinMs }, (response) => {
        let answer = ''
        response.setEncoding('utf8').on('data', (chunk) => {
          answer += chunk
        })
        response.once('error', reject)
        response.once('end', () => {
          try {
            resolve({ status: response.statusCode, body: JSON.parse(answer) })
          } catch (error) {
            reject(error)
          }
        })
      })
      outgoing.once('timeout', () => outgoing.destroy(new Error('no response')))
      outgoing.once('error', reject)
      outgoing.end(text)
    })

  const isClear = ({ status, body }) => status > 0 && status < 500 && body.code !== 'IDEMPOTENCY_IN_PROGRESS'

  return {
    async call(method, path, body, options = {}) {
      const giveUp = performance.now() + giveUpAfterMs
      for (let tries = 1; ; tries += 1) {
        const answer = await once(method, path, body, options).catch((error) => ({
          status: 0,
          body: { detail: error.message },
        }))
        if (isClear(answer)) {
          onAnswer(answer, { method, path })
          return { ...answer, tries }
        }
        onTrouble(answer, { method, path })
        if (performance.now() > giveUp) throw new Error(`no definite response to ${method} ${path}`)
        await setTimeout(20 + Math.random() * 80)
      }
    },
    close: () => agent.destroy(),
  }
}

const expectStatus = (what, { status, body }, ...wanted) => {
  if (!wanted.includes(status)) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`)
}

export const makeProducts = async ({ call }, { products }) => {
  for (const productId of products) {
    expectStatus(
      'product',
      await call('POST', '/api/admin/products', { productId, name: productId, price, stock }),
      201,
    )
  }
}

/** Idempotent: the first caller creates the data. */
const makeCoupon = (call, couponId) =>
  call('POST', '/api/admin/coupons', {
    couponId,
    name: couponId,
    discount: { kind: 'fixed', amount: discount },
    quantity: unitsPerCoupon,
    validUntil: new Date(Date.now() + 86_400_000).toISOString(),
  })

/**
 * Runs one user in rounds: charges, claims a coupon, orders, and pays or cancels. Resolves with the
 * acknowledged results. Every response is definite, so they determine the final state exactly.
 * Between its rounds the user pauses for `pauseMs`. Every second user names the route of its requests, as a client
 * does; those of the others reach all servers, also with the same coupons and products.
 */
export const liveAs = async (n, names, { call }, isOver, pauseMs = 0) => {
  const userId = names.user(n)
  const promises = { userId, balance: 0, coupons: [], orders: new Map(), sold: new Map() }
  const routeTo = (row) => (n % 2 === 0 ? { route: row } : {})
  const post = (path, body, row) => call('POST', path, body, { key: randomUUID(), ...routeTo(row) })
  for (let round = 0; !isOver(); round += 1) {
    if (pauseMs > 0) await setTimeout(pauseMs)
    // A payment has its own name, so it needs no key.
    const charge = await call('POST', '/api/balance/charge', { userId, amount: 2_000, reference: randomUUID() })
    expectStatus('charge', charge, 200)
    promises.balance += 2_000

    const couponId = names.coupon(round)
    if (round % 4 === 0) await makeCoupon(call, couponId)
    const claim =
      round % 4 === 0 ? await call('POST', '/api/coupon/issue', { userId, couponId }, routeTo(couponId)) : undefined
    // After a lost response, "already issued" means that the first request succeeded.
    const isMine = claim?.status === 200 || (claim?.body.code === 'COUPON_ALREADY_ISSUED' && claim.tries > 1)
    if (isMine) promises.coupons.push(couponId)
    else if (claim && claim.body.code !== 'COUPON_SOLD_OUT') expectStatus('claim', claim, 200)

    const productId = names.products[(round + n) % names.products.length]
    const quantity = 1 + (round % 2)
    const wish = { userId, products: [{ productId, quantity }], ...(isMine && { couponId }) }
    const placed = await post('/api/orders', wish, productId)
    expectStatus('order', placed, 201)
    const { orderId, finalAmount } = placed.body

    if (round % 4 === 3) {
      expectStatus('cancel', await post(`/api/orders/${orderId}/cancel`, {}, productId), 200)
      promises.orders.set(orderId, 'cancelled')
      continue
    }
    const paid = await post('/api/payments', { userId, orderId }, productId)
    expectStatus('payment', paid, 200)
    promises.orders.set(orderId, 'paid')
    promises.balance -= finalAmount
    promises.sold.set(productId, (promises.sold.get(productId) ?? 0) + quantity)
    expectStatus('products', await call('GET', '/api/products'), 200)
  }
  return promises
}
