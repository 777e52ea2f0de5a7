import type { SQSClient } from '@aws-sdk/client-sqs'
import { createShop, type EventSender, resolvePolicies } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import type { Producer } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import { kafkaSender } from '../src/kafka-sender.js'
import { sqsSender } from '../src/sqs-sender.js'

// Its files for bundlers, which the conditions of the tests choose, do not run in Node.
vi.mock('@aws-sdk/client-sqs', () => ({
  SendMessageCommand: class {
    constructor(readonly input: unknown) {}
  },
}))

/** Sends the event of one charge. The clients are stand-ins: no broker runs here. */
const sendOne = async (sender: EventSender) => {
  const store = inMemoryStore()
  const shop = createShop({ store, policies: resolvePolicies('standard', { events: ['wallet.charged'] }) })
  await shop.balance.charge({ userId: 'ann', amount: 300 })
  const [claimed] = await store.outbox.claimEvents({ limit: 1, leaseMs: 1_000, lease: 'own' })
  if (!claimed) throw new Error('no event')
  const { signal } = new AbortController()
  return { event: claimed.event, sent: await sender.send(claimed.event, signal), signal }
}

test('Kafka gets the subject as its key, and every replica must acknowledge', async () => {
  const records: Parameters<Producer['send']>[0][] = []
  const producer = { send: async (record: (typeof records)[number]) => records.push(record) } as unknown as Producer
  const { event, sent } = await sendOne(kafkaSender(producer))
  const [record] = records
  expect(sent).toEqual({ kind: 'sent' })
  expect(record).toMatchObject({ topic: 'shop-events', acks: -1, messages: [{ key: 'user ann' }] })
  expect(JSON.parse(record?.messages[0]?.value as string)).toMatchObject({ id: event.eventId, data: event.data })
})

test('SQS gets the subject as its group, and the id to know an event again', async () => {
  const calls: unknown[][] = []
  const client = { send: async (...call: unknown[]) => calls.push(call) } as unknown as SQSClient
  const { event, sent, signal } = await sendOne(sqsSender(client, 'https://queue.example/shop.fifo'))
  expect(sent).toEqual({ kind: 'sent' })
  expect(calls).toMatchObject([
    [{ input: { MessageGroupId: 'user-ann', MessageDeduplicationId: event.eventId } }, { abortSignal: signal }],
  ])
})
