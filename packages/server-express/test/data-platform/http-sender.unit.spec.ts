import { createHook } from 'node:async_hooks'
import { createHmac } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { EventSender, OutboxEvent } from '@shop/core'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { httpSender } from '../../src/data-platform/http-sender.js'
import { answerWith, openPlatform, type Platform, platformSecret } from '../support/platform.js'

const event: OutboxEvent = {
  eventId: '01920000-0000-7000-8000-000000000001',
  type: 'order.paid',
  subject: 'order',
  subjectId: 'order-1',
  sequence: 1,
  data: {
    orderId: 'order-1',
    userId: 'mina',
    status: 'paid',
    lines: [{ productId: 'tea', name: '녹차 ☕', unitPrice: 1_000, quantity: 2, amount: 2_000 }],
    droppedLines: [],
    couponId: null,
    totalAmount: 2_000,
    discountAmount: 0,
    finalAmount: 2_000,
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: null,
    paidAt: '2026-01-01T00:01:00.000Z',
    sequence: 1,
  },
  at: Date.UTC(2026, 0, 1, 0, 1),
  status: 'pending',
  attempts: 1,
  nextAttemptAt: 0,
  lastError: null,
  traceparent: null,
}

const never = new AbortController().signal

let platform: Platform
let sender: EventSender
beforeEach(async () => {
  platform = await openPlatform()
  sender = httpSender({ url: platform.url, secret: platformSecret, timeoutMs: 2_000 })
})
afterEach(() => platform.close())

describe('a delivery', () => {
  test('is a CloudEvent in structured mode', async () => {
    expect(await sender.send(event, never)).toEqual({ kind: 'sent' })
    const [delivery] = platform.deliveries
    expect(delivery).toMatchObject({ method: 'POST', url: '/events' })
    expect(delivery?.headers['content-type']).toBe('application/cloudevents+json')
    expect(delivery?.event).toEqual({
      specversion: '1.0',
      id: event.eventId,
      source: 'urn:shop',
      type: 'order.paid',
      subject: 'order-1',
      time: '2026-01-01T00:01:00.000Z',
      datacontenttype: 'application/json',
      data: event.data,
    })
  })

  test('carries the trace context of its event, as a header and in the CloudEvent', async () => {
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    await sender.send({ ...event, traceparent }, never)
    await sender.send(event, never)
    const [traced, plain] = platform.deliveries
    expect(traced?.headers['traceparent']).toBe(traceparent)
    expect(traced?.event).toMatchObject({ id: event.eventId, traceparent })
    expect(plain?.headers).not.toHaveProperty('traceparent')
    expect(plain?.event).not.toHaveProperty('traceparent')
  })

  test('is signed over the exact bytes that arrive', async () => {
    await sender.send(event, never)
    const [delivery] = platform.deliveries
    const headers = delivery?.headers as Record<string, string>
    const text = delivery?.text ?? ''
    expect(headers['webhook-id']).toBe(event.eventId)
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1_000)).toBeLessThan(5)
    expect(() => new Webhook(platformSecret).verify(text, headers)).not.toThrow()
    expect(() => new Webhook(platformSecret).verify(`${text} `, headers)).toThrow()
    const key = Buffer.from(platformSecret.slice('whsec_'.length), 'base64')
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  })

  test('keeps its id across attempts, and names the configured source', async () => {
    const own = httpSender({ url: platform.url, secret: platformSecret, source: 'https://shop.example' })
    await own.send(event, never)
    await own.send({ ...event, attempts: 2 }, never)
    expect(platform.deliveries.map(({ headers }) => headers['webhook-id'])).toEqual([event.eventId, event.eventId])
    expect(platform.deliveries[0]?.event).toMatchObject({ source: 'https://shop.example' })
  })
})

describe('the response status', () => {
  test.each([200, 201, 202, 204, 299])('%i acknowledges the event', async (status) => {
    platform.answer(answerWith(status))
    expect(await sender.send(event, never)).toEqual({ kind: 'sent' })
  })

  test.each([400, 401, 404, 409, 500, 502])('%i requests a retry', async (status) => {
    platform.answer(answerWith(status, { 'retry-after': '60' }))
    expect(await sender.send(event, never)).toEqual({ kind: 'failed', error: `responded ${status}` })
  })

  test.each([429, 503])('%i requests a retry after Retry-After', async (status) => {
    platform.answer(answerWith(status, { 'retry-after': '120' }))
    expect(await sender.send(event, never)).toEqual({
      kind: 'failed',
      error: `responded ${status}`,
      retryAfterMs: 120_000,
    })
    platform.answer(answerWith(status, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }))
    const dated = await sender.send(event, never)
    expect(dated.kind === 'failed' && dated.retryAfterMs).toBeGreaterThan(50_000)
  })

  test('410 refuses the event for good', async () => {
    platform.answer(answerWith(410))
    expect(await sender.send(event, never)).toEqual({ kind: 'refused', error: 'responded 410' })
  })

  test.each([301, 302, 303, 307, 308])('%i requests a retry, and the redirect is not followed', async (status) => {
    const elsewhere = await openPlatform()
    platform.answer(answerWith(status, { location: elsewhere.url }))
    expect(await sender.send(event, never)).toEqual({ kind: 'failed', error: `responded ${status}` })
    expect(elsewhere.deliveries).toEqual([])
    await elsewhere.close()
  })
})

describe('a malformed response body', () => {
  test('acknowledges by status if it is compressed, and is not decompressed', async () => {
    const encoded = [gzipSync(Buffer.alloc(1_000_000)), Buffer.from('not what it says')]
    let inflating = 0
    const watch = createHook({ init: (_id, type) => void (type === 'ZLIB' && inflating++) }).enable()
    for (const body of encoded) {
      platform.answer((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(body))
      expect(await sender.send(event, never)).toEqual({ kind: 'sent' })
    }
    watch.disable()
    expect(inflating).toBe(0)
    expect(platform.deliveries.map(({ headers }) => headers['accept-encoding'])).toEqual(['identity', 'identity'])
  })

  test('does not delay the acknowledgement if it is endless', async () => {
    platform.answer((_, response) => {
      response.writeHead(200).write('x'.repeat(200_000))
    })
    expect(await sender.send(event, never)).toEqual({ kind: 'sent' })
  })

  test('acknowledges by status if it is shorter than its content-length', async () => {
    platform.answer((_, response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('short', () => response.destroy())
    })
    expect(await sender.send(event, never)).toEqual({ kind: 'sent' })
  })

  test('leaves the connection reusable if it is short', async () => {
    const sockets = new Set<unknown>()
    platform.answer((_, response) => {
      sockets.add(response.socket)
      response.writeHead(200).end('thanks')
    })
    for (let n = 0; n < 5; n += 1) await sender.send(event, never)
    expect(sockets.size).toBeLessThan(5)
  })
})

describe('no response', () => {
  test('times out if the platform hangs', async () => {
    const hasty = httpSender({ url: platform.url, secret: platformSecret, timeoutMs: 50 })
    platform.answer(() => undefined)
    expect(await hasty.send(event, never)).toEqual({ kind: 'failed', error: 'no answer within 50 ms' })
  })

  test('requests a retry if the connection is reset after the request was read', async () => {
    platform.answer((_, response) => response.socket?.resetAndDestroy())
    expect(await sender.send(event, never)).toEqual({ kind: 'failed', error: expect.stringMatching(/\w/) })
    expect(platform.deliveries).toHaveLength(1)
  })

  test('requests a retry if nothing listens on the address', async () => {
    await platform.close()
    expect(await sender.send(event, never)).toEqual({
      kind: 'failed',
      error: 'connection refused: nothing listens on this address (ECONNREFUSED)',
    })
  })

  test('requests a retry if the response is another protocol', async () => {
    platform.answer((_, { socket }) => socket?.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'))
    expect(await sender.send(event, never)).toMatchObject({ kind: 'failed' })
  })

  test('requests a retry if the response is not HTTP', async () => {
    const garbage = createServer((socket: Socket) => socket.end('SMTP ready\r\n'))
    await new Promise<void>((resolve) => garbage.listen(0, '127.0.0.1', resolve))
    const { port } = garbage.address() as { port: number }
    const lost = httpSender({ url: `http://127.0.0.1:${port}`, secret: platformSecret })
    expect(await lost.send(event, never)).toMatchObject({ kind: 'failed' })
    garbage.close()
  })

  test('aborts the attempt when the server stops, and removes its abort listener', async () => {
    const stop = new AbortController()
    const removed = vi.spyOn(stop.signal, 'removeEventListener')
    platform.answer(() => stop.abort())
    expect(await sender.send(event, stop.signal)).toEqual({ kind: 'failed', error: 'this server is stopping' })
    expect(removed).toHaveBeenCalledTimes(1)
    expect(await sender.send(event, stop.signal)).toEqual({ kind: 'failed', error: 'this server is stopping' })
  })
})

test.each(['ftp://platform.example', 'file:///etc/passwd', 'nowhere'])('%s is refused as a platform URL', (url) => {
  expect(() => httpSender({ url, secret: platformSecret })).toThrow(TypeError)
})
