import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { cancelOrder } from '../../src/commands.js'
import { Callers } from '../../src/engine/callers.js'
import { StoreError, systemTimer } from '../../src/store.js'
import { bench, TestTimer, turn } from './held-store.js'

/** The state of a promise now. */
const ended = async (answer: Promise<unknown>): Promise<unknown> =>
  Promise.race([answer.catch((error: unknown) => error), turn().then(() => 'waits')])

const nothing = () => {}

/** The answer of a new caller. A test looks at it after it may have been rejected. */
const answerOf = (callers: Callers): Promise<unknown> => {
  const answer = new Promise((resolve, reject) => callers.begin(resolve, reject))
  answer.catch(nothing)
  return answer
}

const unavailable = (ambiguous: boolean) => ({ name: 'ShopUnavailable', ambiguous })

describe('a caller that times out', () => {
  it('is answered while the transaction still runs: the outcome is unknown', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    const answer = charge('a')
    await turn()
    await timer.passTo(999)
    expect(await ended(answer)).toBe('waits')
    await timer.passTo(1_000)
    expect(await ended(answer)).toMatchObject(unavailable(true))
    await held.call(0).commit()
    expect(await held.balance('a')).toBe(100)
  })

  it('gets the outcome by its idempotency key, even if it asks while the first transaction still runs', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    const first = charge('a', 100, 'key')
    await turn()
    await timer.passTo(1_000)
    expect(await ended(first)).toMatchObject(unavailable(true))
    const again = charge('a', 100, 'key')
    await turn()
    expect(held.calls).toHaveLength(1)
    await held.call(0).commit()
    await held.call(1).commit()
    await expect(again).resolves.toMatchObject({ ok: true, replayed: true, result: { balance: 100 } })
    expect(await held.balance('a')).toBe(100)
  })

  it('is answered while the command is queued: nothing changes, now or later', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    charge('a')
    await turn()
    const waiting = charge('b')
    await timer.passTo(1_000)
    expect(await ended(waiting)).toMatchObject(unavailable(false))
    await held.call(0).commit()
    await turn()
    expect(held.calls).toHaveLength(1)
    expect(await held.balance('b')).toBeUndefined()
  })

  it('is answered while the prefetch hangs, and the command never starts', async () => {
    const { held, timer, executor, submit } = bench({ timeoutMs: 1_000 })
    let endLook = () => {}
    held.outlines = () => new Promise((resolve) => (endLook = () => resolve([])))
    const answer = submit({ command: cancelOrder, input: { orderId: 'o1' } })
    await turn()
    await timer.passTo(1_000)
    expect(await ended(answer)).toMatchObject(unavailable(false))
    endLook()
    await turn()
    await turn()
    expect([held.calls.length, executor.queued]).toEqual([0, 0])
  })

  it('learns that nothing was changed if the last attempt certainly failed', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    let endPause = () => {}
    timer.pause = () => new Promise((resolve) => (endPause = resolve))
    const answer = charge('a')
    await turn()
    await held.call(0).fail('conflict')
    await timer.passTo(1_000)
    expect(await ended(answer)).toMatchObject(unavailable(false))
    endPause()
    await turn()
    expect(held.calls).toHaveLength(1)
  })

  it('is answered while the commit is in doubt', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    held.committed = () => new Promise(() => {})
    const answer = charge('a')
    await turn()
    await held.call(0).fail('ambiguous')
    await timer.passTo(1_000)
    expect(await ended(answer)).toMatchObject(unavailable(true))
  })

  it('does not affect other callers in the group: each has its own deadline', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    charge('x')
    await turn()
    const early = charge('a')
    timer.now = 400
    const late = charge('b')
    await turn()
    await held.call(0).commit()
    await timer.passTo(1_000)
    expect(await ended(early)).toMatchObject(unavailable(true))
    expect(await ended(late)).toBe('waits')
    await held.call(1).commit()
    await expect(late).resolves.toMatchObject({ ok: true })
  })

  it('is answered even if the caller between two that wait has its answer already', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000, concurrentGroups: 2 })
    const first = charge('a')
    await turn()
    const second = charge('b')
    await turn()
    const third = charge('c')
    await held.call(1).commit()
    await expect(second).resolves.toMatchObject({ ok: true })
    await timer.passTo(1_000)
    expect(await ended(first)).toMatchObject(unavailable(true))
    expect(await ended(third)).toMatchObject(unavailable(true))
    await held.call(0).commit()
    await held.call(2).commit()
  })

  it('is the only one that times out if all callers after it have their answers already', async () => {
    const timer = new TestTimer()
    const callers = new Callers(timer, 1_000)
    const waits = answerOf(callers)
    const others = [1, 2].map(() => callers.begin(nothing, nothing))
    for (const other of others) callers.reject(other, new Error('broken'))
    await timer.passTo(1_000)
    expect(await ended(waits)).toMatchObject(unavailable(false))
    expect(others.map(({ hasTimedOut }) => hasTimedOut)).toEqual([false, false])
  })

  it('is answered even if another one ends twice', async () => {
    const timer = new TestTimer()
    const callers = new Callers(timer, 1_000)
    const waits = answerOf(callers)
    const other = callers.begin(nothing, nothing)
    for (let nth = 0; nth < 2; nth += 1) callers.reject(other, new Error('broken'))
    await timer.passTo(1_000)
    expect(await ended(waits)).toMatchObject(unavailable(false))
  })

  it('counts as queued until its work ends, and the shop closes only then', async () => {
    const { held, timer, executor, charge } = bench({ timeoutMs: 1_000, maxQueued: 1 })
    charge('a')
    await turn()
    await timer.passTo(1_000)
    await expect(charge('b')).rejects.toMatchObject({ message: 'more than 1 commands are waiting' })
    let isClosed = false
    const closing = executor.close().then(() => {
      isClosed = true
    })
    await turn()
    expect([executor.queued, isClosed]).toEqual([1, false])
    await held.call(0).fail(new StoreError('unavailable', 'test'))
    await closing
    expect(executor.queued).toBe(0)
  })
})

describe('deadlines', () => {
  it('share one timer, however many callers there are', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    for (let index = 0; index < 500; index += 1) charge(`user-${index}`)
    await turn()
    expect(timer.alarms.map(({ at }) => at)).toEqual([1_000])
    while (held.calls.length < 2) await held.call(0).commit()
    await held.call(1).commit()
    await timer.passTo(400)
    charge('late')
    await turn()
    expect(timer.alarms.map(({ at }) => at)).toEqual([1_000])
    await timer.passTo(1_000)
    expect(timer.alarms.map(({ at }) => at)).toEqual([1_400])
    await held.call(2).commit()
    await timer.passTo(1_400)
    expect(timer.alarms).toEqual([])
  })

  it('hold for every caller, with any arrival times and transaction durations', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 3 })), { maxLength: 12 }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 12, maxLength: 12 }),
        async (arrivals, lengths) => {
          const { held, timer, executor, charge } = bench({ timeoutMs: 100 })
          const answers: { readonly since: number; at: number }[] = []
          const ends: number[] = []
          let acknowledged = 0
          const step = async () => {
            while (ends.length < held.calls.length) ends.push(timer.now + (lengths[ends.length] ?? 0))
            for (const [index, end] of ends.entries()) {
              if (end !== timer.now) continue
              ends[index] = Number.NaN
              await held.call(index).commit()
            }
            await turn()
          }
          for (let now = 0; now <= 6_000 && (now <= 300 || executor.queued > 0); now += 1) {
            await timer.passTo(now)
            for (const [at, user] of arrivals) {
              if (at !== now) continue
              const answer = { since: now, at: Number.NaN }
              answers.push(answer)
              const told = () => {
                answer.at = timer.now
              }
              charge(`user-${user}`, 10).then(() => {
                acknowledged += 10
                told()
              }, told)
            }
            if (held.calls.length > 0 || executor.queued > 0) await step()
          }
          for (const { since, at } of answers) expect(at - since).toBeLessThanOrEqual(100)
          const balances = await Promise.all([0, 1, 2, 3].map((user) => held.balance(`user-${user}`)))
          const written = balances.reduce<number>((sum, balance) => sum + (balance ?? 0), 0)
          expect(written).toBeGreaterThanOrEqual(acknowledged)
          expect(written).toBeLessThanOrEqual(10 * arrivals.length)
        },
      ),
      { numRuns: 30 },
    ))

  it('that are infinite do not overflow the timer', async () => {
    const { timer, charge } = bench({ timeoutMs: Number.POSITIVE_INFINITY })
    charge('a')
    await turn()
    expect(timer.alarms.map(({ at }) => at)).toEqual([2 ** 31 - 1])
  })
})

it('the system timer runs work once, at its time or later', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const work = vi.fn()
  systemTimer.after?.(50, work)
  vi.advanceTimersByTime(49)
  expect(work).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100)
  expect(work).toHaveBeenCalledOnce()
  vi.useRealTimers()
})
