import { afterEach, describe, expect, it, vi } from 'vitest'
import { inProcessLocks } from '../../src/index.js'

afterEach(() => {
  vi.useRealTimers()
})

/** Work that runs until the test ends it. */
const work = () => {
  let end: () => void = () => {}
  const done = new Promise<void>((resolve) => {
    end = resolve
  })
  return { end, run: () => done }
}

const forever = { waitMs: Number.POSITIVE_INFINITY }

describe('locks within one process', () => {
  it('return the result of the work', async () => {
    await expect(inProcessLocks().withLock('job', async () => 7)).resolves.toEqual({ held: true, value: 7 })
  })

  it('have one holder at a time; a caller that does not wait is refused', async () => {
    const locks = inProcessLocks()
    const first = work()
    const holding = locks.withLock('job', first.run)
    await expect(locks.withLock('job', async () => 7)).resolves.toEqual({ held: false })
    first.end()
    await holding
    await expect(locks.withLock('job', async () => 7)).resolves.toMatchObject({ held: true })
  })

  it('are independent of each other if their names differ', async () => {
    const locks = inProcessLocks()
    const first = work()
    const holding = locks.withLock('job', first.run)
    await expect(locks.withLock('other', async () => 7)).resolves.toMatchObject({ held: true })
    first.end()
    await holding
  })

  it('are granted first come, first served, to one holder at a time', async () => {
    const locks = inProcessLocks()
    const order: number[] = []
    let inside = 0
    const holders = [0, 1, 2, 3].map((index) =>
      locks.withLock(
        'job',
        async () => {
          inside += 1
          expect(inside).toBe(1)
          await Promise.resolve()
          order.push(index)
          inside -= 1
        },
        forever,
      ),
    )
    await Promise.all(holders)
    expect(order).toEqual([0, 1, 2, 3])
  })

  it('time out in time, and skip callers that have timed out', async () => {
    vi.useFakeTimers()
    const locks = inProcessLocks()
    const first = work()
    const holding = locks.withLock('job', first.run)
    const impatient = locks.withLock('job', async () => 'impatient', { waitMs: 100 })
    const patient = locks.withLock('job', async () => 'patient', { waitMs: 200 })
    await vi.advanceTimersByTimeAsync(100)
    await expect(impatient).resolves.toEqual({ held: false })
    first.end()
    await holding
    await expect(patient).resolves.toEqual({ held: true, value: 'patient' })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('are released if the work fails, and rethrow its error', async () => {
    const locks = inProcessLocks()
    const waiting = locks.withLock('job', () => Promise.reject(new Error('broken')), forever)
    const next = locks.withLock('job', async () => 7, forever)
    await expect(waiting).rejects.toThrow('broken')
    await expect(next).resolves.toEqual({ held: true, value: 7 })
  })

  it('give each grant a greater token, and a signal that is never aborted', async () => {
    const locks = inProcessLocks()
    const tokens: number[] = []
    for (const name of ['job', 'job', 'other', 'job']) {
      await locks.withLock(name, async ({ token, signal }) => {
        tokens.push(token)
        expect(signal.aborted).toBe(false)
      })
    }
    expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
    expect(new Set(tokens).size).toBe(4)
  })
})
