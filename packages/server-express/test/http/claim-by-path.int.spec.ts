import { describe, expect, test } from 'vitest'
import { serveShop } from './support/served-shop.js'
import { worldOf } from './support/world.js'

const opened = async () => {
  const { call } = await serveShop()
  const world = worldOf(call)
  return { call, world }
}

/** The same claim by the body and by the path, for a user each. */
const bothWays = async ({ call, world }: Awaited<ReturnType<typeof opened>>, couponId: string, extra: object = {}) => {
  const [one, other] = [await world.user(), await world.user()]
  return Promise.all([
    call('POST', '/api/coupon/issue', { as: one, body: { userId: one, couponId }, ...extra }),
    call('POST', `/api/coupons/${couponId}/issue`, { as: other, body: { userId: other }, ...extra }),
  ])
}

describe('a claim whose path names the coupon', () => {
  test('is answered as one whose body names it', async () => {
    const shop = await opened()
    const [byBody, byPath] = await bothWays(shop, await shop.world.coupon())
    expect([byBody.status, byPath.status]).toEqual([200, 200])
    expect({ ...byPath.body, userId: '', issuedAt: '' }).toEqual({ ...byBody.body, userId: '', issuedAt: '' })
  })

  test.each([
    ['COUPON_NOT_FOUND', async () => 'none'],
    ['COUPON_NOT_FOUND', ({ coupon }: Coupons) => coupon({ code: 'ONLY-BY-CODE' })],
    ['COUPON_NOT_YET_VALID', ({ coupon }: Coupons) => coupon({ validFrom: '2998-01-01T00:00:00Z' })],
  ] as const)('is refused with %s as one whose body names it', async (code, make) => {
    const shop = await opened()
    const answers = await bothWays(shop, await make(shop.world))
    expect(answers.map(({ body }) => body.code)).toEqual([code, code])
    expect(answers[1]?.status).toBe(answers[0]?.status)
  })

  test('takes from the same copies: a user who claims both ways has one', async () => {
    const { call, world } = await opened()
    const [userId, couponId] = [await world.user(), await world.coupon({ quantity: 2 })]
    await call('POST', '/api/coupon/issue', { as: userId, body: { userId, couponId } })
    const again = await call('POST', `/api/coupons/${couponId}/issue`, { as: userId, body: { userId } })
    expect(again.body.code).toBe('COUPON_ALREADY_ISSUED')
    expect((await call('GET', `/api/admin/coupons/${couponId}`)).body.issued).toBe(1)
  })

  test('may repeat the coupon in its body, and no other one', async () => {
    const { call, world } = await opened()
    const [userId, couponId, other] = [await world.user(), await world.coupon(), await world.coupon()]
    const claim = (named: unknown, as = userId) =>
      call('POST', `/api/coupons/${couponId}/issue`, { as, body: { userId, couponId: named } })
    const refused = await claim(other)
    expect([refused.status, refused.body.code, refused.body.errors]).toEqual([
      400,
      'INVALID_REQUEST',
      [{ path: 'couponId', message: 'must be the one in the path, or be omitted' }],
    ])
    // What is malformed is told before what is forbidden, as on every route.
    expect((await claim(other, 'somebody-else')).body.code).toBe('INVALID_REQUEST')
    expect((await claim(couponId, 'somebody-else')).body.code).toBe('FORBIDDEN')
    expect((await call('GET', `/api/admin/coupons/${other}`)).body.issued).toBe(0)
    expect((await claim(couponId)).status).toBe(200)
  })

  test.each([
    ['a code', { code: 'SPRING-2030' }],
    ['an unknown field', { quantity: 2 }],
  ])('refuses %s', async (_, extra) => {
    const { call, world } = await opened()
    const [userId, couponId] = [await world.user(), await world.coupon()]
    const path = `/api/coupons/${couponId}/issue`
    expect((await call('POST', path, { as: userId, body: { userId, ...extra } })).body.code).toBe('INVALID_REQUEST')
  })

  test('has one effect for a key, whose request it is, with its path', async () => {
    const { call, world } = await opened()
    const userId = await world.user()
    const [one, two] = [await world.coupon(), await world.coupon()]
    const claim = (couponId: string) =>
      call('POST', `/api/coupons/${couponId}/issue`, {
        as: userId,
        headers: { 'idempotency-key': 'claim-1' },
        body: { userId },
      })
    const [first, again, other] = [await claim(one), await claim(one), await claim(two)]
    expect([first.status, again.status, again.headers['idempotent-replayed']]).toEqual([200, 200, 'true'])
    expect(again.body).toEqual(first.body)
    expect([other.status, other.body.code]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  test('is a write of its user to the rate limit', async () => {
    const { call } = await serveShop({ deps: { rateLimit: 3 } })
    const statuses: number[] = []
    for (let n = 0; n < 4; n += 1)
      statuses.push((await call('POST', '/api/coupons/none/issue', { as: 'mina', body: { userId: 'mina' } })).status)
    expect(statuses[3]).toBe(429)
    expect(statuses.slice(0, 3)).not.toContain(429)
  })
})

type Coupons = Pick<ReturnType<typeof worldOf>, 'coupon'>
