import { context, type Link, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SamplingDecision,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'
import { createShop, type Store } from '@shop/core'
import { type InMemoryStore, inMemoryStore } from '@shop/core/in-memory'
import { StoreError } from '@shop/core/store'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { telemetry } from '../../src/telemetry/index.js'

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()))
afterAll(() => context.disable())

const traced = ({ sampler, store = inMemoryStore() }: { sampler?: Sampler; store?: Store<never> } = {}) => {
  const exporter = new InMemorySpanExporter()
  const tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(exporter)],
    ...(sampler && { sampler }),
  })
  const { middleware, observer } = telemetry({ tracerProvider })
  const shop = createShop({ store, middleware: [middleware], observer })
  const spans = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name)
  return { shop, tracer: tracerProvider.getTracer('host'), spans, exporter }
}

const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId
const linked = (span: ReadableSpan | undefined) => span?.links.map(({ context: to }: Link) => to.spanId)

const keptEvents = (store: InMemoryStore) => store.rows('events').map(({ traceparent }) => traceparent)

const cancelledOrder = async ({ shop }: Pick<ReturnType<typeof traced>, 'shop'>) => {
  await shop.products.create({ productId: 'tea', name: 'Tea', price: 5, stock: 9 })
  const { orderId } = await shop.orders.place({ userId: 'a', products: [{ productId: 'tea', quantity: 1 }] })
  await shop.orders.cancel({ orderId })
}

describe('the span of a command', () => {
  test('is a child of the active span, and says what the command was and how it ended', async () => {
    const { shop, tracer, spans } = traced()
    const request = tracer.startSpan('request')
    const idempotency = { scope: 'a', key: 'k' }
    await context.with(trace.setSpan(context.active(), request), async () => {
      await shop.balance.charge({ userId: 'a', amount: 1 }, { idempotency })
      await shop.balance.charge({ userId: 'a', amount: 1 }, { idempotency })
    })
    const [first, second] = spans('shop.command')
    expect(first?.parentSpanContext?.spanId).toBe(request.spanContext().spanId)
    expect(first?.attributes).toEqual({
      'shop.command.name': 'charge-balance',
      'shop.command.outcome': 'ok',
      'shop.command.replayed': false,
      'shop.group.size': 1,
    })
    expect(second?.attributes).toMatchObject({ 'shop.command.replayed': true })
  })

  test('has the code of a refusal, which is no error', async () => {
    const { shop, spans } = traced()
    await expect(shop.orders.cancel({ orderId: 'none' })).rejects.toThrow('ORDER_NOT_FOUND')
    await expect(shop.balance.charge({ userId: 'a', amount: 0.5 })).rejects.toThrow('INVALID_REQUEST')
    expect(spans('shop.command').map(({ attributes, status }) => [attributes['shop.command.outcome'], status])).toEqual(
      ['ORDER_NOT_FOUND', 'INVALID_REQUEST'].map((code) => [code, { code: SpanStatusCode.UNSET }]),
    )
  })

  test('is failed if the shop could not answer', async () => {
    const store: Store<never> = {
      ...inMemoryStore(),
      transact: async () => {
        throw new StoreError('rejected', 'no room')
      },
    }
    const { shop, spans } = traced({ store })
    await expect(shop.balance.charge({ userId: 'a', amount: 1 })).rejects.toThrow('no room')
    await shop.close()
    await expect(shop.balance.charge({ userId: 'a', amount: 1 })).rejects.toThrow('the shop is stopping')
    expect(spans('shop.command')).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'shop.command.outcome': 'error' } },
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'shop.command.outcome': 'unavailable' } },
    ])
    expect(spans('shop.command')[0]?.events).toMatchObject([{ name: 'exception' }])
    expect(spans('shop.group')).toEqual([])
  })
})

describe('the span of a group', () => {
  test('and those of its commands are linked both ways', async () => {
    const { shop, spans } = traced()
    await Promise.all(['a', 'b', 'c'].map((userId) => shop.balance.charge({ userId, amount: 1 })))
    const commands = spans('shop.command')
    const [group, ...others] = spans('shop.group')
    expect(others).toEqual([])
    expect(group?.attributes).toEqual({ 'shop.group.size': 3 })
    expect(linked(group)).toEqual(commands.map(idOf))
    for (const command of commands) {
      expect(linked(command)).toEqual([idOf(group)])
      expect(command.attributes).toMatchObject({ 'shop.group.size': 3 })
    }
    expect(new Set(commands.map((span) => span.spanContext().traceId)).size).toBe(3)
  })

  test('belongs to the trace of the first recorded command, so that the sampler keeps both', async () => {
    const sampler: Sampler = {
      shouldSample: (_, __, name, ___, attributes) => ({
        decision:
          name === 'shop.group' || attributes['shop.command.name'] === 'charge-balance'
            ? SamplingDecision.RECORD_AND_SAMPLED
            : SamplingDecision.NOT_RECORD,
      }),
      toString: () => 'charges only',
    }
    const { shop, spans } = traced({ sampler })
    await Promise.all([shop.users.register({ userId: 'b' }), shop.balance.charge({ userId: 'a', amount: 1 })])
    const [command] = spans('shop.command')
    const [group] = spans('shop.group')
    expect(group?.parentSpanContext?.spanId).toBe(idOf(command))
    expect(linked(group)).toEqual([idOf(command)])
    expect(group?.attributes).toEqual({ 'shop.group.size': 2 })
  })

  test('is absent if no command of it is recorded', async () => {
    const never: Sampler = {
      shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }),
      toString: () => 'never',
    }
    const { shop, exporter } = traced({ sampler: never })
    await shop.balance.charge({ userId: 'a', amount: 1 })
    expect(exporter.getFinishedSpans()).toEqual([])
  })
})

describe('the trace context of an event', () => {
  test('is that of the command which made it', async () => {
    const store = inMemoryStore()
    const all = traced({ store })
    await cancelledOrder(all)
    const command = all.spans('shop.command').at(-1)
    const { traceId, spanId } = command?.spanContext() ?? {}
    expect(command?.attributes['shop.command.name']).toBe('cancel-order')
    expect(keptEvents(store)).toEqual([`00-${traceId}-${spanId}-01`])
  })

  test('says that the trace is not sampled', async () => {
    const store = inMemoryStore()
    const never: Sampler = {
      shouldSample: () => ({ decision: SamplingDecision.NOT_RECORD }),
      toString: () => 'never',
    }
    await cancelledOrder(traced({ store, sampler: never }))
    expect(keptEvents(store)).toEqual([expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-00$/)])
  })

  test('is absent without an SDK', async () => {
    const store = inMemoryStore()
    const { middleware, observer } = telemetry()
    await cancelledOrder({ shop: createShop({ store, middleware: [middleware], observer }) })
    expect(keptEvents(store)).toEqual([null])
  })
})
