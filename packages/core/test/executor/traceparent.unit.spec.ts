import { describe, expect, it } from 'vitest'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { type CommandMiddleware, createShop, type EventSender, relayOnce } from '../../src/index.js'

const trace = (id: string) => `00-${id.repeat(32)}-${id.repeat(16)}-01`

/** A shop whose calls carry a trace context that the test sets. */
const tracing = () => {
  let traceparent: string | undefined
  const groups: (readonly string[])[] = []
  const tracer: CommandMiddleware = (call, next) => next({ ...call, traceparent })
  const store = inMemoryStore()
  const shop = createShop({
    store,
    middleware: [tracer],
    observer: { onGroup: ({ traceparents }) => groups.push(traceparents) },
  })
  const placed = async () => {
    await shop.products.create({ productId: 'tea', name: 'Tea', price: 5, stock: 9 })
    await shop.balance.charge({ userId: 'a', amount: 5 })
    return shop.orders.place({ userId: 'a', products: [{ productId: 'tea', quantity: 1 }] })
  }
  const events = () => store.rows('events').map(({ type, traceparent: kept }) => [type, kept])
  return { shop, store, groups, placed, events, under: (next: string | undefined) => (traceparent = next) }
}

describe('the trace context of a call', () => {
  it('is kept with each event that it makes', async () => {
    const { shop, placed, events, under } = tracing()
    const { orderId } = await placed()
    under(trace('a'))
    await shop.payments.pay({ userId: 'a', orderId })
    under(trace('b'))
    await shop.orders.refund({ orderId })
    const other = await shop.orders.place({ userId: 'a', products: [{ productId: 'tea', quantity: 1 }] })
    under(trace('c'))
    await shop.orders.cancel({ orderId: other.orderId })
    expect(events()).toEqual([
      ['order.paid', trace('a')],
      ['order.refunded', trace('b')],
      ['order.cancelled', trace('c')],
    ])
  })

  it('reaches the sender, in each attempt', async () => {
    const { shop, store, placed, under } = tracing()
    const { orderId } = await placed()
    under(trace('a'))
    await shop.orders.cancel({ orderId })
    const sent: (string | null)[] = []
    const sender = (kind: 'refused' | 'sent'): EventSender => ({
      async send({ traceparent }) {
        sent.push(traceparent)
        return { kind, error: 'no' }
      },
    })
    const relay = (kind: 'refused' | 'sent') =>
      relayOnce(
        {
          store: store.outbox,
          newId: () => kind,
          random: () => 0,
          sender: sender(kind),
        },
        new AbortController().signal,
      )
    await relay('refused')
    under(trace('b'))
    await shop.outbox.redeliver({ eventId: store.rows('events')[0]?.eventId ?? '' })
    await relay('sent')
    expect(sent).toEqual([trace('a'), trace('a')])
  })

  it('is known to the observer of its group', async () => {
    const { shop, groups, under } = tracing()
    const charge = (userId: string, traceparent?: string) => {
      under(traceparent)
      return shop.balance.charge({ userId, amount: 1 })
    }
    await Promise.all([charge('a', trace('a')), charge('b'), charge('c', trace('c'))])
    expect(groups).toEqual([[trace('a'), trace('c')]])
  })

  it.each([
    ['absent', undefined],
    ['text of any kind', 'a\r\nb: c'],
    ['longer than the format', `${trace('a')}-00`],
    ['of no trace', trace('0')],
    ['in capitals', trace('A')],
    ['of the version that is invalid', trace('a').replace('00', 'ff')],
  ])('is ignored if it is %s', async (_, traceparent) => {
    const { shop, groups, placed, events, under } = tracing()
    const { orderId } = await placed()
    under(traceparent)
    await shop.orders.cancel({ orderId })
    expect(events()).toEqual([['order.cancelled', null]])
    expect(groups.at(-1)).toEqual([])
  })
})
