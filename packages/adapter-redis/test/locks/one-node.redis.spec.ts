import type { Lease } from '@shop/core/store'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type RedisLocks, redisLocks } from '../../src/index.js'
import { aborted, hold, never } from './support/hold.js'
import { type Nodes, startNodes } from './support/nodes.js'

let nodes: Nodes
let clients: RedisLocks[]
const locks = (index: number): RedisLocks => clients[index] as RedisLocks
const server = () => nodes.servers[0] as Nodes['servers'][number]

beforeAll(async () => {
  nodes = await startNodes(1)
  clients = []
  for (let index = 0; index < 4; index += 1) clients.push(redisLocks(await nodes.connect()))
})
afterAll(() => nodes.stop())
beforeEach(() => server().flush())

describe('a lock', () => {
  test('is held by one at a time; names do not disturb each other', async () => {
    const held = await hold(locks(0), 'job')
    expect(await locks(1).withLock('job', never)).toEqual({ held: false })
    expect(await locks(0).withLock('job', never)).toEqual({ held: false })
    expect(await locks(1).withLock('other', async () => 'at once')).toEqual({ held: true, value: 'at once' })
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(await locks(1).withLock('job', async () => 'now')).toEqual({ held: true, value: 'now' })
  })

  test('is waited for, no longer than asked', async () => {
    const held = await hold(locks(0), 'job')
    const waiting = locks(1).withLock('job', async () => 'after', { waitMs: 20_000 })
    const began = performance.now()
    expect(await locks(2).withLock('job', never, { waitMs: 150 })).toEqual({ held: false })
    expect(performance.now() - began).toBeGreaterThan(140)
    held.leave()
    expect(await waiting).toEqual({ held: true, value: 'after' })
    await held.result
  })

  test('holds for its whole lease after a wait that was longer than that', async () => {
    const held = await hold(locks(0), 'job', { leaseMs: 200 })
    const waiting = locks(1).withLock('job', async ({ signal }) => signal.aborted, { leaseMs: 300, waitMs: 20_000 })
    const ttl = async () => Number((await server().send('PTTL shop:{locks}:held:job')).slice(1))
    let extensions = 0
    let before = 0
    await expect
      .poll(
        async () => {
          const now = await ttl()
          if (now > before) extensions += 1
          before = now
          return extensions
        },
        { interval: 10 },
      )
      .toBeGreaterThan(5)
    held.leave()
    expect(await waiting).toEqual({ held: true, value: false })
  })

  test('never lets two in at once, and its token grows with every grant', async () => {
    const tokens: number[] = []
    let inside = 0
    const work = async ({ token }: Lease) => {
      inside += 1
      expect(inside).toBe(1)
      tokens.push(token)
      await server().send('PING')
      inside -= 1
    }
    const jobs = clients.flatMap((each) =>
      Array.from({ length: 10 }, () => each.withLock('job', work, { waitMs: 30_000 })),
    )
    const results = await Promise.all(jobs)
    expect(results.every(({ held }) => held)).toBe(true)
    expect(tokens).toHaveLength(40)
    for (const [index, token] of tokens.entries()) {
      expect(Number.isSafeInteger(token)).toBe(true)
      if (index > 0) expect(token).toBeGreaterThan(tokens[index - 1] as number)
    }
  })

  test('is renewed for as long as the work takes', async () => {
    const held = await hold(locks(0), 'job', { leaseMs: 150 })
    const rounds = Array.from({ length: 30 }, (_, index) => index)
    for (const _ of rounds) {
      expect(await locks(1).withLock('job', never, { waitMs: 20 })).toEqual({ held: false })
    }
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
  })

  test('may have a lease of any length', async () => {
    const leaseMs = Number.POSITIVE_INFINITY
    const held = await hold(locks(0), 'job', { leaseMs })
    expect(await locks(1).withLock('job', never, { waitMs: 100 })).toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
  })

  test('is free after the lease of a dead holder', async () => {
    await server().send('SET shop:{locks}:held:job somebody PX 200')
    expect(await locks(0).withLock('job', never)).toEqual({ held: false })
    expect(await locks(0).withLock('job', async () => 'mine', { waitMs: 10_000 })).toEqual({
      held: true,
      value: 'mine',
    })
  })

  test('that another holder has taken is reported as lost, and is not released', async () => {
    const held = await hold(locks(0), 'job', { leaseMs: 150 })
    await server().send('SET shop:{locks}:held:job somebody PX 60000')
    expect(await aborted(held.lease.signal)).toMatchObject({
      message: expect.stringContaining('another holder has it'),
    })
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(await server().send('EXISTS shop:{locks}:held:job')).toBe(':1')
  })

  test('rejects with the error of the work, and is free afterwards', async () => {
    const boom = new Error('boom')
    await expect(locks(0).withLock('job', () => Promise.reject(boom))).rejects.toBe(boom)
    expect(await locks(1).withLock('job', async () => 'free')).toEqual({ held: true, value: 'free' })
    expect(await server().send('EXISTS shop:{locks}:held:job')).toBe(':0')
  })
})

describe('several locks', () => {
  test('are taken in one step, in any order and with duplicates', async () => {
    let leave: () => void = () => {}
    const left = new Promise<void>((resolve) => {
      leave = resolve
    })
    const entered = new Promise<Lease>((resolve) => {
      void locks(0).withLocks(['b', 'a', 'b'], async (lease) => {
        resolve(lease)
        await left
      })
    })
    const { token } = await entered
    for (const name of ['a', 'b']) expect(await locks(1).withLock(name, never)).toEqual({ held: false })
    expect(await locks(1).withLocks(['c', 'b'], never)).toEqual({ held: false })
    expect(await locks(1).withLock('c', async () => 'untouched')).toEqual({ held: true, value: 'untouched' })
    leave()
    const later = await locks(1).withLocks(['b', 'c'], async (lease) => lease.token, { waitMs: 5000 })
    expect(later).toMatchObject({ held: true })
    if (later.held) expect(later.value).toBeGreaterThan(token)
  })

  test('in crossed orders never deadlock', async () => {
    const jobs = Array.from({ length: 40 }, (_, index) => {
      const names = index % 2 ? ['a', 'b', 'c'] : ['c', 'b', 'a']
      return locks(index % 4).withLocks(names, async () => index, { waitMs: 20_000 })
    })
    expect((await Promise.all(jobs)).every(({ held }) => held)).toBe(true)
  })

  test('need at least one name', async () => {
    await expect(locks(0).withLocks([], never)).rejects.toBeInstanceOf(RangeError)
  })
})

describe('a prefix', () => {
  test('separates shops that share a Redis', async () => {
    const other = redisLocks(await nodes.connect(), { prefix: 'other' })
    const held = await hold(locks(0), 'job')
    expect(await other.withLock('job', async () => 'mine')).toEqual({ held: true, value: 'mine' })
    held.leave()
    await held.result
  })
})
