import { beforeAll, describe, expect, it } from 'vitest'
import { maxViolations } from '../../src/audit/audit.js'
import { sweepDeadlineMs } from '../../src/audit/lot-laws.js'
import { minSentRetentionMs } from '../../src/model/event.js'
import { auditStore, laws } from '../../src/store.js'
import { brokenSnapshots } from './broken-snapshots.js'
import { copyOf, first, inStatus, type Shown, sampleShop, snapshotOf } from './sample-shop.js'

const audit = (shown: Shown) => auditStore({ audit: async () => snapshotOf(shown) })

describe('the laws', () => {
  let sample: Shown

  beforeAll(async () => {
    sample = await sampleShop()
  })

  it('hold for the sample shop', async () => {
    expect((await audit(structuredClone(sample))).violations).toEqual([])
    const statuses = new Set(sample.orders.map(({ order: { status } }) => status))
    expect([...statuses].sort()).toEqual(['cancelled', 'expired', 'failed', 'paid', 'pending', 'refunded'])
  })

  it('have one case each, and unique ids', () => {
    const ids = laws.map(({ id }) => id)
    expect(Object.keys(brokenSnapshots).sort()).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(ids.length)
  })

  const table = Object.entries(brokenSnapshots).flatMap(([id, breaks]) =>
    Object.entries(breaks).map(([name, change]) => ({ id, name, change })),
  )

  it.each(table)('$id detects $name', async ({ id, change }) => {
    const shown = structuredClone(sample)
    change(shown)
    const report = await audit(shown)
    expect(report.ok).toBe(false)
    expect(report.violations.map(({ law }) => law)).toContain(id)
  })

  it('allow old events to be deleted, in any sending order', async () => {
    const shown = structuredClone(sample)
    const [refunded, paid] = [inStatus(shown, 'refunded'), inStatus(shown, 'paid')]
    for (const { order } of [refunded, paid]) order.createdAt = shown.now - minSentRetentionMs - 1
    refunded.events.pop()
    paid.events = []
    expect((await audit(shown)).violations).toEqual([])
    refunded.events = [{ type: 'order.refunded', sequence: 2 }]
    expect((await audit(shown)).violations).toEqual([])
  })

  it('detect every missing event of a recent order', async () => {
    const shown = structuredClone(sample)
    const { order } = inStatus(shown, 'paid')
    inStatus(shown, 'paid').events = []
    expect((await audit(shown)).violations.map(({ law, subject }) => [law, subject])).toEqual([
      ['OUTBOX-COMPLETE', `order ${order.orderId}`],
    ])
  })

  it('do not report an order before its sweep is due', async () => {
    const shown = structuredClone(sample)
    const facts = inStatus(shown, 'pending')
    facts.order.expiresAt = shown.now - sweepDeadlineMs
    facts.holds = []
    copyOf(shown, 'pending').orders = []
    copyOf(shown, 'pending').issued.usedUntil = shown.now
    expect((await audit(shown)).violations).toEqual([])
  })

  it('report their subject, and at most 100 violations', async () => {
    const shown = structuredClone(sample)
    shown.wallets = Array.from({ length: maxViolations + 1 }, () => structuredClone(first(sample.wallets)))
    for (const facts of shown.wallets) facts.brokenLinks = 2
    const { violations } = await audit(shown)
    expect(violations).toHaveLength(maxViolations)
    expect(violations[0]).toEqual({ law: 'WALLET-CHAIN', subject: 'wallet u', expected: 0, actual: 2 })
  })

  it('close their snapshot, even if reading it fails', async () => {
    let closed = 0
    const snapshot = snapshotOf(sample)
    const failing = {
      ...snapshot,
      orphans: () => Promise.reject(new Error('connection lost')),
      close: async () => {
        closed += 1
      },
    }
    await expect(auditStore({ audit: async () => failing })).rejects.toThrow('connection lost')
    expect(closed).toBe(1)
  })
})
