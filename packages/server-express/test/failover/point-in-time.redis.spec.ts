import { backupMethods, startArchivedPostgres } from '@shop/test-support/postgres-archive'
import { startProxy, startRedis } from '@shop/test-support/redis'
import { expect, onTestFinished, test } from 'vitest'
import { codesOf, openServer } from '../redis/support/open-server.js'

const couponId = 'opening'

test.each(backupMethods())(
  'a restore to a moment between two orders has the first, and a clean audit (%s)',
  async (method) => {
    const [postgres, redis] = await Promise.all([startArchivedPostgres(method), startRedis()])
    onTestFinished(() => Promise.all([postgres.stop(), redis.stop()]).then(() => undefined))
    const toDatabase = await startProxy(postgres.url)
    onTestFinished(() => toDatabase.stop())
    const server = await openServer({
      databaseUrl: toDatabase.url,
      databasePool: 4,
      redis: { urls: [redis.url] },
      jobs: { expiry: false, ranking: false, purge: false, views: false },
    })
    onTestFinished(() => server.close())
    const { call } = server

    const validUntil = new Date(Date.now() + 3_600_000).toISOString()
    const coupon = { couponId, name: 'Opening', discount: { kind: 'fixed', amount: 1 }, quantity: 2, validUntil }
    await call('POST', '/api/admin/products', { productId: 'mug', name: 'Mug', price: 100, stock: 10 })
    await call('POST', '/api/admin/coupons', coupon)
    await call('POST', '/api/balance/charge', { userId: 'mina', amount: 1_000 })
    await postgres.backUp()

    const order = async () => {
      const { body } = await call('POST', '/api/orders', {
        userId: 'mina',
        products: [{ productId: 'mug', quantity: 1 }],
      })
      expect((await call('POST', '/api/payments', { userId: 'mina', orderId: body.orderId })).status).toBe(200)
      return body.orderId
    }
    const claims = async (...users: string[]) =>
      codesOf(await Promise.all(users.map((userId) => call('POST', '/api/coupon/issue', { userId, couponId }))))
    const first = await order()
    const { rows } = await postgres.knex.raw('select clock_timestamp()::text as now')
    const second = await order()
    // Redis now knows both claims, and that the coupon is sold out.
    expect([...(await claims('mina')), ...(await claims('june'))]).toEqual(['ok', 'ok'])
    expect(await claims('mina', 'late')).toEqual(['COUPON_ALREADY_ISSUED', 'COUPON_SOLD_OUT'])
    await postgres.archived()
    await postgres.crash()
    toDatabase.cut()

    const restored = await postgres.restoreTo(rows[0].now)
    toDatabase.leadTo(restored.url)
    await expect.poll(async () => (await fetch(`${server.url}/readyz`)).status, { timeout: 60_000 }).toBe(200)
    expect((await call('GET', `/api/orders/${first}`)).body).toMatchObject({ status: 'paid' })
    expect((await call('GET', `/api/orders/${second}`)).body).toMatchObject({ code: 'ORDER_NOT_FOUND' })
    expect((await call('GET', '/api/balance/mina')).body).toEqual({ userId: 'mina', balance: 900 })
    // The server has acknowledged what is gone: an order, its payment and two claims.
    await expect.poll(() => server.metric('shop_acknowledged_lost_total'), { timeout: 60_000 }).toBe(4)
    const losses = () => call('GET', '/api/admin/history/losses')
    await expect.poll(async () => (await losses()).body.losses, { timeout: 60_000 }).toHaveLength(1)
    const [loss] = (await losses()).body.losses
    expect(loss).toMatchObject({ commands: 4, orderIds: [second] })
    const lawsBroken = async () =>
      (await call('GET', '/api/admin/audit')).body.violations.map(({ law }: { readonly law: string }) => law)
    expect(await lawsBroken()).toEqual(['HISTORY-KEPT'])
    await call('POST', `/api/admin/history/losses/${loss.lossId}/acknowledge`, {})
    expect(await lawsBroken()).toEqual([])
    // The gate starts afresh: what it knew of later claims is of another history.
    expect(await claims('late', 'mina')).toEqual(['ok', 'ok'])
    expect(await claims('june')).toEqual(['COUPON_SOLD_OUT'])
  },
  180_000,
)
