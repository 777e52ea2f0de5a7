import { pino } from 'pino'
import { afterEach, expect, test, vi } from 'vitest'
import { Lifecycle } from '../../src/server/lifecycle.js'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test.each([
  [0, 9_500],
  [20_000, 29_500],
])('with a drain of %i ms, a hanging shutdown is aborted after %i ms', async (drainMs, bound) => {
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never)
  const lifecycle = new Lifecycle(pino({ level: 'silent' }), async () => {}, drainMs)
  lifecycle.onStop(() => new Promise(() => {}))
  void lifecycle.stop(0)
  await vi.advanceTimersByTimeAsync(bound - 1)
  expect(exit).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(exit).toHaveBeenCalledExactlyOnceWith(0)
})

test('a task that ends by itself learns of the first signal; the second one ends the process', () => {
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => {
    throw new Error('ended')
  })
  const on = vi.spyOn(process, 'on').mockReturnThis()
  const lifecycle = new Lifecycle(pino({ level: 'silent' }), async () => {})
  lifecycle.watch()
  const told: string[] = []
  lifecycle.onInterrupt((signal) => told.push(signal))
  const interrupt = on.mock.calls.find(([name]) => name === 'SIGINT')?.[1] as () => void
  interrupt()
  expect([told, exit.mock.calls, lifecycle.isStopping]).toEqual([['SIGINT'], [], false])
  expect(interrupt).toThrow('ended')
  expect(told).toHaveLength(1)
  expect(exit).toHaveBeenCalledExactlyOnceWith(130)
})
