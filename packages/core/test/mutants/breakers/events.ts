import { put } from '../../../src/commands.js'
import type { EventType, OutboxEvent, Store } from '../../../src/index.js'
import { pendingEvent } from '../../../src/model/event.js'
import { available } from '../../../src/model/product.js'
import { userEntryView } from '../../../src/model/wallet.js'
import type { BreakDecide } from './decide.js'
import { altered, type BreakStore } from './transact.js'

/** Never writes events of this type. */
export const without = (type: EventType): BreakStore =>
  altered((changes) => ({
    ...changes,
    events: { ...changes.events, inserted: changes.events.inserted.filter((event) => event.type !== type) },
  }))

/** Writes an event of every charge, whatever the policy says. */
export const unasked: BreakStore = altered((changes, { now }) => {
  const told = new Set(changes.events.inserted.map(({ subjectId, sequence }) => `${subjectId} ${sequence}`))
  const charges = changes.entries.inserted.filter(
    ({ kind, userId, sequence }) => kind === 'charge' && !told.has(`${userId} ${sequence}`),
  )
  const more = charges.map((entry) => {
    const what = { type: 'wallet.charged', subject: 'user', subjectId: entry.userId, sequence: entry.sequence } as const
    return pendingEvent(what, userEntryView(entry, {}), { now, newId: () => `unasked-${entry.entryId}` })
  })
  return { ...changes, events: { ...changes.events, inserted: [...changes.events.inserted, ...more] } }
})

/** Does not keep how many events a coupon has had. */
export const restarting: BreakStore = altered((changes) => ({
  ...changes,
  coupons: { ...changes.coupons, updated: changes.coupons.updated.map((coupon) => ({ ...coupon, events: null })) },
}))

/** Does not keep which events an order has. */
export const forgettingTypes: BreakStore = altered((changes) => ({
  ...changes,
  orders: { ...changes.orders, inserted: changes.orders.inserted.map((order) => ({ ...order, eventTypes: null })) },
}))

/** Takes each type of events of a user for a subject of its own. */
export const subjectsByType: BreakStore = (store, isOn) => {
  const apart = (event: OutboxEvent): OutboxEvent =>
    event.subject === 'user' ? { ...event, subjectId: `${event.subjectId} ${event.type}` } : event
  const together = (event: OutboxEvent): OutboxEvent => ({
    ...event,
    subjectId: event.subjectId.split(' ')[0] as string,
  })
  const stored = altered((changes) => ({
    ...changes,
    events: {
      ...changes.events,
      inserted: changes.events.inserted.map(apart),
      updated: changes.events.updated.map(apart),
    },
  }))(store, isOn)
  const broken: Store = {
    ...stored,
    reads: { ...store.reads, events: async (query) => (await store.reads.events(query)).map(together) },
    outbox: {
      ...store.outbox,
      async claimEvents(query) {
        const claimed = await store.outbox.claimEvents(query)
        return claimed.map(({ event, lease }) => ({ event: together(event), lease }))
      },
    },
  }
  return isOn ? broken : stored
}

/** Tells of the stock before it is known whether the order is accepted. */
export const tellsTooEarly: BreakDecide = (decide) => (facts, input, context) => {
  const decision = decide(facts, input, context)
  if (decision.ok || !context.policies.events.includes('stock.changed')) return decision
  const [line] = (input as { readonly products: readonly { readonly productId: string }[] }).products
  const product = line && facts.product(line.productId)
  if (!product) return decision
  const { productId, events } = product
  const sequence = (events ?? 0) + 1
  const what = { type: 'stock.changed', subject: 'product', subjectId: productId, sequence } as const
  const event = pendingEvent(what, { productId, stock: available(product) }, context)
  return {
    ...decision,
    changes: [...decision.changes, put('products', { ...product, events: sequence }), put('events', event)],
  }
}
