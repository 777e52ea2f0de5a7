import { mkdtempSync, rmSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inMemoryStore } from '@shop/core/in-memory'
import { createServer, type ShopServer } from '@shop/server-express'
import { Webhook } from 'standardwebhooks'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Inbox, openInbox } from '../src/inbox.js'
import { createReceiver } from '../src/receiver.js'

const secret = `whsec_${Buffer.from('a secret of this test and no other').toString('base64')}`
const relay = { pauseMs: 1, maxBackoffMs: 1 }
let folder: string
let inbox: Inbox
const open: (() => unknown)[] = []

const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const shopThatTells = async (url: string): Promise<ShopServer> => {
  const dataPlatform = { url, secret, relay }
  const server = await createServer({ store: inMemoryStore(), auth: 'off', dataPlatform })
  open.push(() => server.close())
  return server
}

const buy = async ({ shop }: ShopServer): Promise<string> => {
  await shop.products.create({ productId: 'mug', name: 'Mug', price: 4_000, stock: 3 })
  await shop.balance.charge({ userId: 'mina', amount: 12_000 })
  const { orderId } = await shop.orders.place({ userId: 'mina', products: [{ productId: 'mug', quantity: 3 }] })
  await shop.payments.pay({ userId: 'mina', orderId })
  return orderId
}

const allSent = ({ shop }: ShopServer, count: number) =>
  vi.waitFor(
    async () => expect((await shop.outbox.list({ limit: 10, status: 'sent' })).items).toHaveLength(count),
    10_000,
  )

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'receiver-'))
  inbox = openInbox(join(folder, 'inbox.ndjson'))
})

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
  inbox.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('the receiver of a shop’s events', () => {
  it('receives the events of an order that was paid, refunded in part, and refunded whole', async () => {
    const server = await shopThatTells(await listen(createReceiver(inbox, secret)))
    const orderId = await buy(server)
    await allSent(server, 1)
    expect([inbox.ledger.statusOf(orderId), inbox.ledger.revenue]).toEqual(['paid', 12_000])
    await server.shop.orders.refund({ orderId, lines: [{ productId: 'mug', quantity: 1 }] })
    await allSent(server, 2)
    expect([inbox.ledger.statusOf(orderId), inbox.ledger.revenue]).toEqual(['paid', 8_000])
    await server.shop.orders.refund({ orderId })
    await allSent(server, 3)
    expect([inbox.ledger.statusOf(orderId), inbox.ledger.revenue]).toEqual(['refunded', 0])
  })

  it('counts an event once if its acknowledgement was lost', async () => {
    const receiver = createReceiver(inbox, secret)
    let deliveries = 0
    const deaf = createHttpServer((request, response) => {
      deliveries += 1
      if (deliveries < 3) response.writeHead = () => response.destroy()
      receiver.emit('request', request, response)
    })
    const server = await shopThatTells(await listen(deaf))
    const orderId = await buy(server)
    await allSent(server, 1)
    expect([deliveries, inbox.ledger.statusOf(orderId), inbox.ledger.revenue]).toEqual([3, 'paid', 12_000])
  })
})

describe('a delivery', () => {
  const body = JSON.stringify({
    id: 'e1',
    type: 'order.paid',
    subject: 'o1',
    data: { sequence: 1, status: 'paid', finalAmount: 5 },
  })
  const deliver = async (text: string, { key = secret, at = new Date(), sent = text } = {}) => {
    const url = await listen(createReceiver(inbox, secret))
    const headers = {
      'webhook-id': 'e1',
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(key).sign('e1', at, text),
    }
    return (await fetch(url, { method: 'POST', body: sent, headers })).status
  }

  it('is acknowledged if its signature is valid', async () => {
    expect([await deliver(body), inbox.ledger.revenue]).toEqual([204, 5])
  })

  it.each([
    ['another secret', { key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' }],
    ['a time long ago', { at: new Date(Date.now() - 3_600_000) }],
    ['another body', { sent: body.replace('5}', '500}') }],
  ])('is refused if it was signed for %s', async (_, how) => {
    expect([await deliver(body, how), inbox.ledger.revenue]).toEqual([401, 0])
  })

  it('that is signed but no event of an order is not stored', async () => {
    expect(await deliver('{"id":"e1","type":"order.paid"}')).toBe(422)
  })

  it('of another kind is acknowledged, so that it holds back no later one, and is not stored', async () => {
    const charged = '{"id":"e1","type":"wallet.charged","subject":"mina","data":{"sequence":1,"amount":5}}'
    expect([await deliver(charged), inbox.ledger.revenue]).toEqual([204, 0])
  })

  it('without a signature is refused, and so is any method but POST', async () => {
    const url = await listen(createReceiver(inbox, secret))
    const statuses = [await fetch(url, { method: 'POST', body }), await fetch(url)].map(({ status }) => status)
    expect(statuses).toEqual([401, 405])
  })

  it('that is too long is refused', async () => {
    expect(await deliver('x'.repeat(1_000_001))).toBe(413)
  })
})
