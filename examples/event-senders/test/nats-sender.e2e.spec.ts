import { randomUUID } from 'node:crypto'
import { jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { createShop, eventTypes, type OutboxEvent, relayOnce, resolvePolicies } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { type NatsServer, startNats } from '@shop/test-support/nats'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { natsSender } from '../src/nats-sender.js'

let server: NatsServer
let connection: NatsConnection

beforeEach(async () => {
  server = await startNats()
  connection = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 20 })
  const manager = await jetstreamManager(connection)
  await manager.streams.add({ name: 'SHOP', subjects: ['shop.>'] })
}, 120_000)
afterEach(async () => {
  await connection?.close()
  await server?.stop()
})

const openShop = () => {
  const store = inMemoryStore()
  return { store, shop: createShop({ store, policies: resolvePolicies('standard', { events: eventTypes }) }) }
}

type Message = Pick<OutboxEvent, 'type' | 'subject' | 'subjectId' | 'sequence' | 'data'> & { readonly id: string }

/** Every stored message, in the order of the stream. */
const stored = async (): Promise<readonly Message[]> => {
  const manager = await jetstreamManager(connection)
  const { state } = await manager.streams.info('SHOP')
  const found: Message[] = []
  const consumer = await jetstream(connection).consumers.get('SHOP')
  if (state.messages === 0) return found
  for await (const message of await consumer.fetch({ max_messages: state.messages, expires: 5_000 })) {
    found.push(message.json<Message>())
  }
  return found
}

test('sends every event at least once and in order, while the broker is killed and comes back', async () => {
  const { store, shop } = openShop()
  await shop.products.create({ productId: 'mug', name: 'Mug ☕', price: 100, stock: 30 })
  for (let user = 0; user < 30; user += 1) {
    const userId = `u${user}`
    await shop.balance.charge({ userId, amount: 300 })
    const { orderId } = await shop.orders.place({ userId, products: [{ productId: 'mug', quantity: 1 }] })
    await shop.payments.pay({ userId, orderId })
  }
  const sender = natsSender(connection)
  let [attempts, failed] = [0, 0]
  const deps = {
    store: store.outbox,
    sender: {
      async send(event: OutboxEvent, signal: AbortSignal) {
        attempts += 1
        if (attempts === 25 || attempts === 70) await server.restart()
        const sent = await sender.send(event, signal)
        // The acknowledgement is lost: the event is sent again.
        if (attempts % 10 === 0) throw new Error('lost')
        return sent
      },
    },
    newId: randomUUID,
    random: () => 0,
    options: { minBackoffMs: 1, maxBackoffMs: 20, maxAttempts: 10_000 },
    onAttempt: (_: OutboxEvent, { kind }: { kind: string }) => {
      if (kind !== 'sent') failed += 1
    },
  }
  while ((await shop.outbox.counts()).pending > 0) {
    await relayOnce(deps, new AbortController().signal)
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect(failed).toBeGreaterThan(0)
  const { sent, dead } = await shop.outbox.counts()
  const messages = await stored()
  // JetStream drops what came twice.
  expect([messages.length, new Set(messages.map(({ id }) => id)).size, dead]).toEqual([sent, sent, 0])
  const newest = new Map<string, number>()
  for (const { subject, subjectId, sequence } of messages) {
    expect(sequence).toBeGreaterThan(newest.get(`${subject} ${subjectId}`) ?? 0)
    newest.set(`${subject} ${subjectId}`, sequence)
  }
  expect(newest.size).toBe(30 + 30 + 1)
  expect(messages.find(({ type }) => type === 'wallet.charged')?.data).toMatchObject({ kind: 'charge', amount: 300 })
}, 60_000)

test('rejects what no stream takes', async () => {
  const manager = await jetstreamManager(connection)
  await manager.streams.delete('SHOP')
  const { store, shop } = openShop()
  await shop.balance.charge({ userId: 'ann', amount: 300 })
  const [claimed] = await store.outbox.claimEvents({ limit: 1, leaseMs: 1_000, lease: 'own' })
  const sending = natsSender(connection).send(claimed?.event as OutboxEvent, new AbortController().signal)
  await expect(sending).rejects.toThrow()
}, 60_000)
