import { describe, expect, it } from 'vitest'
import { chargeBalance } from '../../src/commands.js'
import { CommandQueue } from '../../src/engine/command-queue.js'
import { turn } from './held-store.js'

const line = ({ maxGroupSize = 10, concurrentGroups = 2, extraGroupsWhenStalled = 0 } = {}) => {
  const groups: string[] = []
  const ends: (() => void)[] = []
  const pauses: (() => void)[] = []
  const answered: string[] = []
  const made = new CommandQueue({
    maxGroupSize,
    concurrentGroups,
    extraGroupsWhenStalled,
    pause: () => new Promise((resolve) => pauses.push(resolve)),
    run: (group) => {
      const name = group.map(({ keys }) => keys.products?.join('+')).join(' ')
      groups.push(name)
      return new Promise((resolve) => ends.push(() => resolve(() => answered.push(`${name} before ${groups.at(-1)}`))))
    },
  })
  return {
    groups,
    /** Each group that was answered, and the one that was started last by then. */
    answered,
    /** Each command by the products it wants, as in `a+b`. */
    ask: async (...commands: readonly string[]) => {
      for (const each of commands) {
        made.push({
          call: { command: chargeBalance, input: { userId: 'u1', amount: 1 } },
          outlines: { order: () => undefined },
          keys: { products: each.split('+') },
          caller: { since: 0, isUnderWay: false, giveUp: () => {} },
          resolve: () => {},
          reject: () => {},
        })
      }
      await turn()
      await turn()
    },
    /** Everybody who pauses goes on. */
    timePasses: async () => {
      for (const resolve of pauses.splice(0)) resolve()
      await turn()
    },
    end: async (index: number) => {
      ends[index]?.()
      await turn()
      await turn()
    },
  }
}

describe('groups that run side by side', () => {
  it('have no row in common: who wants one that is under way waits, and others go', async () => {
    const { ask, end, groups } = line()
    await ask('a+b')
    await ask('b+c', 'd', 'a')
    expect(groups).toEqual(['a+b', 'd'])
    await end(0)
    expect(groups).toEqual(['a+b', 'd', 'b+c a'])
  })

  it('are not more than there are concurrentGroups', async () => {
    const { ask, end, groups } = line()
    await ask('a')
    await ask('b')
    await ask('c')
    expect(groups).toEqual(['a', 'b'])
    await end(1)
    expect(groups).toEqual(['a', 'b', 'c'])
  })

  it('leave what was full behind to the next lane, if it wants nothing that is under way', async () => {
    const { ask, end, groups } = line({ maxGroupSize: 2 })
    await ask('a', 'b', 'b', 'c')
    expect(groups).toEqual(['a b', 'c'])
    await end(0)
    expect(groups).toEqual(['a b', 'c', 'b'])
  })

  it('pass over nobody for ever: what the one who waits longest wants is kept for them', async () => {
    const { ask, end, groups } = line()
    await ask('a')
    await ask('b')
    await ask('a+b')
    await end(0)
    // `a` is free, but whoever took it now would go before the one who wants both.
    await ask('a')
    expect(groups).toEqual(['a', 'b'])
    await end(1)
    expect(groups).toEqual(['a', 'b', 'a+b a'])
  })

  it('take those behind a long line of others who wait for one row', async () => {
    const { ask, end, groups } = line({ maxGroupSize: 2 })
    await ask('hot', 'hot', 'hot', 'hot', 'hot')
    expect(groups).toEqual(['hot hot'])
    await ask('cold')
    expect(groups).toEqual(['hot hot', 'cold'])
    await end(0)
    await end(2)
    expect(groups).toEqual(['hot hot', 'cold', 'hot hot', 'hot'])
  })

  it('are answered when the next one is on its way', async () => {
    const { ask, end, answered } = line()
    await ask('a')
    await ask('a', 'a+b')
    await end(0)
    expect(answered).toEqual(['a before a a+b'])
    await end(1)
    expect(answered).toEqual(['a before a a+b', 'a a+b before a a+b'])
  })

  it('get a spare lane each time that none of them has ended for a while, and no more than there are', async () => {
    const { ask, groups, timePasses } = line({ concurrentGroups: 1, extraGroupsWhenStalled: 2 })
    await ask('a')
    await ask('b', 'a')
    expect(groups).toEqual(['a'])
    await timePasses()
    expect(groups).toEqual(['a', 'b'])
    await ask('c')
    await timePasses()
    expect(groups).toEqual(['a', 'b', 'c'])
    await ask('d')
    await timePasses()
    expect(groups).toEqual(['a', 'b', 'c'])
  })

  it('keep a spare lane until a group that was stuck ends', async () => {
    const { ask, end, groups, timePasses } = line({ concurrentGroups: 1, extraGroupsWhenStalled: 1 })
    await ask('a')
    await ask('b')
    await timePasses()
    await end(1)
    await ask('c')
    expect(groups).toEqual(['a', 'b', 'c'])
    await end(2)
    await end(0)
    await ask('d')
    await ask('e')
    expect(groups).toEqual(['a', 'b', 'c', 'd'])
  })

  it('get no spare lane while they end', async () => {
    const { ask, end, groups, timePasses } = line({ concurrentGroups: 1, extraGroupsWhenStalled: 1, maxGroupSize: 1 })
    await ask('a', 'b', 'c')
    await end(0)
    await timePasses()
    expect(groups).toEqual(['a', 'b'])
    await timePasses()
    expect(groups).toEqual(['a', 'b', 'c'])
  })
})
