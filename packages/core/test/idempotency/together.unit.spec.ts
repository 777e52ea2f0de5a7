import { describe, expect, it } from 'vitest'
import { chargeBalance, registerUser } from '../../src/commands.js'
import { createShop, type Shop } from '../../src/index.js'
import { bench, turn } from '../executor/held-store.js'
import { expectOneEffect, twoShops } from './one-effect.js'

const keyed = { idempotency: { scope: 'u1', key: 'k' } }

const charge = (shop: Shop) => shop.execute(chargeBalance, { userId: 'u1', amount: 100 }, keyed)

describe('concurrent duplicates', () => {
  it('have one effect within one group', async () => {
    const { held, charge: send } = bench()
    const answers = [1, 2, 3].map(() => send('u1', 100, 'k'))
    await turn()
    expect(held.calls).toHaveLength(1)
    await held.call(0).commit()
    expectOneEffect(await Promise.all(answers))
    expect(await held.balance('u1')).toBe(100)
  })

  it('each get their own copy of the answer', async () => {
    const { held, charge: send } = bench()
    const answers = [send('u1', 100, 'k'), send('u1', 100, 'k')]
    await turn()
    await held.call(0).commit()
    const [first, again] = await Promise.all(answers)
    if (first?.ok) Reflect.set(first.result as object, 'balance', 'spoilt')
    expect(again).toMatchObject({ ok: true, replayed: true, result: { balance: 100 } })
  })

  it('have one effect across consecutive groups', async () => {
    const { held, charge: send } = bench()
    const answers = [send('u1', 100, 'k')]
    await turn()
    answers.push(send('u1', 100, 'k'))
    await held.call(0).commit()
    await held.call(1).commit()
    expectOneEffect(await Promise.all(answers))
    expect(await held.balance('u1')).toBe(100)
  })

  it('refuse another request within the same group', async () => {
    const { held, charge: send } = bench()
    const answers = [send('u1', 100, 'k'), send('u1', 200, 'k')]
    await turn()
    await held.call(0).commit()
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } }])
    expect(await held.balance('u1')).toBe(100)
  })

  it('have one effect across concurrent groups: the second finds the outcome of the first', async () => {
    const { held, submit } = bench({ concurrentGroups: 2 })
    // One key, but no shared row: two different requests run at once.
    const send = (userId: string) => submit({ command: registerUser, input: { userId }, ...keyed })
    const answers = [send('a')]
    await turn()
    answers.push(send('b'))
    await turn()
    expect(held.calls).toHaveLength(2)
    await held.call(0).commit()
    await held.call(1).commit()
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { refusal: { code: 'IDEMPOTENCY_KEY_REUSED' } }])
    expect(await held.balance('b')).toBeUndefined()
  })

  it('are decided again if the key appears after the first lookup', async () => {
    const { held, charge: send } = bench()
    const answer = send('u1', 100, 'k')
    await turn()
    // Another server wrote first.
    const other = createShop({ store: held.rows })
    await charge(other)
    await held.call(0).fail('conflict')
    await held.call(1).commit()
    await expect(answer).resolves.toMatchObject({ ok: true, replayed: true })
    expect(await held.balance('u1')).toBe(100)
  })

  it('have one effect on two shops over one store', async () => {
    const { memory, shopOf } = twoShops()
    const outcomes = await Promise.all([0, 1, 0, 1].map((index) => charge(shopOf(index))))
    expectOneEffect(outcomes)
    expect((await memory.reads.wallet('u1')).found?.balance).toBe(100)
  })

  it('have one effect if the first commit was in doubt', async () => {
    const { held, charge: send } = bench()
    const answers = [send('u1', 100, 'k'), send('u1', 100, 'k')]
    await turn()
    await held.call(0).commitAndFail('ambiguous')
    expectOneEffect(await Promise.all(answers))
    expect(await held.balance('u1')).toBe(100)
  })
})
