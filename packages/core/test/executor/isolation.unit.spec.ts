import { describe, expect, it } from 'vitest'
import { type AnyCommandForTest, brokenCommands } from './broken-commands.js'
import { bench, turn } from './held-store.js'

const broken = (command: AnyCommandForTest, userId = 'x') => ({ command, input: { userId } })

describe('a member of a group', () => {
  it.each([
    ['whose decider throws', brokenCommands.throws, /decider is broken/],
    ['whose decider reads a row that its keys do not name', brokenCommands.looksAside, /not among the keys/],
    ['that would write a negative balance', brokenCommands.goesNegative, /with balance -1/],
    ['that would hold more units than the stock', brokenCommands.overholds, /with stock 1, 2 of it held/],
    ['that would issue more copies than the quantity', brokenCommands.overissues, /with 2 of 1 issued/],
  ])('%s fails alone', async (_, command, message) => {
    const { held, charge, submit } = bench()
    const before = charge('a')
    const bad = submit(broken(command))
    const after = charge('b')
    await turn()
    expect(held.calls).toHaveLength(1)
    await held.call(0).commit()
    await expect(before).resolves.toMatchObject({ ok: true })
    await expect(bad).rejects.toMatchObject({ message: expect.stringMatching(message) })
    await expect(after).resolves.toMatchObject({ ok: true })
    expect(held.calls).toHaveLength(1)
  })

  it('that is a bug leaves none of its changes, not even the valid ones', async () => {
    const { held, submit } = bench()
    submit(broken(brokenCommands.writesThenGoesNegative))
    await turn()
    await held.call(0).commit()
    expect(await held.balance('written-first')).toBeUndefined()
  })

  it('that is refused changes nothing', async () => {
    const { held, charge } = bench()
    const refused = charge('a', 1_000_001)
    const accepted = charge('b')
    await turn()
    await held.call(0).commit()
    await expect(refused).resolves.toMatchObject({ ok: false, refusal: { code: 'CHARGE_AMOUNT_INVALID' } })
    await expect(accepted).resolves.toMatchObject({ ok: true })
    expect(await held.balance('a')).toBeUndefined()
  })

  it('that is refused stores the outcome of its key, and nothing else', async () => {
    const { held, charge } = bench()
    charge('a', 1_000_001, 'key')
    await turn()
    await held.call(0).commit()
    expect(await held.balance('a')).toBeUndefined()
    const again = charge('a', 1_000_001, 'key')
    await turn()
    await held.call(1).commit()
    await expect(again).resolves.toMatchObject({ ok: false, replayed: true })
  })

  it('whose input is malformed never reaches the store', async () => {
    const { held, executor, charge } = bench()
    await expect(charge('a', 1.5, 'key')).resolves.toMatchObject({ ok: false, refusal: { code: 'INVALID_REQUEST' } })
    expect(held.calls).toHaveLength(0)
    expect(executor.queued).toBe(0)
  })

  it('whose keys cannot be computed fails at once, and is not counted as queued', async () => {
    const { held, executor, submit } = bench()
    await expect(submit(broken(brokenCommands.namesNoKeys))).rejects.toThrow('no keys')
    expect(executor.queued).toBe(0)
    expect(held.calls).toHaveLength(0)
  })
})
