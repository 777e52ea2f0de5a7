import { once } from 'node:events'
import { connect } from 'node:net'
import { StoreError } from '@shop/core/store'
import express from 'express'
import { describe, expect, test } from 'vitest'
import { type ServeOptions, serveShop } from '../support/served-shop.js'
import { type Watcher, type WatchOptions, watchProduct } from '../support/watch.js'
import { worldOf } from '../support/world.js'

const served = async (options: ServeOptions = {}) => {
  const server = await serveShop(options)
  const watch = (productId: string, how?: WatchOptions) => watchProduct(server.port, productId, how)
  return { ...server, world: worldOf(server.call), watch }
}

const last = (watcher: Watcher) => watcher.events().at(-1)?.data

/** The problem of a stream that was not opened. */
const problemOf = async (watcher: Watcher) => {
  await watcher.ended
  return { status: watcher.status, ...JSON.parse(watcher.text()) }
}

describe('a live stream', () => {
  test('has the headers of an event stream that no proxy stores, compresses or buffers', async () => {
    const { world, watch } = await served()
    const { status, headers } = await watch(await world.product())
    expect(status).toBe(200)
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    })
    expect(headers['content-length']).toBeUndefined()
    expect(headers['content-encoding']).toBeUndefined()
  })

  test('tells orders, cancellations, prices, sales and expired holds', async () => {
    const { call, clock, world, watch } = await served({ policies: { order: { holdMinutes: 1 } } })
    const productId = await world.product({ stock: 5, price: 2_000 })
    const watcher = await watch(productId)
    await expect.poll(() => last(watcher)).toEqual({ productId, stock: 5, price: 2_000, now: expect.any(String) })
    const [event] = watcher.events()
    expect(event).toMatchObject({ event: 'product', id: String(Date.parse(event?.data.now)) })

    const userId = await world.user()
    const orderId = await world.order(userId, productId, { products: [{ productId, quantity: 2 }] })
    await expect.poll(() => last(watcher).stock).toBe(3)
    await call('POST', `/api/orders/${orderId}/cancel`)
    await expect.poll(() => last(watcher).stock).toBe(5)

    await world.order(userId, productId)
    await expect.poll(() => last(watcher).stock).toBe(4)
    clock.advance(60_000)
    await expect.poll(() => last(watcher).stock).toBe(5)

    const from = new Date(clock.now() + 1_000).toISOString()
    const until = new Date(clock.now() + 2_000).toISOString()
    await call('PATCH', `/api/admin/products/${productId}`, { body: { sale: { price: 1_500, from, until } } })
    clock.advance(1_000)
    await expect.poll(() => last(watcher).price).toBe(1_500)
    clock.advance(1_000)
    await expect.poll(() => last(watcher).price).toBe(2_000)
  })

  test('tells the opening by the clock', async () => {
    const { clock, world, watch } = await served()
    const opensAt = new Date(clock.now() + 60_000).toISOString()
    const watcher = await watch(await world.product({ opensAt }))
    await expect.poll(() => last(watcher)?.opensAt).toBe(opensAt)
    clock.advance(60_000)
    await expect.poll(() => watcher.events().length).toBe(2)
    expect(Date.parse(last(watcher).now)).toBeGreaterThanOrEqual(Date.parse(opensAt))
  })

  test.each(['12', 'other-server:17', 'x'.repeat(10_000), ''])(
    'begins with the present state, whatever Last-Event-ID says',
    async (id) => {
      const { world, watch } = await served()
      const watcher = await watch(await world.product({ stock: 4 }), { headers: { 'last-event-id': id } })
      await expect.poll(() => last(watcher)?.stock).toBe(4)
      expect(JSON.stringify(watcher.headers)).not.toContain('other-server')
    },
  )

  test('of an unknown or unlisted product is 404, also when no place is free', async () => {
    const { call, world, watch } = await served({ deps: { liveConnections: 0 } })
    const productId = await world.product()
    expect(await problemOf(await watch('none'))).toMatchObject({ status: 404, code: 'PRODUCT_NOT_FOUND' })
    const full = await watch(productId)
    expect(full.headers['retry-after']).toBe('5')
    expect(await problemOf(full)).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
    await call('PATCH', `/api/admin/products/${productId}`, { body: { listed: false } })
    expect(await problemOf(await watch(productId))).toMatchObject({ status: 404, productIds: [productId] })
  })

  test('ends when its product is unlisted', async () => {
    const { call, world, watch } = await served()
    const [productId, other] = [await world.product(), await world.product()]
    const [watcher, kept] = [await watch(productId), await watch(other)]
    await call('PATCH', `/api/admin/products/${productId}`, { body: { listed: false } })
    expect(await watcher.ended).toBe(true)
    await call('POST', `/api/admin/products/${other}/stock`, { body: { change: 1 } })
    await expect.poll(() => last(kept)?.stock).toBe(11)
  })

  test('frees its place when the watcher leaves', async () => {
    const { world, watch } = await served({ deps: { liveConnections: 1 } })
    const productId = await world.product()
    const first = await watch(productId)
    expect((await watch(productId)).status).toBe(503)
    first.close()
    await expect.poll(async () => (await watch(productId)).status).toBe(200)
  })

  test('answers HEAD with the head alone, and keeps no place', async () => {
    const { world, watch } = await served({ deps: { liveConnections: 1 } })
    const productId = await world.product()
    for (let n = 0; n < 3; n += 1) {
      const { status, headers, ended, text } = await watch(productId, { method: 'HEAD' })
      expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
      expect([await ended, text()]).toEqual([true, ''])
    }
    expect((await watch('none', { method: 'HEAD' })).status).toBe(404)
  })

  test('refuses a query, and a body counts for nothing', async () => {
    const { port, world, call } = await served()
    const productId = await world.product()
    expect((await call('GET', `/api/products/${productId}/live?lastEventId=1`)).body.code).toBe('INVALID_REQUEST')
    expect((await call('POST', `/api/products/${productId}/live`)).headers.allow).toBe('GET, HEAD')
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /api/products/${productId}/live HTTP/1.0\r\nhost: x\r\n\r\n`)
    const [chunk] = await once(socket, 'data')
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(String(chunk)).not.toMatch(/transfer-encoding/i)
    socket.destroy()
  })

  test('counts no views and is one line in the log and one request in the metrics', async () => {
    const views: string[] = []
    const { world, watch, log, answered, shop } = await served({ policies: { catalog: { countViews: 'on-both' } } })
    const productId = await world.product()
    const watcher = await watch(productId)
    await expect.poll(() => watcher.events().length).toBe(1)
    watcher.close()
    await shop.upkeep.flushViews()
    await shop.upkeep.refreshRanking()
    views.push(...(await shop.products.top()).products.map((each) => each.productId))
    expect(views).toEqual([])
    const route = '/api/products/{productId}/live'
    expect(answered.filter((each) => each.route === route)).toMatchObject([{ method: 'GET', status: 200 }])
    expect(log().match(/products\/\{productId\}\/live/g)).toHaveLength(1)
  })

  test('opening counts as a read of its address', async () => {
    const { world, watch } = await served({ deps: { rateLimit: 1 } })
    const productId = await world.product()
    for (let n = 0; n < 10; n += 1) expect((await watch(productId)).status).toBe(200)
    expect(await problemOf(await watch(productId))).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
  })
})

describe('while the store is away', () => {
  test('a first read is 503; open streams go on afterwards', async () => {
    let isAway = false
    const { call, world, watch } = await served({
      store: (store) => ({
        ...store,
        reads: {
          ...store.reads,
          productsWithIds: async (ids) => {
            if (isAway) throw new StoreError('unavailable', 'connect ECONNREFUSED')
            return store.reads.productsWithIds(ids)
          },
        },
      }),
    })
    const productId = await world.product()
    const watcher = await watch(productId)
    isAway = true
    const refused = await watch(productId)
    expect(refused.headers['retry-after']).toBe('1')
    expect(await problemOf(refused)).toMatchObject({ status: 503, code: 'UNAVAILABLE' })
    await call('POST', `/api/admin/products/${productId}/stock`, { body: { change: 5 } })
    isAway = false
    await expect.poll(() => last(watcher).stock).toBe(15)
  })
})

describe('a server that sheds its clients', () => {
  test('ends its streams with retry: 1000; a new one gets the state and ends', async () => {
    const shedding = new AbortController()
    const readiness = {
      isServing: () => true,
      isShedding: () => shedding.signal.aborted,
      shedding: shedding.signal,
      check: async () => ({}),
    }
    const { world, watch } = await served({ deps: { readiness } })
    const productId = await world.product({ stock: 3 })
    const open = [await watch(productId), await watch(productId)]
    shedding.abort()
    open.push(await watch(productId))
    for (const watcher of open) {
      expect(await watcher.ended).toBe(true)
      expect(watcher.text()).toMatch(/^event: product\n(.*\n)+\nretry: 1000\n\n$/)
    }
    expect(open[2]?.headers.connection).toBe('close')
  })
})

describe('in an application of the host', () => {
  test('streams are not held back by its own middleware', async () => {
    const { world, watch } = await served({
      host: (app) =>
        express()
          .use((_request, response, next) => {
            response.setHeader('x-host', 'here')
            next()
          })
          .use(app),
    })
    const watcher = await watch(await world.product({ stock: 2 }))
    await expect.poll(() => last(watcher)?.stock).toBe(2)
    expect(watcher.headers['x-host']).toBe('here')
  })
})
