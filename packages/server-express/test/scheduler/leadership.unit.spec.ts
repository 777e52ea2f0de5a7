import { inProcessLocks, type Lease, type Locks } from '@shop/core'
import { expect, test } from 'vitest'
import { Leadership } from '../../src/scheduler/leadership.js'
import { gate } from '../support/gate.js'

const nothing = () => undefined

test('one of two candidates leads until it releases the lease', async () => {
  const locks = inProcessLocks()
  const [first, second] = [new Leadership({ locks, isFenced: true }), new Leadership({ locks, isFenced: true })]
  const stop = new AbortController()
  const elected = gate()
  const term = first.seek(stop.signal, elected.open)
  await elected.opened
  await second.seek(new AbortController().signal, nothing)
  expect([first.isLeader, second.isLeader]).toEqual([true, false])

  stop.abort()
  await term
  expect(first.isLeader).toBe(false)
  const again = gate()
  const end = new AbortController()
  const next = second.seek(end.signal, again.open)
  await again.opened
  expect(second.isLeader).toBe(true)
  end.abort()
  await next
})

test('only the leader works, with a fencing token that grows with every term', async () => {
  const leadership = new Leadership({ locks: inProcessLocks(), isFenced: true })
  const fences: unknown[] = []
  const work = () => leadership.lead('ranking', async (fence) => void fences.push(fence))
  await work()
  expect(fences).toEqual([])
  for (let n = 0; n < 2; n += 1) {
    const stop = new AbortController()
    const elected = gate()
    const term = leadership.seek(stop.signal, elected.open)
    await elected.opened
    await work()
    stop.abort()
    await term
  }
  expect(fences).toEqual([
    { job: 'ranking', token: 1 },
    { job: 'ranking', token: 2 },
  ])
})

test('tokens that do not outlive the process are not used for fencing', async () => {
  const leadership = new Leadership({ locks: inProcessLocks(), isFenced: false })
  const stop = new AbortController()
  const elected = gate()
  const term = leadership.seek(stop.signal, elected.open)
  await elected.opened
  const fences: unknown[] = []
  await leadership.lead('ranking', async (fence) => void fences.push(fence))
  expect(fences).toEqual([undefined])
  stop.abort()
  await term
})

test('the lease is released only after the work is done', async () => {
  const leadership = new Leadership({ locks: inProcessLocks(), isFenced: true })
  const stop = new AbortController()
  const [elected, working] = [gate(), gate()]
  let isOver = false
  const term = leadership.seek(stop.signal, elected.open).then(() => {
    isOver = true
  })
  await elected.opened
  const work = leadership.lead('expiry', () => working.opened)
  stop.abort()
  await Promise.resolve()
  expect(isOver).toBe(false)
  working.open()
  await Promise.all([work, term])
  expect(isOver).toBe(true)
})

test('a lost lease or a resignation ends the term', async () => {
  const lost = new AbortController()
  const locks: Locks = {
    withLock: async (_name, work) => ({ held: true, value: await work({ token: 7, signal: lost.signal } as Lease) }),
  }
  const leadership = new Leadership({ locks, isFenced: true })
  const never = new AbortController().signal

  const resigned = leadership.seek(never, () => leadership.resign())
  await resigned
  expect(leadership.isLeader).toBe(false)

  await leadership.seek(never, () => lost.abort())
  expect(leadership.isLeader).toBe(false)
})

test('an error of the work reaches the caller, and does not end the term', async () => {
  const leadership = new Leadership({ locks: inProcessLocks(), isFenced: true })
  const stop = new AbortController()
  const elected = gate()
  const term = leadership.seek(stop.signal, elected.open)
  await elected.opened
  await expect(leadership.lead('expiry', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(leadership.isLeader).toBe(true)
  stop.abort()
  await term
})
