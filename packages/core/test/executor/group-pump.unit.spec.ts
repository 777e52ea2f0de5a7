import { describe, expect, it } from 'vitest'
import { GroupPump } from '../../src/engine/command-queue.js'
import { turn } from './held-store.js'

const pump = ({ maxGroupSize = 10, concurrentGroups = 2, extraGroupsWhenStalled = 0 } = {}) => {
  const groups: string[] = []
  const ends: (() => void)[] = []
  const pauses: (() => void)[] = []
  const answered: string[] = []
  const made = new GroupPump<{ readonly rows: readonly string[] }>({
    maxGroupSize,
    concurrentGroups,
    extraGroupsWhenStalled,
    timer: { pause: () => new Promise((resolve) => pauses.push(resolve)) },
    commit: (group) => {
      const name = group.map(({ rows }) => rows.join('+')).join(' ')
      groups.push(name)
      return new Promise((resolve) => ends.push(() => resolve(() => answered.push(`${name} before ${groups.at(-1)}`))))
    },
  })
  return {
    groups,
    /** Each answered group, and the newest group that had started before it. */
    answered,
    /** Each command is written as the rows it locks: `a+b`. */
    ask: async (...commands: readonly string[]) => {
      for (const each of commands) made.enqueue({ rows: each.split('+') })
      await turn()
      await turn()
    },
    /** All pauses end. */
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

describe('concurrent groups', () => {
  it('share no row: a command that needs a busy row waits, and others proceed', async () => {
    const { ask, end, groups } = pump()
    await ask('a+b')
    await ask('b+c', 'd', 'a')
    expect(groups).toEqual(['a+b', 'd'])
    await end(0)
    expect(groups).toEqual(['a+b', 'd', 'b+c a'])
  })

  it('never exceed concurrentGroups', async () => {
    const { ask, end, groups } = pump()
    await ask('a')
    await ask('b')
    await ask('c')
    expect(groups).toEqual(['a', 'b'])
    await end(1)
    expect(groups).toEqual(['a', 'b', 'c'])
  })

  it('leave commands that do not fit to the next group, if its rows are free', async () => {
    const { ask, end, groups } = pump({ maxGroupSize: 2 })
    await ask('a', 'b', 'b', 'c')
    expect(groups).toEqual(['a b', 'c'])
    await end(0)
    expect(groups).toEqual(['a b', 'c', 'b'])
  })

  it('never starve a command: the rows of the longest-waiting command are reserved', async () => {
    const { ask, end, groups } = pump()
    await ask('a')
    await ask('b')
    await ask('a+b')
    await end(0)
    // `a` is free, but a command that took it now would overtake the one that needs both.
    await ask('a')
    expect(groups).toEqual(['a', 'b'])
    await end(1)
    expect(groups).toEqual(['a', 'b', 'a+b a'])
  })

  it('take commands from behind a long queue for one row', async () => {
    const { ask, end, groups } = pump({ maxGroupSize: 2 })
    await ask('hot', 'hot', 'hot', 'hot', 'hot')
    expect(groups).toEqual(['hot hot'])
    await ask('cold')
    expect(groups).toEqual(['hot hot', 'cold'])
    await end(0)
    await end(2)
    expect(groups).toEqual(['hot hot', 'cold', 'hot hot', 'hot'])
  })

  it('combine all commands that arrive in one turn of the event loop', async () => {
    const { ask, end, groups } = pump({ concurrentGroups: 2 })
    await ask('a', 'b', 'c')
    expect(groups).toEqual(['a b c'])
    await ask('d', 'e')
    expect(groups).toEqual(['a b c', 'd e'])
    await end(0)
    expect(groups).toHaveLength(2)
  })

  it('are answered after the next one has started', async () => {
    const { ask, end, answered } = pump()
    await ask('a')
    await ask('a', 'a+b')
    await end(0)
    expect(answered).toEqual(['a before a a+b'])
    await end(1)
    expect(answered).toEqual(['a before a a+b', 'a a+b before a a+b'])
  })

  it('get one extra group each time all groups stall, up to the limit', async () => {
    const { ask, groups, timePasses } = pump({ concurrentGroups: 1, extraGroupsWhenStalled: 2 })
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

  it('keep the extra group until a stalled group ends', async () => {
    const { ask, end, groups, timePasses } = pump({ concurrentGroups: 1, extraGroupsWhenStalled: 1 })
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

  it('get no extra group while groups still end', async () => {
    const { ask, end, groups, timePasses } = pump({ concurrentGroups: 1, extraGroupsWhenStalled: 1, maxGroupSize: 1 })
    await ask('a', 'b', 'c')
    await end(0)
    await timePasses()
    expect(groups).toEqual(['a', 'b'])
    await timePasses()
    expect(groups).toEqual(['a', 'b', 'c'])
  })
})
