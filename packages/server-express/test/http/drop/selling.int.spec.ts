import { describe, expect, test } from 'vitest'
import { serveShop } from '../support/served-shop.js'
import { worldOf } from '../support/world.js'

const served = async (options: Parameters<typeof serveShop>[0] = {}) => {
  const server = await serveShop(options)
  const { call, clock } = server
  const world = worldOf(call)
  const order = (userId: string, productId: string, quantity = 1, headers = {}) =>
    call('POST', '/api/orders', { as: userId, body: { userId, products: [{ productId, quantity }] }, headers })
  const fromNow = (ms: number) => new Date(clock.now() + ms).toISOString()
  return { ...server, world, order, fromNow }
}

const hour = 3_600_000

describe('products with hours, sales and limits', () => {
  test('answer their terms, and without terms what they always answered', async () => {
    const { call, fromNow } = await served()
    const [opensAt, closesAt, until] = [fromNow(-hour), fromNow(hour), fromNow(2 * hour)]
    const sale = { price: 700, from: opensAt, until }
    const body = {
      name: 'Mug',
      price: 1_000,
      stock: 2,
      opensAt,
      closesAt,
      sale,
      purchaseLimit: 2,
      metadata: { a: 'b' },
    }
    const { productId, ...created } = (await call('POST', '/api/admin/products', { body })).body
    expect(created).toEqual({ ...body, price: 700, regularPrice: 1_000, listed: true })
    const { listed, ...shown } = created
    expect((await call('GET', `/api/products/${productId}`)).body).toEqual({ productId, ...shown })
    const nothing = { opensAt: null, closesAt: null, sale: null, purchaseLimit: null, metadata: null }
    const { body: plain } = await call('PATCH', `/api/admin/products/${productId}`, { body: nothing })
    expect(plain).toEqual({ productId, name: 'Mug', price: 1_000, stock: 2, listed: true })
  })

  test('keep a time with an offset as the instant that it names', async () => {
    const { call } = await served()
    const body = { name: 'Mug', price: 1, stock: 1, opensAt: '2030-01-01T12:00:00+09:00' }
    expect((await call('POST', '/api/admin/products', { body })).body.opensAt).toBe('2030-01-01T03:00:00.000Z')
  })

  test.each<[object, string]>([
    [{ opensAt: 1_700_000_000_000 }, 'opensAt'],
    [{ opensAt: 'tomorrow' }, 'opensAt'],
    [{ opensAt: '2030-01-01T00:00:00' }, 'opensAt'],
    [{ opensAt: '2030-02-30T00:00:00Z' }, 'opensAt'],
    [{ closesAt: '9999-12-31T23:59:59-00:01' }, 'closesAt'],
    [{ opensAt: '2030-01-02T00:00:00Z', closesAt: '2030-01-02T00:00:00Z' }, 'closesAt'],
    [{ sale: { price: 900 } }, 'sale.from'],
    [{ sale: { price: 900, from: '2030-01-01T00:00:00Z', until: 5 } }, 'sale.until'],
    [{ sale: { price: 900, from: '2030-01-01T00:00:00Z', until: '2030-01-01T00:00:00Z' } }, 'sale.until'],
    [{ sale: { price: 1_000, from: '2030-01-01T00:00:00Z', until: '2030-01-02T00:00:00Z' } }, 'sale.price'],
    [{ sale: { price: -1, from: '2030-01-01T00:00:00Z', until: '2030-01-02T00:00:00Z' } }, 'sale.price'],
    [{ sale: { price: 9, from: '2030-01-01T00:00:00Z', until: '2030-01-02T00:00:00Z', percent: 1 } }, 'sale.percent'],
    [{ sale: 5 }, 'sale'],
    [{ purchaseLimit: 0 }, 'purchaseLimit'],
    [{ purchaseLimit: '1' }, 'purchaseLimit'],
    [{ regularPrice: 5 }, 'regularPrice'],
    [{ metadata: { a: 1 } }, 'metadata'],
  ])('refuse %j on both ways of setting them', async (terms, path) => {
    const { call, world } = await served()
    const productId = await world.product({ price: 1_000 })
    const answers = [
      await call('POST', '/api/admin/products', { body: { name: 'Mug', price: 1_000, stock: 1, ...terms } }),
      await call('PATCH', `/api/admin/products/${productId}`, { body: terms }),
    ]
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([400, 'INVALID_REQUEST'])
      expect(body.errors.map((each: { path: string }) => each.path)).toContain(path)
    }
  })

  test('are refused before they open, with the seconds until then; a replay has no such header', async () => {
    const { clock, world, order, fromNow } = await served()
    const [userId, opensAt] = [await world.user(), fromNow(90_500)]
    const productId = await world.product({ opensAt })
    const key = { 'idempotency-key': 'try-1' }
    const early = await order(userId, productId, 1, key)
    expect(early.status).toBe(409)
    expect(early.headers['retry-after']).toBe('91')
    expect(early.body).toMatchObject({
      code: 'PRODUCT_NOT_ON_SALE',
      products: [{ productId, opensAt, closesAt: null }],
    })
    expect(early.body).not.toHaveProperty('retryAfter')
    clock.advance(90_500)
    const replayed = await order(userId, productId, 1, key)
    expect(replayed.headers).toMatchObject({ 'idempotent-replayed': 'true' })
    expect(replayed.headers).not.toHaveProperty('retry-after')
    expect({ ...replayed.body, requestId: '' }).toEqual({ ...early.body, requestId: '' })
    expect((await order(userId, productId, 1, { 'idempotency-key': 'try-2' })).status).toBe(201)
  })

  test('that have closed are refused without Retry-After', async () => {
    const { world, order, fromNow } = await served()
    const [opensAt, closesAt] = [fromNow(-2 * hour), fromNow(-hour)]
    const late = await order(await world.user(), await world.product({ opensAt, closesAt }))
    expect(late.body).toMatchObject({ code: 'PRODUCT_NOT_ON_SALE', products: [{ opensAt, closesAt }] })
    expect(late.headers).not.toHaveProperty('retry-after')
  })

  test('with a limit keep it on the lines of their orders', async () => {
    const { world, order } = await served()
    const productId = await world.product({ purchaseLimit: 2 })
    const { body } = await order(await world.user(), productId)
    expect(body.lines).toEqual([
      { productId, name: 'Keyboard', unitPrice: 1_000, quantity: 1, amount: 1_000, purchaseLimit: 2 },
    ])
  })
})

describe('GET /api/drops', () => {
  test('is public and lists what is open or opens, the soonest first, with the time', async () => {
    const { call, clock, world, fromNow } = await served()
    const later = await world.product({ opensAt: fromNow(2 * hour) })
    const open = await world.product({ opensAt: fromNow(-hour), closesAt: fromNow(hour), stock: 0 })
    await world.product({ opensAt: fromNow(-2 * hour), closesAt: fromNow(-hour) })
    await world.product()
    const { status, body } = await call('GET', '/api/drops', { as: null })
    expect(status).toBe(200)
    expect(body.now).toBe(new Date(clock.now()).toISOString())
    expect(body.products.map((each: { productId: string }) => each.productId)).toEqual([open, later])
  })
})

describe('coupons', () => {
  test('say for which products they are, in every answer', async () => {
    const { call, world } = await served()
    const [userId, couponId] = [await world.user(), await world.coupon({ productIds: ['mug', 'lamp'] })]
    const productIds = ['mug', 'lamp']
    expect((await call('POST', '/api/coupon/issue', { body: { userId, couponId } })).body).toMatchObject({ productIds })
    expect((await call('GET', '/api/coupon', { as: null })).body.coupons).toMatchObject([{ couponId, productIds }])
    expect((await call('GET', `/api/coupon/users/${userId}`)).body.coupons).toMatchObject([{ productIds }])
    expect((await call('GET', `/api/admin/coupons/${couponId}`)).body).toMatchObject({ productIds })
  })

  test('show their code to administrators alone; the public list omits those that have one', async () => {
    const { call, world } = await served()
    const code = 'Spring-2030'
    const [userId, couponId] = [await world.user(), await world.coupon({ code })]
    expect((await call('GET', '/api/coupon', { as: null })).body.coupons).toEqual([])
    expect((await call('GET', '/api/admin/coupons')).body.coupons).toMatchObject([{ couponId, code }])
    const issued = await call('POST', '/api/coupon/issue', { as: userId, body: { userId, code: 'sPRING-2030' } })
    expect([issued.status, issued.body.couponId]).toEqual([200, couponId])
    expect(issued.text).not.toContain('Spring')
    expect((await call('GET', `/api/coupon/users/${userId}`, { as: userId })).text).not.toContain('Spring')
    const taken = { name: 'x', discount: { kind: 'fixed', amount: 1 }, quantity: 1, validUntil: '2999-01-01T00:00:00Z' }
    const again = await call('POST', '/api/admin/coupons', { body: { ...taken, code: 'SPRING-2030' } })
    expect(again.body).toMatchObject({ code: 'COUPON_ALREADY_EXISTS', couponId })
  })

  test('with a code are issued by their id to administrators alone', async () => {
    const { call, world } = await served()
    const [userId, couponId] = [await world.user(), await world.coupon({ code: 'ABC' })]
    const body = { userId, couponId }
    expect((await call('POST', '/api/coupon/issue', { as: userId, body })).body.code).toBe('COUPON_NOT_FOUND')
    expect((await call('POST', '/api/coupon/issue', { body })).status).toBe(200)
  })

  test.each([
    [{}],
    [{ couponId: 'a', code: 'ABC' }],
    [{ code: 'ab' }],
    [{ code: 'x'.repeat(41) }],
    [{ code: 'a b' }],
    [{ code: '쿠폰-코드' }],
    [{ code: null }],
  ])('refuse to be issued for %j', async (which) => {
    const { call } = await served()
    const { status, body } = await call('POST', '/api/coupon/issue', { as: 'mina', body: { userId: 'mina', ...which } })
    expect([status, body.code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test.each([[[]], [['a', 'a']], [['no id!']], ['a'], [Array.from({ length: 1_001 }, (_, n) => `p${n}`)]])(
    'refuse the products %j',
    async (productIds) => {
      const { call } = await served()
      const terms = { name: 'x', discount: { kind: 'fixed', amount: 1 }, quantity: 1 }
      const body = { ...terms, validUntil: '2999-01-01T00:00:00Z', productIds }
      expect((await call('POST', '/api/admin/coupons', { body })).body.code).toBe('INVALID_REQUEST')
    },
  )

  test('20 wrong codes block a caller, whoever it acts for, and neither its ids nor others', async () => {
    const { call, world } = await served()
    const [guesser, other] = [await world.user(), await world.user()]
    await world.coupon({ code: 'RIGHT' })
    const couponId = await world.coupon()
    const issue = (userId: string, which: object, headers = {}) =>
      call('POST', '/api/coupon/issue', { as: userId, body: { userId, ...which }, headers })
    for (let n = 0; n < 40; n += 1)
      expect((await issue(guesser, { code: 'wrong' }, { 'idempotency-key': 'once' })).body.code).toBe(
        'COUPON_NOT_FOUND',
      )
    for (let n = 0; n < 19; n += 1) expect((await issue(guesser, { code: `no-${n}` })).status).toBe(400)
    const limited = await issue(guesser, { code: 'RIGHT' })
    expect([limited.status, limited.body.code]).toEqual([429, 'RATE_LIMITED'])
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(50)
    expect((await issue(guesser, { couponId })).status).toBe(200)
    expect((await issue(other, { code: 'RIGHT' })).status).toBe(200)
  })
})
