import { type GrantedLease, keepLease, retryUntilGranted, toLeaseMs } from '@shop/core/store'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const keep = (renew: GrantedLease['renew'], more: Partial<GrantedLease> = {}) =>
  keepLease({ name: 'job', leaseMs: 300, askedAt: performance.now(), renew, ...more })

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

describe('keepLease', () => {
  test('renews every third of the lease while it is held', async () => {
    const renew = vi.fn(async () => true)
    const { signal, stop } = keep(renew)
    await pass(99)
    expect(renew).not.toHaveBeenCalled()
    await pass(1)
    expect(renew).toHaveBeenCalledTimes(1)
    await pass(900)
    expect(renew).toHaveBeenCalledTimes(10)
    expect(signal.aborted).toBe(false)
    await stop()
  })

  test('loses the lease at the first renewal that reports its loss, and renews no more', async () => {
    const renew = vi.fn(async () => false)
    const { signal } = keep(renew)
    await pass(100)
    expect(signal.reason).toMatchObject({ message: 'the lock job was lost: another holder has it, or it was wiped' })
    await pass(1_000)
    expect(renew).toHaveBeenCalledTimes(1)
  })

  test('survives a failed renewal if a later one succeeds in time', async () => {
    let calls = 0
    const { signal, stop } = keep(async () => {
      calls += 1
      if (calls % 2 === 1) throw new Error('away')
      return true
    })
    await pass(3_000)
    expect(signal.aborted).toBe(false)
    await stop()
  })

  test('loses the lease at its deadline if renewals fail', async () => {
    const { signal } = keep(() => Promise.reject(new Error('away')))
    await pass(299)
    expect(signal.aborted).toBe(false)
    await pass(1)
    expect(signal.reason).toMatchObject({ message: 'the lock job was lost: it could not be renewed in time' })
  })

  test('loses the lease at its deadline if a renewal gets no answer', async () => {
    const { signal } = keep(() => new Promise(() => {}))
    await pass(299)
    expect(signal.aborted).toBe(false)
    await pass(1)
    expect(signal.aborted).toBe(true)
  })

  test('counts the deadline from the request, not from the answer', async () => {
    let calls = 0
    const slow = async () => {
      calls += 1
      if (calls > 1) return new Promise<boolean>(() => {})
      await new Promise((resolve) => setTimeout(resolve, 60))
      return true
    }
    const { signal } = keep(slow, { askedAt: performance.now() - 50 })
    // The first renewal is asked for at 100 and answered at 160.
    await pass(399)
    expect(signal.aborted).toBe(false)
    await pass(1)
    expect(signal.aborted).toBe(true)
  })

  test('trusts a grant for safeMs only', async () => {
    const { signal } = keep(() => new Promise(() => {}), { safeMs: 295 })
    await pass(294)
    expect(signal.aborted).toBe(false)
    await pass(1)
    expect(signal.aborted).toBe(true)
  })

  test.each([true, false])('a renewal that ends after stop changes nothing (%s)', async (isHeld) => {
    let answer = (_: boolean) => {}
    const renew = vi.fn(
      () =>
        new Promise<boolean>((resolve) => {
          answer = resolve
        }),
    )
    const { signal, stop } = keep(renew)
    await pass(100)
    const stopped = vi.fn()
    const stopping = stop().then(stopped)
    await pass(1_000)
    expect(stopped).not.toHaveBeenCalled()
    answer(isHeld)
    await stopping
    await pass(1_000)
    expect(renew).toHaveBeenCalledTimes(1)
    expect(signal.aborted).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })
})

test.each([
  [-5, 1],
  [0.2, 1],
  [1_500.6, 1_501],
  [Number.POSITIVE_INFINITY, 2_147_483_647],
])('a requested lease of %d ms becomes %d ms', (requested, leaseMs) => {
  expect(toLeaseMs(requested)).toBe(leaseMs)
})

describe('retryUntilGranted', () => {
  test('asks once without a wait', async () => {
    const ask = vi.fn(async () => undefined)
    expect(await retryUntilGranted(ask, { waitMs: 0, retryMs: 40 })).toBeUndefined()
    expect(ask).toHaveBeenCalledTimes(1)
  })

  test('pauses between half of retryMs and all of it, and asks a last time at the deadline', async () => {
    const askedAt: number[] = []
    const begin = performance.now()
    const asking = retryUntilGranted(
      async () => {
        askedAt.push(performance.now() - begin)
        return undefined
      },
      { waitMs: 200, retryMs: 40 },
    )
    await pass(300)
    expect(await asking).toBeUndefined()
    expect(askedAt.at(0)).toBe(0)
    expect(askedAt.at(-1)).toBeGreaterThanOrEqual(200)
    const pauses = askedAt.slice(1, -1).map((at, index) => at - (askedAt[index] as number))
    for (const each of pauses) {
      expect(each).toBeGreaterThanOrEqual(20)
      expect(each).toBeLessThanOrEqual(41)
    }
    expect(pauses.length).toBeGreaterThanOrEqual(3)
  })

  test('stops asking once the lock is granted', async () => {
    const answers = [undefined, undefined, 'granted', 'again']
    const asking = retryUntilGranted(async () => answers.shift(), { waitMs: 1_000, retryMs: 40 })
    await pass(100)
    expect(await asking).toBe('granted')
    expect(answers).toEqual(['again'])
  })
})
