import { describe, expect, test } from 'vitest'
import { settle } from '../../support/manual-timer.js'
import { liveShop } from './support.js'

describe('a slow watcher', () => {
  test('misses states and never the last one; at most one event waits in memory', async () => {
    const { timer, put, watch } = liveShop()
    put('mug', { stock: 0 })
    const [slow, quick] = [await watch('mug'), await watch('mug')]
    slow.isReading = false
    let longest = 0
    for (let stock = 1; stock <= 50; stock += 1) {
      put('mug', { stock })
      await timer.pass(200)
      longest = Math.max(longest, slow.writableLength)
    }
    expect(longest).toBeLessThan(200)
    expect(quick.stocks).toHaveLength(51)
    await slow.read()
    await timer.pass(200)
    expect(slow.stocks).toEqual([0, 1, 50])
    put('mug', { stock: 51 })
    await timer.pass(400)
    expect(slow.stocks.at(-1)).toBe(51)
  })

  test('gets no comments, and after a minute without reading loses its place', async () => {
    const { live, timer, put, watch } = liveShop()
    put('mug')
    const slow = await watch('mug')
    slow.isReading = false
    put('mug', { stock: 9 })
    await timer.pass(59_000)
    expect([slow.destroyed, live.size]).toEqual([false, 1])
    await timer.pass(16_000)
    expect([slow.destroyed, live.size]).toEqual([true, 0])
    expect(slow.text).not.toContain(':\n\n')
  })
})

describe('a server that stops', () => {
  test('ends all streams with retry: 1000, and disconnects watchers that do not read', async () => {
    const { live, timer, put, watch, close } = liveShop()
    put('mug')
    const [quick, slow] = [await watch('mug'), await watch('mug')]
    slow.isReading = false
    put('mug', { stock: 9 })
    await timer.pass(200)
    close()
    await settle()
    expect(quick.text.endsWith('\n\nretry: 1000\n\n')).toBe(true)
    expect([quick.closed, slow.closed]).toEqual([true, false])
    await timer.pass(500)
    expect([slow.destroyed, live.size, timer.size]).toEqual([true, 0, 0])
  })

  test('still tells a new watcher the state, and sends it away', async () => {
    const { live, put, watch, close } = liveShop()
    put('mug', { stock: 7 })
    close()
    const sink = await watch('mug')
    expect(sink.stocks).toEqual([7])
    expect(sink.text.endsWith('\n\nretry: 1000\n\n')).toBe(true)
    expect([sink.writableEnded, live.size]).toEqual([true, 0])
  })
})
