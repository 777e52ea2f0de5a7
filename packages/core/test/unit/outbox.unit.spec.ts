import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redeliverEvent } from '../../src/commands.js'
import { defaultRelayOptions, type OutboxEvent, orderStatuses, relayOnce, type Sent } from '../../src/index.js'
import { eventView } from '../../src/model/event.js'
import { record } from '../../src/model/order-events.js'
import { backoffDelay } from '../../src/outbox/relay.js'
import type { Claimed, DeliveryResult } from '../../src/store.js'
import { defaultNow, eventOf, given, orderOf } from '../../src/testing/index.js'

describe('recording a change of an order', () => {
  it.each(orderStatuses.filter((status) => status !== 'pending'))(
    'counts the event on the order, and the event shows the order at that time: %s',
    (status) => {
      const order = { ...orderOf({ status, events: 1 }).row, status } as const
      const recorded = record(order, { now: defaultNow, newId: () => 'e7' })
      expect(recorded.order).toEqual({ ...order, events: 2 })
      expect(recorded.event).toMatchObject({
        eventId: 'e7',
        type: `order.${status}`,
        subject: 'order',
        subjectId: 'o1',
        sequence: 2,
        at: defaultNow,
        status: 'pending',
        attempts: 0,
        nextAttemptAt: defaultNow,
        lastError: null,
        data: { orderId: 'o1', status, sequence: 2, finalAmount: 1_000 },
      })
    },
  )

  it('omits the internal fields of the shop', () => {
    const { data } = eventOf().row
    expect(Object.keys(data)).not.toContain('stockTakenAt')
    expect(Object.keys(data)).not.toContain('events')
  })
})

describe('an event as an administrator sees it', () => {
  it('shows the time of the next attempt only while it is pending', () => {
    const next = (status: OutboxEvent['status']) => eventView(eventOf({ status }).row).nextAttemptAt
    expect([next('pending'), next('sent'), next('dead')]).toEqual(['2025-06-15T03:00:00.000Z', null, null])
  })
})

describe('redelivering an event', () => {
  const dead = eventOf({ status: 'dead', attempts: 16, lastError: 'gone' })

  it('makes a dead event pending at once, with all its attempts', () => {
    given(dead)
      .at(defaultNow + 5)
      .when(redeliverEvent, { eventId: 'e1' })
      .thenAccepted({ eventId: 'e1', status: 'pending', attempts: 0, lastError: null })
      .thenChanges({
        events: {
          updated: [
            {
              eventId: 'e1',
              status: 'pending',
              attempts: 0,
              nextAttemptAt: defaultNow + 5,
              lastError: null,
              at: defaultNow,
            },
          ],
        },
      })
  })

  it('refuses an unknown event', () => {
    given().when(redeliverEvent, { eventId: 'e9' }).thenRefused('EVENT_NOT_FOUND', { eventId: 'e9' })
  })

  it.each(['pending', 'sent'] as const)('refuses an event that is %s', (status) => {
    given(eventOf({ status }))
      .when(redeliverEvent, { eventId: 'e1' })
      .thenRefused('EVENT_NOT_DEAD', { eventId: 'e1', eventStatus: status })
  })
})

describe('the pause after an attempt', () => {
  const { minBackoffMs, maxBackoffMs } = defaultRelayOptions
  const attempts = fc.integer({ min: 1, max: 100 })
  const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

  it('doubles with each attempt, up to the longest', () => {
    const pauses = [1, 2, 3, 14, 15, 16, 100].map((n) => backoffDelay(n, defaultRelayOptions, 1))
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_192_000, maxBackoffMs, maxBackoffMs, maxBackoffMs])
  })

  it('is random between half of that and all of it', () => {
    fc.assert(
      fc.property(attempts, chance, (n, random) => {
        const full = Math.min(maxBackoffMs, minBackoffMs * 2 ** (n - 1))
        const pause = backoffDelay(n, defaultRelayOptions, random)
        return Number.isInteger(pause) && pause >= full / 2 && pause <= full
      }),
    )
    expect(backoffDelay(1, defaultRelayOptions, 0)).toBe(500)
  })

  it('is never shorter than the receiver asked for, and never longer than the longest', () => {
    fc.assert(
      fc.property(attempts, chance, fc.nat({ max: 10 * maxBackoffMs }), (n, random, retryAfterMs) => {
        const pause = backoffDelay(n, defaultRelayOptions, random, retryAfterMs)
        return pause >= Math.min(retryAfterMs, maxBackoffMs) && pause <= maxBackoffMs
      }),
    )
  })

  it('lets 20 attempts last from half a day to one day', () => {
    const hours = [0, 1].map((random) => {
      const pauses = Array.from({ length: defaultRelayOptions.maxAttempts - 1 }, (_, n) =>
        backoffDelay(n + 1, defaultRelayOptions, random),
      )
      return pauses.reduce((sum, each) => sum + each) / 3_600_000
    })
    expect(hours[0]).toBeCloseTo(12.28, 2)
    expect(hours[1]).toBeCloseTo(24.55, 2)
  })
})

describe('a relay', () => {
  const relay = async (claimed: readonly Claimed[], send: (event: OutboxEvent) => Promise<Sent>) => {
    const settled: DeliveryResult[] = []
    const asked: object[] = []
    const attempts: string[] = []
    const count = await relayOnce(
      {
        store: {
          claimEvents: async (query) => {
            asked.push(query)
            return claimed
          },
          recordDeliveries: async (settlements) => void settled.push(...settlements),
        },
        sender: { send },
        newId: () => 'lease-1',
        random: () => 0,
        options: { batch: 3, maxAttempts: 2 },
        onAttempt: (event, sent) => attempts.push(`${event.eventId} ${sent.kind}`),
      },
      new AbortController().signal,
    )
    return { count, settled, asked, attempts }
  }
  const claim = (eventId: string, attempts = 1): Claimed => ({
    event: eventOf({ eventId, attempts }).row,
    lease: 'lease-1',
  })

  it('records each reply of the receiver: sent, retry later, or refused', async () => {
    const answers: Record<string, Sent> = {
      e1: { kind: 'sent' },
      e2: { kind: 'failed', error: 'busy' },
      e3: { kind: 'failed', error: 'wait', retryAfterMs: 9_000 },
      e4: { kind: 'refused', error: 'gone' },
    }
    const told = await relay(
      ['e1', 'e2', 'e3', 'e4'].map((id) => claim(id)),
      async ({ eventId }) => answers[eventId] as Sent,
    )
    const lease = 'lease-1'
    expect(told.settled).toEqual([
      { eventId: 'e1', lease, status: 'sent' },
      { eventId: 'e2', lease, status: 'pending', error: 'busy', retryInMs: 500 },
      { eventId: 'e3', lease, status: 'pending', error: 'wait', retryInMs: 9_000 },
      { eventId: 'e4', lease, status: 'dead', error: 'gone' },
    ])
    expect(told.count).toBe(4)
    expect(told.asked).toEqual([{ limit: 3, leaseMs: 30_000, lease }])
    expect(told.attempts).toEqual(['e1 sent', 'e2 failed', 'e3 failed', 'e4 refused'])
  })

  it('gives up after the last attempt, not before', async () => {
    const failing = async (): Promise<Sent> => ({ kind: 'failed', error: 'busy' })
    const { settled } = await relay([claim('e1', 1), claim('e2', 2)], failing)
    expect(settled.map(({ status }) => status)).toEqual(['pending', 'dead'])
  })

  it('treats a sender that throws as a failed delivery, and delivers the others', async () => {
    const { settled } = await relay([claim('e1'), claim('e2')], async ({ eventId }) => {
      if (eventId === 'e1') throw new Error('socket hang up')
      return { kind: 'sent' }
    })
    expect(settled).toMatchObject([
      { eventId: 'e1', status: 'pending', error: 'socket hang up' },
      { eventId: 'e2', status: 'sent' },
    ])
  })

  it('writes nothing if nothing is pending', async () => {
    const { count, settled } = await relay([], async () => ({ kind: 'sent' }))
    expect([count, settled]).toEqual([0, []])
  })
})
