import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OrderEvent } from '../src/event.js'
import { openInbox } from '../src/inbox.js'
import { Ledger } from '../src/ledger.js'

const event = (sequence: number, status: string, orderId = 'o1'): OrderEvent => ({
  id: `${orderId}-${sequence}`,
  type: `order.${status}`,
  subject: orderId,
  data: { sequence, status, finalAmount: 1_000 },
})
const paid = event(1, 'paid')
const refunded = event(2, 'refunded')

describe('the ledger', () => {
  it('counts an event once', () => {
    const ledger = new Ledger()
    for (const each of [paid, paid, paid]) ledger.add(each)
    expect(ledger.revenue).toBe(1_000)
  })

  it('delays an event until the earlier events of its order arrive', () => {
    const ledger = new Ledger()
    ledger.add(refunded)
    expect([ledger.statusOf('o1'), ledger.waitingOf('o1'), ledger.revenue]).toEqual(['unknown', 1, 0])
    ledger.add(paid)
    expect([ledger.statusOf('o1'), ledger.waitingOf('o1'), ledger.revenue]).toEqual(['refunded', 0, 0])
  })

  it('subtracts each refund, and all of them once', () => {
    const partly = (sequence: number, refundedAmount: number) => {
      const { data, ...rest } = event(sequence, 'paid')
      return { ...rest, type: 'order.partially-refunded', data: { ...data, refundedAmount } }
    }
    const ledger = new Ledger()
    const revenues = [paid, partly(2, 300), partly(3, 700), event(4, 'refunded')].map((each) => {
      ledger.add(each)
      return ledger.revenue
    })
    expect([revenues, ledger.statusOf('o1')]).toEqual([[1_000, 700, 300, 0], 'refunded'])
  })

  it('does not delay one order for another', () => {
    const ledger = new Ledger()
    ledger.add(refunded)
    ledger.add(event(1, 'paid', 'o2'))
    expect([ledger.statusOf('o2'), ledger.revenue]).toEqual(['paid', 1_000])
  })
})

describe('the inbox', () => {
  let folder: string
  let file: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inbox-'))
    file = join(folder, 'inbox.ndjson')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('restores its events when it is reopened', () => {
    const first = openInbox(file)
    expect([first.take(paid), first.take(paid), first.take(event(2, 'paid', 'o2'))]).toEqual([true, false, true])
    first.close()
    const second = openInbox(file)
    expect([second.take(paid), second.ledger.revenue, second.ledger.waitingOf('o2')]).toEqual([false, 1_000, 1])
    second.close()
  })

  it('discards a partial line after a crash, so that the repeated event counts', () => {
    const first = openInbox(file)
    first.take(paid)
    first.close()
    const whole = readFileSync(file, 'utf8')
    appendFileSync(file, JSON.stringify(refunded).slice(0, 20))
    const second = openInbox(file)
    expect([second.ledger.statusOf('o1'), readFileSync(file, 'utf8')]).toEqual(['paid', whole])
    expect([second.take(refunded), second.ledger.statusOf('o1')]).toEqual([true, 'refunded'])
    second.close()
  })
})
