import { describe, expect, it } from 'vitest'
import { AcknowledgedGroups } from '../../src/engine/acknowledged-groups.js'
import { ScriptedTimer } from './scripted-history.js'

describe('remembered groups', () => {
  const bounds = { maxAgeMs: 1_000, maxGroups: 3, maxOrderIds: 4 }
  const remembering = () => {
    const timer = new ScriptedTimer()
    const groups = new AcknowledgedGroups(timer, bounds)
    const add = (groupId: string, orderIds: readonly string[] = []) =>
      groups.add({ groupId, at: 0, commands: 1, orderIds })
    return { timer, groups, add, ids: () => groups.all().map(({ groupId }) => groupId) }
  }

  it('are none before the start and after the end', () => {
    const { groups, add, ids } = remembering()
    add('a')
    expect(ids()).toEqual([])
    groups.start(() => {})
    add('b')
    expect(ids()).toEqual(['b'])
    groups.stop()
    add('c')
    expect(ids()).toEqual([])
  })

  it('are bounded in number and in age, and know what they forgot too early', async () => {
    const { timer, groups, add, ids } = remembering()
    groups.start(() => {})
    for (const id of ['a', 'b', 'c']) add(id)
    await timer.move(1_000)
    // An outage makes nobody forget.
    expect(ids()).toEqual(['a', 'b', 'c'])
    add('d')
    expect([ids(), groups.hasForgotten]).toEqual([['d'], false])
    for (const id of ['e', 'f', 'g']) add(id)
    expect([ids(), groups.hasForgotten]).toEqual([['e', 'f', 'g'], true])
  })

  it('drop order ids beyond the bound, and say so', () => {
    const { groups, add } = remembering()
    groups.start(() => {})
    add('a', ['1', '2', '3'])
    add('b', ['4', '5'])
    add('c', ['6'])
    expect(groups.all().map(({ orderIds, hasMoreOrders }) => [orderIds.length, hasMoreOrders])).toEqual([
      [3, false],
      [0, true],
      [1, false],
    ])
    groups.forget(new Set(['a']))
    add('d', ['7', '8', '9'])
    expect(groups.all().map(({ groupId, orderIds }) => `${groupId} ${orderIds.length}`)).toEqual(['b 0', 'c 1', 'd 3'])
  })

  it('stay in order over many thousands', () => {
    const groups = new AcknowledgedGroups(new ScriptedTimer(), { ...bounds, maxGroups: 100 })
    groups.start(() => {})
    for (let index = 0; index < 10_000; index += 1)
      groups.add({ groupId: `${index}`, at: 0, commands: 1, orderIds: [] })
    expect(groups.all().map(({ groupId }) => Number(groupId))).toEqual(Array.from({ length: 100 }, (_, i) => 9_900 + i))
  })
})
