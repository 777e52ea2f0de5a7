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
