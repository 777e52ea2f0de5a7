import { relayOnce } from '../../../outbox/relay.js'
import { differences } from '../../../testing/difference.js'
import { eventOf, orderOf } from '../../../testing/given-rows.js'
import type { ManualClock } from '../../../testing/manual-clock.js'
import type { Scenario } from '../trial.js'
import { put } from './transactions.js'

/** Pending event `sequence` of an order, due now. */
const dueEvent = (clock: ManualClock, subjectId: string, sequence = 1) =>
  eventOf({ eventId: `${subjectId}-${sequence}`, subjectId, sequence, at: clock.now(), nextAttemptAt: clock.now() }).row

const orders = (clock: ManualClock, ...ids: string[]) =>
  ids.map((orderId) => orderOf({ orderId, status: 'paid', createdAt: clock.now() }).row)

const claim = { limit: 100, leaseMs: 1_000 }

/** Scenarios of claiming events and recording deliveries. */
export const outboxTrials: readonly Scenario[] = [
  {
    id: 'OUTBOX-CLAIMED-ONCE',
    sentence: 'Two relays that claim at once never get the same event, and together they get all.',
    kind: 'history',
    async play(subject, clock) {
      const { store } = subject
      const ids = Array.from({ length: 20 }, (_, index) => `o${index}`)
      const events = ids.map((orderId) => dueEvent(clock, orderId))
      await put(store, { inserted: { orders: orders(clock, ...ids), events } })
      const other = (await subject.another?.()) ?? store
      const claims = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          (index % 2 ? store : other).outbox.claimEvents({ ...claim, limit: 5, lease: `lease-${index}` }),
        ),
      )
      // A claim that skips rows locked by another may return fewer events than are left.
      const rest = await store.outbox.claimEvents({ ...claim, lease: 'rest' })
      const claimed = [...claims.flat(), ...rest].map(({ event }) => event.eventId)
      return differences(claimed.sort(), events.map(({ eventId }) => eventId).sort(), 'the claimed events')
    },
  },
  {
    id: 'OUTBOX-FIRST-FIRST',
    sentence:
      'Of each subject only the pending event with the lowest sequence is claimed, and none while that one is being sent.',
    kind: 'history',
    async play({ store }, clock) {
      const events = [dueEvent(clock, 'o1', 2), dueEvent(clock, 'o1', 1), dueEvent(clock, 'o2', 1)]
      await put(store, { inserted: { orders: orders(clock, 'o1', 'o2'), events } })
      const first = await store.outbox.claimEvents({ ...claim, lease: 'a' })
      const meanwhile = await store.outbox.claimEvents({ ...claim, lease: 'b' })
      await store.outbox.recordDeliveries(
        first.map(({ event, lease }) => ({ eventId: event.eventId, lease, status: 'sent' as const })),
      )
      const then = await store.outbox.claimEvents({ ...claim, lease: 'c' })
      const ids = (claimed: typeof first) => claimed.map(({ event }) => event.eventId).sort()
      return [
        ...differences(ids(first), ['o1-1', 'o2-1'], 'claimed first'),
        ...differences(ids(meanwhile), [], 'claimed meanwhile'),
        ...differences(ids(then), ['o1-2'], 'claimed then'),
      ]
    },
  },
  {
    id: 'OUTBOX-SUBJECTS',
    sentence:
      'An order, a user, a coupon and a product with the same id are four subjects: each has its own pending event with the lowest sequence.',
    kind: 'history',
    async play({ store }, clock) {
      const types = {
        order: 'order.paid',
        user: 'wallet.charged',
        coupon: 'coupon.issued',
        product: 'stock.changed',
      } as const
      const subjects = ['order', 'user', 'coupon', 'product'] as const
      const events = subjects.flatMap((subject) =>
        [3, 1, 2].map((sequence) => ({
          ...dueEvent(clock, 'same', sequence),
          eventId: `${subject}-${sequence}`,
          subject,
          type: types[subject],
        })),
      )
      await put(store, { inserted: { orders: orders(clock, 'same'), events } })
      const found: string[] = []
      for (const sequence of [1, 2, 3]) {
        const claimed = await store.outbox.claimEvents({ ...claim, lease: `lease-${sequence}` })
        const due = subjects.map((subject) => `${subject}-${sequence}`).sort()
        found.push(...differences(claimed.map(({ event }) => event.eventId).sort(), due, `claim ${sequence}`))
        const told = claimed.map(({ event }) => [event.subject, event.subjectId, event.sequence].join(' ')).sort()
        const names = subjects.map((subject) => `${subject} same ${sequence}`).sort()
        found.push(...differences(told, names, `the subjects of claim ${sequence}`))
        const meanwhile = await store.outbox.claimEvents({ ...claim, lease: 'other' })
        found.push(...differences(meanwhile, [], `claimed beside claim ${sequence}`))
        await store.outbox.recordDeliveries(
          claimed.map(({ event, lease }) => ({ eventId: event.eventId, lease, status: 'sent' as const })),
        )
      }
      return found
    },
  },
  {
    id: 'OUTBOX-LEASE-ENDS',
    sentence:
      'If a relay dies, its event is claimed again after the lease, under the same id. The dead relay can no longer record a result.',
    kind: 'history',
    async play({ store }, clock) {
      await put(store, { inserted: { orders: orders(clock, 'o1'), events: [dueEvent(clock, 'o1')] } })
      const dead = await store.outbox.claimEvents({ ...claim, lease: 'dead' })
      clock.move(claim.leaseMs)
      const [heir] = await store.outbox.claimEvents({ ...claim, lease: 'heir' })
      await store.outbox.recordDeliveries(
        dead.map(({ event, lease }) => ({ eventId: event.eventId, lease, status: 'dead', error: 'too late' })),
      )
      const [pending] = await store.reads.events({ limit: 1 })
      await store.outbox.recordDeliveries([{ eventId: 'o1-1', lease: 'heir', status: 'sent' }])
      const [sent] = await store.reads.events({ limit: 1 })
      return [
        ...differences(heir?.event, { eventId: 'o1-1', attempts: 2 }, 'the second claim'),
        ...differences(pending?.status, 'pending', 'after the dead relay recorded its result'),
        ...differences(sent?.status, 'sent', 'after the new relay recorded its result'),
      ]
    },
  },
  {
    id: 'OUTBOX-LATE-COMMIT',
    sentence: 'An event that commits after a younger event was sent is still claimed.',
    kind: 'history',
    async play({ store }, clock) {
      const late = dueEvent(clock, 'o1')
      clock.move(1)
      await put(store, { inserted: { orders: orders(clock, 'o2'), events: [dueEvent(clock, 'o2')] } })
      const first = await store.outbox.claimEvents({ ...claim, lease: 'a' })
      await store.outbox.recordDeliveries(
        first.map(({ event, lease }) => ({ eventId: event.eventId, lease, status: 'sent' as const })),
      )
      await put(store, { inserted: { orders: orders(clock, 'o1'), events: [late] } })
      const then = await store.outbox.claimEvents({ ...claim, lease: 'b' })
      return [
        ...differences(first, [{ event: { eventId: 'o2-1' } }], 'claimed first'),
        ...differences(then, [{ event: { eventId: 'o1-1' } }], 'claimed then'),
      ]
    },
  },
  {
    id: 'OUTBOX-POISON-CONTAINED',
    sentence: 'An event that fails again and again delays no event of another subject.',
    kind: 'eventually',
    async play({ store }, clock) {
      const ids = ['o1', 'o2', 'o3']
      const events = ids.map((orderId) => dueEvent(clock, orderId))
      await put(store, { inserted: { orders: orders(clock, ...ids), events } })
      const arrived: string[] = []
      const relay = () =>
        relayOnce(
          {
            store: store.outbox,
            newId: () => `lease-${arrived.length}-${clock.now()}`,
            random: () => 0,
            options: { batch: 1, leaseMs: 1_000, maxAttempts: 1_000, minBackoffMs: 60_000, maxBackoffMs: 60_000 },
            sender: {
              send: async ({ eventId, subjectId }) => {
                if (subjectId === 'o1') return { kind: 'failed', error: 'poison' }
                arrived.push(eventId)
                return { kind: 'sent' }
              },
            },
          },
          new AbortController().signal,
        )
      for (let turn = 0; turn < 3; turn += 1) await relay()
      return differences(arrived.sort(), ['o2-1', 'o3-1'], 'the deliveries, after one relay run per event')
    },
  },
  {
    id: 'OUTBOX-COUNTED',
    sentence: 'Events are counted by status, with the time of the oldest pending one.',
    kind: 'history',
    async play({ store }, clock) {
      const first = clock.now()
      await put(store, { inserted: { orders: orders(clock, 'o1'), events: [dueEvent(clock, 'o1')] } })
      clock.move(5_000)
      await put(store, { inserted: { orders: orders(clock, 'o2'), events: [dueEvent(clock, 'o2')] } })
      const counts = await store.reads.eventCounts()
      return differences(counts, { pending: 2, sent: 0, dead: 0, oldestPendingAt: first }, 'the counts')
    },
  },
]
