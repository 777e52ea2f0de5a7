import { describe, expect, it } from 'vitest'
import { createProduct, payOrder, placeOrder, redeliverEvent } from '../../src/commands.js'
import { noKeys } from '../../src/store.js'
import { changesOf, eventOf } from '../../src/testing/index.js'
import { bench, turn } from './held-store.js'

const groups = () => {
  const told: object[] = []
  const test = bench({}, { onGroup: (group) => told.push(group), onRetry: (retry) => told.push(retry) })
  let calls = 0
  const commit = async () => {
    await turn()
    await test.held.call(calls++).commit()
  }
  return { ...test, told, commit }
}

describe('an observer learns', () => {
  it('the size and the duration of a group', async () => {
    const { timer, charge, commit, told } = groups()
    timer.now = 100
    charge('a')
    charge('b')
    await turn()
    timer.now = 130
    await commit()
    expect(told).toEqual([{ size: 2, ms: 30, hasEvents: false, traceparents: [] }])
  })

  it('that a group recorded new events', async () => {
    const { submit, commit, told } = groups()
    submit({ command: createProduct, input: { productId: 'p1', name: 'Mug', price: 0, stock: 1 } })
    await commit()
    const placed = submit({ command: placeOrder, input: { userId: 'a', products: [{ productId: 'p1', quantity: 1 }] } })
    await commit()
    const { result } = (await placed) as { result: { orderId: string } }
    submit({ command: payOrder, input: { userId: 'a', orderId: result.orderId } })
    await commit()
    expect(told).toMatchObject([{ hasEvents: false }, { hasEvents: false }, { hasEvents: true }])
  })

  it('that a redelivered event is pending again', async () => {
    const { held, submit, commit, told } = groups()
    const { row } = eventOf({ status: 'dead' })
    await held.rows.transact(noKeys, () => changesOf({ inserted: { events: [row] } }))
    submit({ command: redeliverEvent, input: { eventId: row.eventId } })
    await commit()
    expect(told).toMatchObject([{ hasEvents: true }])
  })

  it('that a group of one member is not split', async () => {
    const { held, charge, told } = groups()
    const answer = charge('a')
    await turn()
    await held.call(0).fail('rejected')
    await expect(answer).rejects.toMatchObject({ kind: 'rejected' })
    expect(told).toEqual([{ kind: 'rejected', size: 1, split: false }])
  })
})
