import { describe, expect, it } from 'vitest'
import { isShopUnavailable, isStoreError } from '../../src/index.js'
import type { StoreErrorKind } from '../../src/store.js'
import { StoreError } from '../../src/store.js'
import { type Bench, bench, turn } from './held-store.js'

const away = () => new StoreError('unavailable', 'test: away')

/** The state of a promise now, without waiting for it. */
const ended = async (answer: Promise<unknown>): Promise<unknown> =>
  Promise.race([answer.catch((error: unknown) => error), turn().then(() => 'waits')])

const group = async ({ charge }: Bench, ...userIds: string[]) => {
  const answers = userIds.map((userId) => charge(userId))
  await turn()
  return answers
}

const failAll = async ({ held }: Bench, kind: StoreErrorKind) => {
  let failed = 0
  while (failed < held.calls.length) {
    await held.call(failed).fail(kind)
    failed += 1
  }
  return failed
}

describe('a transaction that fails', () => {
  it.each(['conflict', 'unavailable'] as const)('with %s is retried unchanged, after a growing pause', async (kind) => {
    const test = bench({ maxRetries: 5 })
    const answers = await group(test, 'a', 'b')
    for (let index = 0; index < 5; index += 1) await test.held.call(index).fail(kind)
    await test.held.call(5).commit()
    expect(test.held.calls.map(({ wallets }) => wallets)).toEqual(Array(6).fill(['a', 'b']))
    expect(test.timer.pauses).toEqual([5, 10, 20, 40, 80])
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }])
    expect(await test.held.balance('a')).toBe(100)
  })

  it('with conflict is split when its retries are used up, and its members finally fail', async () => {
    const splits: unknown[] = []
    const test = bench({ maxRetries: 2 }, { onRetry: (retry) => splits.push(retry) })
    const answers = await group(test, 'a', 'b', 'c')
    expect(await failAll(test, 'conflict')).toBe(3 + 3 * 3)
    expect(splits.slice(0, 3)).toEqual([
      { kind: 'conflict', size: 3, split: false },
      { kind: 'conflict', size: 3, split: false },
      { kind: 'conflict', size: 3, split: true },
    ])
    for (const answer of answers) await expect(answer).rejects.toSatisfy(isShopUnavailable)
    expect(test.executor.queued).toBe(0)
  })

  it('with unavailable is not split, because no member could succeed', async () => {
    const splits: unknown[] = []
    const test = bench({ maxRetries: 2 }, { onRetry: (retry) => splits.push(retry) })
    const answers = await group(test, 'a', 'b')
    expect(await failAll(test, 'unavailable')).toBe(3)
    expect(splits).toEqual(Array(3).fill({ kind: 'unavailable', size: 2, split: false }))
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ ambiguous: false })
  })

  it('with busy is split at once, and its members run in parallel', async () => {
    const test = bench()
    const answers = await group(test, 'a', 'b')
    await test.held.call(0).fail('busy')
    expect(test.held.calls.map(({ wallets }) => wallets)).toEqual([['a', 'b'], ['a'], ['b']])
    await test.held.call(2).commit()
    await expect(answers[1]).resolves.toMatchObject({ ok: true })
    await test.held.call(1).fail('busy')
    await expect(answers[0]).rejects.toSatisfy(isShopUnavailable)
    expect(test.timer.pauses).toEqual([])
  })

  it('with busy lets later commands proceed', async () => {
    const test = bench()
    await group(test, 'a', 'b')
    const behind = test.charge('c')
    await test.held.call(0).fail('busy')
    const call = test.held.calls.find(({ wallets }) => wallets.includes('c'))
    await call?.commit()
    await expect(behind).resolves.toMatchObject({ ok: true })
  })

  it('splits into at most four singles at once', async () => {
    const test = bench()
    await group(test, 'a', 'b', 'c', 'd', 'e', 'f')
    await test.held.call(0).fail('rejected')
    expect(test.held.calls).toHaveLength(1 + 4)
    await test.held.call(1).commit()
    expect(test.held.calls).toHaveLength(1 + 5)
  })

  it('splits into further singles as earlier ones end', async () => {
    const test = bench()
    for (let round = 0; round < 3; round += 1) {
      const answers = await group(test, 'a', 'b')
      await test.held.call(3 * round).fail('busy')
      await test.held.call(3 * round + 1).commit()
      await test.held.call(3 * round + 2).commit()
      expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }])
    }
  })

  it('with rejected cannot fail the other members', async () => {
    const test = bench()
    const good = test.charge('a')
    const bad = test.charge('x')
    const alsoGood = test.charge('b')
    await turn()
    await test.held.call(0).fail('rejected')
    await test.held.call(1).commit()
    await test.held.call(2).fail('rejected')
    await test.held.call(3).commit()
    await expect(good).resolves.toMatchObject({ ok: true })
    await expect(alsoGood).resolves.toMatchObject({ ok: true })
    const error = await ended(bad)
    expect(isStoreError(error) && error.kind).toBe('rejected')
    expect(test.held.calls).toHaveLength(4)
    expect([await test.held.balance('a'), await test.held.balance('b')]).toEqual([100, 100])
  })

  it('with an error that is not a store error is not retried', async () => {
    const test = bench()
    const answers = await group(test, 'a', 'b')
    await test.held.call(0).fail(new TypeError('a bug in the adapter'))
    for (const answer of answers) await expect(answer).rejects.toThrow('a bug in the adapter')
    expect(test.held.calls).toHaveLength(1)
  })
})

describe('an in-doubt commit', () => {
  it('that happened is answered, and not repeated', async () => {
    const test = bench()
    const [answer] = await group(test, 'a')
    await test.held.call(0).commitAndFail('ambiguous')
    await expect(answer).resolves.toMatchObject({ ok: true, result: { balance: 100 } })
    expect(test.held.calls).toHaveLength(1)
  })

  it('that did not happen is repeated once', async () => {
    const test = bench()
    const [answer] = await group(test, 'a')
    await test.held.call(0).fail('ambiguous')
    await test.held.call(1).commit()
    await expect(answer).resolves.toMatchObject({ ok: true, result: { balance: 100 } })
    expect(await test.held.balance('a')).toBe(100)
  })

  it('blocks later commands until it is resolved', async () => {
    const test = bench()
    let tell: (committed: boolean) => void = () => {}
    test.held.committed = () => new Promise((resolve) => (tell = resolve))
    const [answer] = await group(test, 'a')
    const behind = test.charge('a')
    await test.held.call(0).commitAndFail('ambiguous')
    expect(test.held.calls).toHaveLength(1)
    expect(await ended(answer as Promise<unknown>)).toBe('waits')
    tell(true)
    await turn()
    await test.held.call(1).commit()
    await expect(behind).resolves.toMatchObject({ result: { balance: 200 } })
  })

  it('is queried until the store knows', async () => {
    const test = bench()
    let asked = 0
    test.held.committed = async (groupId) => {
      asked += 1
      if (asked < 4) throw away()
      return test.held.rows.committed(groupId)
    }
    const [answer] = await group(test, 'a')
    await test.held.call(0).commitAndFail('ambiguous')
    await expect(answer).resolves.toMatchObject({ ok: true })
    expect([asked, test.held.calls.length]).toEqual([4, 1])
    expect(test.timer.pauses).toEqual([20, 40, 80])
  })

  it('that the store never resolves is reported as ambiguous when the callers time out', async () => {
    const test = bench({ timeoutMs: 500 })
    test.held.committed = () => Promise.reject(away())
    const answers = await group(test, 'a', 'b')
    await test.held.call(0).commitAndFail('ambiguous')
    for (const answer of answers)
      await expect(answer).rejects.toMatchObject({ name: 'ShopUnavailable', ambiguous: true })
    expect(test.held.calls).toHaveLength(1)
    expect(test.timer.now).toBeGreaterThanOrEqual(500)
  })

  it('is queried until its last caller times out', async () => {
    const test = bench({ timeoutMs: 100 })
    const asked: number[] = []
    test.held.committed = () => {
      asked.push(test.timer.now)
      return Promise.reject(away())
    }
    await group(test, 'a')
    const behind = [test.charge('b')]
    test.timer.now = 40
    behind.push(test.charge('c'))
    await test.held.call(0).commit()
    await test.held.call(1).commitAndFail('ambiguous')
    for (const answer of behind) await expect(answer).rejects.toMatchObject({ ambiguous: true })
    expect(asked).toEqual([40, 60, 100, 180])
  })

  it('is not queried once its callers have timed out', async () => {
    const test = bench({ timeoutMs: 60 })
    let asked = 0
    test.held.committed = () => {
      asked += 1
      return Promise.reject(away())
    }
    const [answer] = await group(test, 'a')
    await test.held.call(0).commitAndFail('ambiguous')
    await expect(answer).rejects.toMatchObject({ ambiguous: true })
    expect([asked, test.timer.now]).toEqual([3, 60])
  })

  it('is queried after pauses that are half random', async () => {
    const test = bench({ timeoutMs: 30 })
    test.timer.random = () => 0
    test.held.committed = () => Promise.reject(away())
    const [answer] = await group(test, 'a')
    await test.held.call(0).commitAndFail('ambiguous')
    await expect(answer).rejects.toMatchObject({ ambiguous: true })
    expect(test.timer.pauses).toEqual([10, 20])
  })

  it('stays in doubt if the query fails for another reason', async () => {
    const test = bench()
    test.held.committed = () => Promise.reject(new TypeError('a bug in the adapter'))
    const [answer] = await group(test, 'a')
    await test.held.call(0).commitAndFail('ambiguous')
    await expect(answer).rejects.toMatchObject({ ambiguous: true })
  })

  it('with a key is resolved by the next call with that key', async () => {
    const test = bench({ timeoutMs: 500 })
    const truth = test.held.committed
    test.held.committed = () => Promise.reject(away())
    const first = test.charge('a', 100, 'key')
    await turn()
    await test.held.call(0).commitAndFail('ambiguous')
    await expect(first).rejects.toMatchObject({ ambiguous: true })
    test.held.committed = truth
    const again = test.charge('a', 100, 'key')
    await turn()
    await test.held.call(1).commit()
    await expect(again).resolves.toMatchObject({ ok: true, replayed: true, result: { balance: 100 } })
  })
})
