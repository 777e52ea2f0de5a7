import { describe, expect, it } from 'vitest'
import { cancelOrder } from '../../src/commands.js'
import { Executor } from '../../src/engine/executor.js'
import { resolvePolicies } from '../../src/index.js'
import { StoreError } from '../../src/store.js'
import { countedIds } from '../../src/testing/manual-clock.js'
import { bench, turn } from './held-store.js'

const away = new StoreError('unavailable', 'test: away')
const cancel = { command: cancelOrder, input: { orderId: 'o1' } }

describe('the error of a call without an outcome explains', () => {
  it('that too many commands are queued', async () => {
    const { charge } = bench({ maxQueued: 1 })
    charge('a')
    await expect(charge('b')).rejects.toThrow('more than 1 commands are waiting')
  })

  it('that it timed out, and that nothing was changed', async () => {
    const { held, timer, charge } = bench({ timeoutMs: 1_000 })
    const late = charge('a')
    timer.now = 1_000
    await expect(late).rejects.toThrow('no answer within 1000 ms; nothing was changed')
    expect(held.calls).toHaveLength(0)
  })

  it('that the store did not answer, with the store’s error', async () => {
    const { held, charge } = bench({ maxRetries: 0 })
    const answer = charge('a')
    await turn()
    await held.call(0).fail(away)
    await expect(answer).rejects.toMatchObject({
      message: 'the store did not answer; nothing was changed',
      cause: away,
    })
  })

  it('the rows for which it timed out', async () => {
    const { held, charge } = bench({ maxRetries: 0 })
    const busy = new StoreError('busy', 'timed out waiting for wallets "a"')
    const answer = charge('a')
    await turn()
    await held.call(0).fail(busy)
    await expect(answer).rejects.toMatchObject({
      message: 'timed out waiting for wallets "a"; nothing was changed',
      ambiguous: false,
      cause: busy,
    })
  })

  it('that the store did not answer the prefetch, with the store’s error', async () => {
    const { held, submit } = bench()
    held.outlines = () => Promise.reject(away)
    await expect(submit(cancel)).rejects.toMatchObject({ message: 'the store did not answer', cause: away })
  })

  it('that the store rejected the prefetch, with the store’s own error', async () => {
    const { held, submit } = bench()
    const rejected = new StoreError('rejected', 'test: no such column')
    held.outlines = () => Promise.reject(rejected)
    await expect(submit(cancel)).rejects.toBe(rejected)
  })

  it('that the commit is in doubt', async () => {
    const { held, charge } = bench()
    held.committed = () => Promise.reject(new TypeError('a bug in the adapter'))
    const answer = charge('a')
    const lost = new StoreError('ambiguous', 'test: lost')
    await turn()
    await held.call(0).fail(lost)
    await expect(answer).rejects.toMatchObject({
      message: 'the store could not tell whether it committed',
      cause: lost,
    })
  })

  it('that the commit did not happen and retries are used up, with the store’s first error', async () => {
    const { held, charge } = bench({ maxRetries: 0 })
    const answer = charge('a')
    const lost = new StoreError('ambiguous', 'test: lost')
    await turn()
    await held.call(0).fail(lost)
    await expect(answer).rejects.toMatchObject({
      ambiguous: false,
      cause: { kind: 'unavailable', message: 'the commit did not happen', cause: lost },
    })
  })

  it('that the store committed without asking for a decision', async () => {
    const executor = new Executor({
      store: {
        transact: async () => {},
        outlines: async () => [],
        couponsWithCodes: async () => [],
        committed: async () => true,
      },
      policies: resolvePolicies(),
      newId: countedIds('id'),
    })
    await expect(executor.submit(cancel)).rejects.toThrow('the store committed without asking for a decision')
  })
})
