import { beforeAll, describe, expect, it } from 'vitest'
import { maxViolations } from '../../src/audit/audit.js'
import { sweepDeadlineMs } from '../../src/audit/laws.js'
import { minSentRetentionMs } from '../../src/model/event.js'
import { auditStore, laws } from '../../src/store.js'
import { brokenSnapshots } from './broken-snapshots.js'
import { copyOf, first, inStatus, type Shown, sampleShop, snapshotOf } from './sample-shop.js'

const audit = (shown: Shown) => auditStore({ audit: async () => snapshotOf(shown) })

describe('the laws', () => {
  let lively: Shown

  beforeAll(async () => {
    lively = await sampleShop()
  })

  it('hold of a lively shop', async () => {
    expect((await audit(structuredClone(lively))).violations).toEqual([])
    const statuses = new Set(lively.orders.map(({ order: { status } }) => status))
    expect([...statuses].sort()).toEqual(['cancelled', 'expired', 'failed', 'paid', 'pending', 'refunded'])
  })

  it('have a case each, and an id of their own', () => {
    const ids = laws.map(({ id }) => id)
    expect(Object.keys(brokenSnapshots).sort()).toEqual([...ids].sort())
    expect(new Set(ids).size).toBe(ids.length)
  })

  const table = Object.entries(brokenSnapshots).flatMap(([id, breaks]) =>
    Object.entries(breaks).map(([name, change]) => ({ id, name, change })),
  )

  it.each(table)('$id notices $name', async ({ id, change }) => {
    const shown = structuredClone(lively)
    change(shown)
    const report = await audit(shown)
    expect(report.ok).toBe(false)
    expect(report.violations.map(({ law }) => law)).toContain(id)
  })

  it('let events of an old order be cleaned up, in whatever order they were sent', async () => {
    const shown = structuredClone(lively)
    const [refunded, paid] = [inStatus(shown, 'refunded'), inStatus(shown, 'paid')]
    for (const { order } of [refunded, paid]) order.createdAt = shown.now - minSentRetentionMs - 1
    refunded.events.pop()
    paid.events = []
    expect((await audit(shown)).violations).toEqual([])
    refunded.events = [{ type: 'order.refunded', sequence: 2 }]
    expect((await audit(shown)).violations).toEqual([])
  })

  it('miss every event of a young order', async () => {
    const shown = structuredClone(lively)
    const { order } = inStatus(shown, 'paid')
    inStatus(shown, 'paid').events = []
    expect((await audit(shown)).violations.map(({ law, subject }) => [law, subject])).toEqual([
      ['OUTBOX-COMPLETE', `order ${order.orderId}`],
    ])
  })

  it('do not call an order overdue before its sweep was due', async () => {
    const shown = structuredClone(lively)
    const facts = inStatus(shown, 'pending')
    facts.order.expiresAt = shown.now - sweepDeadlineMs
    facts.holds = []
    copyOf(shown, 'pending').orders = []
    copyOf(shown, 'pending').issued.usedUntil = shown.now
    expect((await audit(shown)).violations).toEqual([])
  })

  it('are reported with their subject, and no more of them than anybody would read', async () => {
    const shown = structuredClone(lively)
    shown.wallets = Array.from({ length: maxViolations + 1 }, () => structuredClone(first(lively.wallets)))
    for (const facts of shown.wallets) facts.brokenLinks = 2
    const { violations } = await audit(shown)
    expect(violations).toHaveLength(maxViolations)
    expect(violations[0]).toEqual({ law: 'WALLET-CHAIN', subject: 'wallet u', expected: 0, actual: 2 })
  })

  it('close their snapshot, also when reading it fails', async () => {
    let closed = 0
    const snapshot = snapshotOf(lively)
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
