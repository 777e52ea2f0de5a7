import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Bulkhead } from '../src/reads/bulkhead.js'
import { gate } from './support/open-shop-database.js'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A task that records its start, and ends on demand. */
const pieceOf = (begun: string[], name: string) => {
  const { opened, open } = gate()
  return {
    end: open,
    work: () => {
      begun.push(name)
      return opened
    },
  }
}

describe('a bulkhead', () => {
  test('runs as many tasks at once as its width, and the rest in order', async () => {
    const bulkhead = new Bulkhead({ width: 2 })
    const begun: string[] = []
    const pieces = ['a', 'b', 'c', 'd'].map((name) => pieceOf(begun, name))
    const done = pieces.map(({ work }) => bulkhead.run(work))
    expect(begun).toEqual(['a', 'b'])
    pieces[1]?.end()
    await done[1]
    await vi.advanceTimersByTimeAsync(0)
    expect(begun).toEqual(['a', 'b', 'c'])
    for (const { end } of pieces) end()
    await Promise.all(done)
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
  })

  test('continues after a failed task', async () => {
    const bulkhead = new Bulkhead({ width: 1 })
    const failing = bulkhead.run(async () => Promise.reject(new Error('broken')))
    const next = bulkhead.run(async () => 'done')
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('done')
    expect(await bulkhead.run(async () => 'done')).toBe('done')
  })

  test('rejects a task that waits too long, and never starts it', async () => {
    const bulkhead = new Bulkhead({ width: 1, waitMs: 500 })
    const begun: string[] = []
    const [first, late, other] = ['first', 'late', 'other'].map((name) => pieceOf(begun, name))
    const running = bulkhead.run(first?.work as () => Promise<void>)
    const refused = bulkhead.run(late?.work as () => Promise<void>).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(499)
    const waiting = bulkhead.run(other?.work as () => Promise<void>)
    await vi.advanceTimersByTimeAsync(1)
    expect(await refused).toMatchObject({ kind: 'unavailable' })
    first?.end()
    await running
    other?.end()
    await waiting
    expect(begun).toEqual(['first', 'other'])
  })

  test('keeps tasks waiting while all are held up', async () => {
    let isHeldUp = true
    const bulkhead = new Bulkhead({ width: 1, waitMs: 500 })
    const { opened, open } = gate()
    const running = bulkhead.run(() => opened)
    const next = bulkhead.run(
      async () => 'done',
      () => isHeldUp,
    )
    await vi.advanceTimersByTimeAsync(1_200)
    isHeldUp = false
    open()
    await running
    expect(await next).toBe('done')
    const stuck = bulkhead.run(() => new Promise(() => {}))
    const late = bulkhead
      .run(
        async () => 'done',
        () => isHeldUp,
      )
      .catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(500)
    expect(await late).toMatchObject({ kind: 'unavailable' })
    expect(stuck).toBeInstanceOf(Promise)
  })

  test('rejects a task at once if too many wait', async () => {
    const bulkhead = new Bulkhead({ width: 1, maxWaiting: 1 })
    const begun: string[] = []
    const piece = pieceOf(begun, 'first')
    const running = [bulkhead.run(piece.work), bulkhead.run(async () => undefined)]
    await expect(bulkhead.run(async () => undefined)).rejects.toMatchObject({ kind: 'unavailable' })
    piece.end()
    await Promise.all(running)
  })
})
