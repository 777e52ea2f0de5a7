import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CommandQueue } from '../../src/engine/command-queue.js'
import { lockedRows } from '../../src/store/key-lists.js'

interface Command {
  readonly rows: readonly string[]
}

/** Each command is written as the rows it locks: `a+b`. */
const command = (text: string): Command => ({ rows: text.split('+') })
const textOf = (group: readonly Command[] | undefined) => group?.map(({ rows }) => rows.join('+')).join(' ')

const queueOf = (maxGroupSize: number, ...commands: readonly string[]) => {
  const queue = new CommandQueue<Command>(maxGroupSize)
  for (const each of commands) queue.enqueue(command(each))
  const groups: (readonly Command[])[] = []
  return {
    queue,
    enqueue: (text: string) => queue.enqueue(command(text)),
    take: () => {
      const group = queue.takeGroup()
      if (group) groups.push(group)
      return textOf(group)
    },
    /** Releases the nth taken group. */
    release: (index: number) => queue.release(groups[index] ?? []),
  }
}

describe('the command queue', () => {
  it('has no group while no command is queued', () => {
    const { queue, take } = queueOf(10)
    expect([queue.hasReady, take()]).toEqual([false, undefined])
  })

  it('takes ready commands in order, up to the group size, even if they share rows with each other', () => {
    const { queue, take } = queueOf(3, 'a', 'a+b', 'c', 'd')
    expect(take()).toBe('a a+b c')
    expect(queue.hasReady).toBe(true)
    expect(take()).toBe('d')
    expect(queue.hasReady).toBe(false)
  })

  it('blocks a command whose row is busy until the group is released', () => {
    const { queue, enqueue, take, release } = queueOf(10, 'a+b')
    take()
    expect([enqueue('b+c'), enqueue('c')]).toEqual([false, true])
    expect(take()).toBe('c')
    release(1)
    expect([queue.hasReady, take()]).toEqual([false, undefined])
    release(0)
    expect(take()).toBe('b+c')
  })

  it('blocks a ready command if another group took its row first', () => {
    const { queue, take, release } = queueOf(1, 'a', 'a', 'b')
    expect([take(), take()]).toEqual(['a', 'b'])
    expect(queue.hasReady).toBe(false)
    release(0)
    expect(take()).toBe('a')
  })

  it('takes no group if every ready command turns out to be blocked', () => {
    const { queue, take, release } = queueOf(1, 'a', 'a', 'a')
    expect([take(), take(), queue.hasReady]).toEqual(['a', undefined, false])
    release(0)
    expect([take(), take()]).toEqual(['a', undefined])
  })

  it.each([1, 2, 3])('serves one row first come, first served, with %i groups at once', (concurrent) => {
    const { enqueue, take, release } = queueOf(2, 'a', 'x')
    const texts = Array.from({ length: 40 }, (_, index) => `a+${index}`)
    const served: string[] = []
    let [taken, released] = [0, 0]
    const fill = () => {
      while (taken - released < concurrent) {
        const group = take()
        if (group === undefined) break
        taken += 1
        served.push(...group.split(' ').filter((text) => text.startsWith('a+')))
      }
    }
    fill()
    for (const [index, text] of texts.entries()) {
      enqueue(text)
      if (index % 3 === 0) enqueue(`other-${index}`)
      fill()
    }
    while (released < taken) {
      release(released)
      released += 1
      fill()
    }
    expect(served).toEqual(texts)
  })

  it('puts freed commands before ready ones that arrived later', () => {
    const { enqueue, take, release } = queueOf(10, 'a')
    take()
    enqueue('a')
    enqueue('b')
    release(0)
    expect(take()).toBe('a b')
  })

  it('reserves the rows of the command that has been blocked longest', () => {
    const { enqueue, take, release } = queueOf(1, 'a', 'b')
    take()
    take()
    enqueue('a+b')
    release(0)
    expect([enqueue('a'), take()]).toEqual([false, undefined])
    release(1)
    expect(take()).toBe('a+b')
    release(2)
    expect(take()).toBe('a')
  })

  it('reserves rows for the first sixteen blocked commands only', () => {
    const { enqueue, take, release } = queueOf(100, 'hot', 'x')
    take()
    enqueue('y')
    take()
    for (let index = 0; index < 17; index += 1) enqueue(`hot+row-${index}`)
    release(1)
    expect([enqueue('row-0'), enqueue('row-15'), enqueue('row-16')]).toEqual([false, false, true])
  })

  it('unblocks commands of four released groups in order of arrival', () => {
    const { enqueue, take, release } = queueOf(2, 'a')
    take()
    for (let index = 0; index < 9; index += 1) enqueue(`a+${index}`)
    release(0)
    const groups: (string | undefined)[] = []
    for (let taken = 1; ; taken += 1) {
      const group = take()
      if (group === undefined) break
      groups.push(group)
      release(taken)
    }
    expect(groups).toEqual(['a+0 a+1', 'a+2 a+3', 'a+4 a+5', 'a+6 a+7', 'a+8'])
  })

  it('runs every command exactly once, and never two groups that share a row', () => {
    const commands = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 }), { maxLength: 40 })
    fc.assert(
      fc.property(
        commands,
        fc.array(fc.nat(), { maxLength: 200 }),
        fc.integer({ min: 1, max: 3 }),
        (all, choices, size) => {
          const queue = new CommandQueue<Command>(size)
          const waiting = all.map((rows): Command => ({ rows }))
          const running: (readonly Command[])[] = []
          const done: Command[] = []
          const release = (index: number) => {
            for (const group of running.splice(index, 1)) {
              queue.release(group)
              done.push(...group)
            }
          }
          const take = () => {
            const group = queue.takeGroup()
            if (!group) return false
            expect(group.length).toBeLessThanOrEqual(size)
            const busy = new Set(running.flat().flatMap(({ rows }) => rows))
            for (const { rows } of group) for (const row of rows) expect(busy.has(row)).toBe(false)
            running.push(group)
            return true
          }
          for (const choice of choices) {
            const next = choice % 3 === 0 ? waiting.shift() : undefined
            if (next) queue.enqueue(next)
            else if (choice % 3 === 1) take()
            else release(choice % Math.max(1, running.length))
          }
          for (const each of waiting.splice(0)) queue.enqueue(each)
          while (take() || running.length > 0) release(0)
          expect(done).toHaveLength(all.length)
          expect(new Set(done).size).toBe(all.length)
          expect(queue.hasReady).toBe(false)
        },
      ),
    )
  })
})

describe('the rows of a command', () => {
  it('are the rows it locks, without duplicates, with the table in the name', () => {
    const lock = { wallets: ['x'], products: ['x'], coupons: ['x'], orders: ['x'] }
    const keys = { lock, read: { users: ['x'], terms: ['x'] } }
    const rows = lockedRows(keys)
    expect(new Set(rows).size).toBe(4)
    expect(lockedRows({ read: { users: ['x'], terms: ['x'], outcomes: [{ scope: 'x', key: 'x' }] } })).toEqual([])
  })
})
