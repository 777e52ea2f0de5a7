import { describe, expect, it } from 'vitest'
import { issueCoupon } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop } from '../../src/index.js'
import { auditStore } from '../../src/store.js'
import { bench, turn } from './held-store.js'

describe('the executor groups commands', () => {
  it('runs a lone command at once, without a timer', async () => {
    const { held, timer, charge } = bench()
    const answer = charge('a')
    await Promise.resolve()
    await Promise.resolve()
    expect(held.calls).toHaveLength(1)
    await held.call(0).commit()
    await expect(answer).resolves.toMatchObject({ ok: true, result: { balance: 100 } })
    expect(timer.pauses).toEqual([])
  })

  it('groups commands that arrive in the same turn', async () => {
    const { held, charge } = bench()
    charge('a')
    charge('b')
    await turn()
    expect(held.calls.map(({ wallets }) => wallets)).toEqual([['a', 'b']])
  })

  it('queues commands while a transaction runs, then groups them', async () => {
    const { held, charge } = bench()
    const answers = [charge('a')]
    await turn()
    for (const userId of ['b', 'c', 'd']) {
      answers.push(charge(userId))
      await turn()
    }
    expect(held.calls).toHaveLength(1)
    await held.call(0).commit()
    expect(held.calls.map(({ wallets }) => wallets)).toEqual([['a'], ['b', 'c', 'd']])
    await held.call(1).commit()
    expect(await Promise.all(answers)).toHaveLength(4)
  })

  it('answers no caller before the commit', async () => {
    const { held, charge } = bench()
    let answered = false
    void charge('a').then(() => {
      answered = true
    })
    await turn()
    expect(answered).toBe(false)
    await held.call(0).commit()
    expect(answered).toBe(true)
  })

  it('limits the group size, in order of arrival', async () => {
    const { held, charge } = bench({ maxGroupSize: 2 })
    const answers = ['a', 'b', 'c', 'd', 'e'].map((userId) => charge(userId))
    await turn()
    for (let index = 0; index < 3; index += 1) await held.call(index).commit()
    expect(held.calls.map(({ wallets }) => wallets)).toEqual([['a', 'b'], ['c', 'd'], ['e']])
    expect(await Promise.all(answers)).toHaveLength(5)
  })

  it('gives each attempt its own group id', async () => {
    const { held, charge } = bench()
    charge('a')
    await turn()
    await held.call(0).fail('conflict')
    await held.call(1).commit()
    expect(held.call(0).groupId).toBeDefined()
    expect(held.call(0).groupId).not.toBe(held.call(1).groupId)
  })

  it('decides commands in order of arrival, each on the changes of the commands before it', async () => {
    const { held, charge } = bench({ maxGroupSize: 3 })
    const answers = [1, 2, 3, 4, 5].map((amount) => charge('a', amount))
    await turn()
    await held.call(0).commit()
    await held.call(1).commit()
    const balances = (await Promise.all(answers)).map(
      (outcome) => outcome.ok && (outcome.result as { balance: 1 }).balance,
    )
    expect(balances).toEqual([1, 3, 6, 10, 15])
  })

  it('serves callers of one row first come, first served, for any queue length', async () => {
    const store = inMemoryStore()
    const slow = {
      ...store,
      transact: async (...args: Parameters<typeof store.transact>) => {
        await turn()
        await store.transact(...args)
      },
    }
    const shop = createShop({ store: slow, limits: { maxGroupSize: 2 } })
    const couponId = 'opening'
    const discount = { kind: 'fixed', amount: 1 } as const
    await shop.coupons.create({ couponId, name: 'Opening', discount, quantity: 30, validUntil: Date.now() + 60_000 })
    const callers = Array.from({ length: 100 }, (_, index) => `u${index}`)
    const outcomes = await Promise.all(callers.map((userId) => shop.execute(issueCoupon, { couponId, userId })))
    expect(callers.filter((_, index) => outcomes[index]?.ok)).toEqual(callers.slice(0, 30))
  })

  it('starts another group if no group has ended for a tenth of a second', async () => {
    const { held, timer, charge } = bench({ concurrentGroups: 1, extraGroupsWhenStalled: 1 })
    charge('a')
    await turn()
    const other = charge('b')
    await turn()
    expect(timer.pauses).toEqual([100])
    expect(held.calls.map(({ wallets }) => wallets)).toEqual([['a'], ['b']])
    await held.call(1).commit()
    await expect(other).resolves.toMatchObject({ ok: true })
  })

  it('makes only commands for the same row wait for a stuck group', async () => {
    const { held, charge } = bench({ concurrentGroups: 2 })
    const stuck = charge('a')
    await turn()
    charge('a')
    const free = charge('b')
    await turn()
    expect(held.calls.map(({ wallets }) => wallets)).toEqual([['a'], ['b']])
    await held.call(1).commit()
    await expect(free).resolves.toMatchObject({ ok: true })
    await held.call(0).commit()
    await held.call(2).commit()
    await expect(stuck).resolves.toMatchObject({ ok: true })
    expect(await held.balance('a')).toBe(200)
  })

  it('reports every group to its observer', async () => {
    const groups: number[] = []
    const { held, charge } = bench({}, { onGroup: ({ size }) => groups.push(size) })
    charge('a')
    await turn()
    charge('b')
    charge('c')
    await held.call(0).commit()
    await held.call(1).commit()
    expect(groups).toEqual([1, 2])
  })

  it('runs each of 10,000 commands exactly once', async () => {
    let transactions = 0
    const store = inMemoryStore()
    const counting = {
      ...store,
      transact: async (...args: Parameters<typeof store.transact>) => {
        transactions += 1
        await turn()
        await store.transact(...args)
      },
    }
    const shop = createShop({ store: counting })
    const charges = Array.from({ length: 10_000 }, (_, index) =>
      shop.balance.charge({ userId: `u${index % 10}`, amount: 1 }),
    )
    expect(shop.queued).toBe(10_000)
    const entries = new Set((await Promise.all(charges)).map(({ entryId }) => entryId))
    expect(entries.size).toBe(10_000)
    for (let user = 0; user < 10; user += 1) {
      await expect(shop.balance.get({ userId: `u${user}` })).resolves.toMatchObject({ balance: 1_000 })
    }
    expect(shop.queued).toBe(0)
    expect(transactions).toBeLessThan(100)
    expect((await auditStore(store)).violations).toEqual([])
  })
})
