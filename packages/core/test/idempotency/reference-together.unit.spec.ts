import { describe, expect, it } from 'vitest'
import { chargeBalance, placeOrder, withdrawBalance } from '../../src/commands.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop } from '../../src/index.js'
import { noKeys } from '../../src/store.js'
import { changesOf } from '../../src/testing/index.js'
import { bench, turn } from '../executor/held-store.js'
import { expectOneEffect, twoShops } from './one-effect.js'

const charge = (userId: string, amount: number, reference = 'r') => ({
  command: chargeBalance,
  input: { userId, amount, reference },
})

describe('requests with one reference', () => {
  it('have one effect within one group, and each caller gets an answer of its own', async () => {
    const { held, submit } = bench()
    const answers = [1, 2, 3].map(() => submit(charge('u1', 100)))
    await turn()
    expect(held.calls).toHaveLength(1)
    await held.call(0).commit()
    const outcomes = await Promise.all(answers)
    expectOneEffect(outcomes)
    expect(await held.balance('u1')).toBe(100)
    const [first, second] = outcomes
    if (first?.ok) Reflect.set(first.result as object, 'balance', 'spoilt')
    expect(second).toMatchObject({ ok: true, replayed: true, result: { balance: 100 } })
    const later = submit(charge('u1', 100))
    await turn()
    await held.call(1).commit()
    expect(await later).toEqual(second)
  })

  it('refuse another request within the same group', async () => {
    const { held, submit } = bench()
    const answers = [submit(charge('u1', 100)), submit(charge('u1', 200)), submit(charge('u2', 100))]
    await turn()
    await held.call(0).commit()
    const reused = { ok: false, refusal: { code: 'REFERENCE_REUSED', reference: 'r', userId: 'u1' }, replayed: false }
    expect(await Promise.all(answers)).toMatchObject([{ ok: true, replayed: false }, reused, reused])
    expect([await held.balance('u1'), await held.balance('u2')]).toEqual([100, undefined])
  })

  it('leave the reference to the first that is accepted', async () => {
    const { held, submit } = bench()
    const withdraw = (amount: number) =>
      submit({ command: withdrawBalance, input: { userId: 'u1', amount, reference: 'r' } })
    submit({ command: chargeBalance, input: { userId: 'u1', amount: 100 } })
    const answers = [withdraw(101), withdraw(100), withdraw(101)]
    await turn()
    await held.call(0).commit()
    expect(await Promise.all(answers)).toMatchObject([
      { refusal: { code: 'BALANCE_INSUFFICIENT' } },
      { ok: true, replayed: false },
      { refusal: { code: 'REFERENCE_REUSED' } },
    ])
  })

  it('wait for a first request that is still running', async () => {
    const { held, submit } = bench({ concurrentGroups: 2 })
    const answers = [submit(charge('u1', 100))]
    await turn()
    const reused = submit(charge('u1', 200))
    answers.push(submit(charge('u1', 100)))
    let isAnswered = false
    reused.then(() => {
      isAnswered = true
    })
    await turn()
    expect([held.calls.length, isAnswered]).toEqual([1, false])
    await held.call(0).commit()
    await held.call(1).commit()
    expectOneEffect(await Promise.all(answers))
    expect(await reused).toMatchObject({ refusal: { code: 'REFERENCE_REUSED' } })
  })

  it('have one effect in groups that share no row: the second is decided again', async () => {
    const { held, submit } = bench({ concurrentGroups: 2 })
    const answers = [submit(charge('a', 100))]
    await turn()
    answers.push(submit(charge('b', 100)))
    await turn()
    expect(held.calls).toHaveLength(2)
    await held.call(0).commit()
    // What a database reports when the first has inserted the reference after the second looked for it.
    await held.call(1).fail('conflict')
    await held.call(2).commit()
    expect(await Promise.all(answers)).toMatchObject([
      { ok: true, replayed: false },
      { refusal: { code: 'REFERENCE_REUSED', userId: 'a' } },
    ])
    expect(await held.balance('b')).toBeUndefined()
  })

  it('have one effect if the first commit was in doubt', async () => {
    const { held, submit } = bench()
    const answers = [submit(charge('u1', 100)), submit(charge('u1', 100))]
    await turn()
    await held.call(0).commitAndFail('ambiguous')
    expectOneEffect(await Promise.all(answers))
    expect(await held.balance('u1')).toBe(100)
  })

  it.each(['entries', 'references'] as const)(
    'never write two %s: the store refuses the second as a conflict',
    async (table) => {
      const store = inMemoryStore()
      const shop = createShop({ store })
      await shop.balance.charge({ userId: 'u1', amount: 100, reference: 'r' })
      await shop.products.create({ productId: 'p', name: 'P', price: 1, stock: 1 })
      await shop.orders.place({ userId: 'u1', products: [{ productId: 'p', quantity: 1 }], reference: 'r' })
      const [row] = store.rows(table)
      const write = (changed: object) =>
        store.transact(noKeys, () => changesOf({ inserted: { [table]: [{ ...row, ...changed }] } }))
      await expect(write({ userId: 'u2', sequence: 7 })).rejects.toMatchObject({ kind: 'conflict' })
      await write({ userId: 'u2', sequence: 7, reference: 'R' })
    },
  )
})

describe('a hundred requests at once with one reference', () => {
  it('on two shops are one charge and a hundred equal answers', async () => {
    const { memory, shopOf } = twoShops()
    const { command, input } = charge('u1', 7_000)
    const send = (nth: number) =>
      shopOf(nth).execute(command, input, nth % 3 === 0 ? { idempotency: { scope: 's', key: `k${nth}` } } : {})
    expectOneEffect(await Promise.all(Array.from({ length: 100 }, (_, nth) => send(nth))))
    expect(memory.rows('entries')).toMatchObject([{ kind: 'charge', amount: 7_000, reference: 'r' }])
    expect((await shopOf(0).audit()).violations).toEqual([])
  })

  it('for different users are one charge and 99 refusals', async () => {
    const { memory, shopOf } = twoShops()
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, nth) => {
        const { command, input } = charge(`u${nth}`, 7_000)
        return shopOf(nth).execute(command, input)
      }),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes.filter((each) => !each.ok && each.refusal.code === 'REFERENCE_REUSED')).toHaveLength(99)
    expect(memory.rows('wallets')).toHaveLength(1)
  })

  it('are one order, which holds its stock once', async () => {
    const { memory, shopOf } = twoShops()
    await shopOf(0).products.create({ productId: 'p', name: 'P', price: 1, stock: 100 })
    const input = { userId: 'u1', products: [{ productId: 'p', quantity: 2 }], reference: 'r' }
    expectOneEffect(await Promise.all(Array.from({ length: 100 }, (_, nth) => shopOf(nth).execute(placeOrder, input))))
    expect(memory.rows('orders')).toHaveLength(1)
    expect(memory.rows('products')).toMatchObject([{ held: 2 }])
  })
})
