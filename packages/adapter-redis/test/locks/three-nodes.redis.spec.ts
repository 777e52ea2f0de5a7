import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisLocks, redisLocks } from '../../src/index.js'
import { aborted, hold, never } from './support/hold.js'
import { type Nodes, startNodes } from './support/nodes.js'

let nodes: Nodes
let locks: RedisLocks
let others: RedisLocks

beforeEach(async () => {
  nodes = await startNodes(3)
  locks = redisLocks(await nodes.connect({ callMs: 300 }))
  others = redisLocks(await nodes.connect({ callMs: 300 }))
})
afterEach(() => nodes.stop())

const each = (count: number, harm: (server: Nodes['servers'][number]) => unknown) =>
  Promise.all(nodes.servers.slice(0, count).map(harm))

const kill = (server: Nodes['servers'][number]) => server.kill()
const freeze = (server: Nodes['servers'][number]) => server.freeze()

const token = async (from: RedisLocks): Promise<number> => {
  const held = await from.withLock('job', async (lease) => lease.token, { waitMs: 10_000 })
  if (!held.held) throw new Error('not held')
  return held.value
}

describe('a lock over three nodes', () => {
  test('is held by one at a time, with growing tokens', async () => {
    const tokens: number[] = []
    let inside = 0
    const jobs = Array.from({ length: 20 }, (_, index) =>
      (index % 2 ? locks : others).withLock(
        'job',
        async (lease) => {
          inside += 1
          expect(inside).toBe(1)
          tokens.push(lease.token)
          await nodes.servers[0]?.send('PING')
          inside -= 1
        },
        { waitMs: 30_000 },
      ),
    )
    expect((await Promise.all(jobs)).every(({ held }) => held)).toBe(true)
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
    expect(tokens).toHaveLength(20)
  })

  test.each([
    ['killed', kill],
    ['frozen', freeze],
  ])('works with one of them %s', async (_, harm) => {
    const held = await hold(locks, 'job', { leaseMs: 900 })
    await each(1, harm)
    expect(await others.withLock('job', never, { waitMs: 1500 })).toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
    let last = held.lease.token
    for (let index = 0; index < 10; index += 1) {
      const next = await token(index % 2 ? locks : others)
      expect(next).toBeGreaterThan(last)
      last = next
    }
  })

  test.each([
    ['killed', kill],
    ['frozen', freeze],
  ])('rejects at once with two of them %s, and aborts the holder', async (_, harm) => {
    const held = await hold(locks, 'job', { leaseMs: 900 })
    await each(2, harm)
    const began = performance.now()
    await expect(others.withLock('job', never, { waitMs: 60_000 })).rejects.toMatchObject({ code: 'REDIS_AWAY' })
    expect(performance.now() - began).toBeLessThan(2000)
    expect(await aborted(held.lease.signal)).toMatchObject({ message: expect.stringContaining('in time') })
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
  })

  test('survives the loss of one node’s data, and so do its tokens', async () => {
    const held = await hold(locks, 'job', { leaseMs: 900 })
    await nodes.servers[0]?.restart()
    expect(await others.withLock('job', never, { waitMs: 1500 })).toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
    expect(await token(others)).toBeGreaterThan(held.lease.token)
  })

  test('is lost with the data of two: the holder is aborted, the next token is greater', async () => {
    const held = await hold(locks, 'job', { leaseMs: 900 })
    await each(2, (server) => server.flush())
    const next = await token(others)
    expect(next).toBeGreaterThan(held.lease.token)
    expect(await aborted(held.lease.signal)).toMatchObject({ message: expect.stringContaining('wiped') })
    held.leave()
    await held.result
  })

  test('can be taken although one node still has an old holder', async () => {
    await nodes.servers[1]?.send('SET shop:{locks}:held:job somebody')
    expect(await token(locks)).toBeGreaterThan(0)
    await nodes.servers[2]?.send('SET shop:{locks}:held:job somebody')
    expect(await locks.withLock('job', never)).toEqual({ held: false })
    expect(await nodes.servers[0]?.send('EXISTS shop:{locks}:held:job')).toBe(':0')
  })
})
