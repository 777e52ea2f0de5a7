import { type NetworkProxy, startProxy } from '@shop/test-support/redis'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type RedisLocks, redisLocks } from '../../src/index.js'
import { aborted, hold, never } from './support/hold.js'
import { type Nodes, startNodes } from './support/nodes.js'

const boom = new Error('boom')
const isAway = { code: 'REDIS_AWAY' }

let nodes: Nodes
let proxy: NetworkProxy
let locks: RedisLocks
let others: RedisLocks
/** A connection through the proxy, with a very long time limit. */
let remote: RedisLocks
const server = () => nodes.servers[0] as Nodes['servers'][number]

beforeEach(async () => {
  nodes = await startNodes(1)
  proxy = await startProxy(server().url)
  locks = redisLocks(await nodes.connect({ callMs: 300, probeAfterMs: 20 }))
  others = redisLocks(await nodes.connect({ callMs: 300, probeAfterMs: 20 }))
  remote = redisLocks(await nodes.connect({ callMs: 20_000, silenceMs: 20_000 }, [proxy.url]))
})
afterEach(async () => {
  await proxy.stop()
  await nodes.stop()
})

/** Resolves with the token once the lock can be taken again. */
const tokenOf = async (from: RedisLocks, name = 'job'): Promise<number> => {
  let token = 0
  await expect
    .poll(
      async () => {
        const held = await from.withLock(name, async (lease) => lease.token).catch(() => undefined)
        if (held?.held) token = held.value
        return token
      },
      { interval: 20, timeout: 10_000 },
    )
    .toBeGreaterThan(0)
  return token
}

describe('a Redis that freezes for longer than the lease', () => {
  test('makes the holder lose its lock in time, and lets a second one in with a greater token', async () => {
    const held = await hold(locks, 'job', { leaseMs: 400 })
    const began = performance.now()
    server().freeze()
    expect(await aborted(held.lease.signal)).toMatchObject({ message: expect.stringContaining('in time') })
    expect(performance.now() - began).toBeLessThan(1500)
    server().thaw()
    const second = await hold(others, 'job', { waitMs: 5000 })
    expect(second.lease.token).toBeGreaterThan(held.lease.token)
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(second.lease.signal.aborted).toBe(false)
    expect(await server().send('EXISTS shop:{locks}:held:job')).toBe(':1')
    second.leave()
    await second.result
  })

  test('costs a caller the time of two calls, then none', async () => {
    server().freeze()
    const times: number[] = []
    for (let index = 0; index < 12; index += 1) {
      const began = performance.now()
      await expect(locks.withLock('job', never, { waitMs: 60_000 })).rejects.toMatchObject(isAway)
      times.push(performance.now() - began)
    }
    expect(Math.max(...times)).toBeLessThan(2000)
    expect(Math.min(...times)).toBeLessThan(20)
  })

  test('for a moment affects no holder', async () => {
    const held = await hold(locks, 'job', { leaseMs: 3000 })
    server().freeze()
    await expect(others.withLock('job', never)).rejects.toMatchObject(isAway)
    server().thaw()
    expect(await others.withLock('job', never)).toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
  })
})

describe.each([
  ['is wiped', () => server().flush()],
  ['is started again without data', () => server().restart()],
])('a Redis that %s while a lock is held', (_, lose) => {
  test('lets a second holder in with a greater token, and aborts the first', async () => {
    const held = await hold(locks, 'job', { leaseMs: 600 })
    await lose()
    const token = await tokenOf(others)
    expect(token).toBeGreaterThan(held.lease.token)
    await aborted(held.lease.signal)
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(await tokenOf(locks)).toBeGreaterThan(token)
  })
})

describe('replies that come after the lease has ended', () => {
  test('grant nothing: the work does not run', async () => {
    proxy.delayReplies(400)
    await expect(remote.withLock('job', never, { leaseMs: 300, waitMs: 60_000 })).rejects.toMatchObject({
      ...isAway,
      reason: 'timeout',
    })
    expect(await locks.withLock('job', async () => 'free')).toEqual({ held: true, value: 'free' })
  })

  test('in time count, even if slow, and the lock is renewed', async () => {
    proxy.delayReplies(60)
    const held = await hold(remote, 'job', { leaseMs: 900 })
    await expect
      .poll(() => others.withLock('job', never, { waitMs: 500 }), { timeout: 10_000 })
      .toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    proxy.delayReplies(0)
    held.leave()
    await held.result
  })

  test('to renewals make the holder lose the lock in time', async () => {
    const held = await hold(remote, 'job', { leaseMs: 300 })
    const began = performance.now()
    proxy.delayReplies(2000)
    expect(await aborted(held.lease.signal)).toMatchObject({ message: expect.stringContaining('in time') })
    expect(performance.now() - began).toBeLessThan(1500)
    proxy.heal()
    proxy.cut()
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
  })
})

describe('a failed release', () => {
  test.each(['killed', 'frozen', 'wiped'])('never replaces the result: %s', async (how) => {
    const harm = async () => {
      if (how === 'killed') await server().kill()
      if (how === 'frozen') server().freeze()
      if (how === 'wiped') await server().flush()
    }
    const began = performance.now()
    expect(await locks.withLock('job', () => harm().then(() => 'done'))).toEqual({ held: true, value: 'done' })
    expect(performance.now() - began).toBeLessThan(2000)
  })

  test('never replaces what the work throws', async () => {
    const failing = locks.withLock('job', async () => {
      await server().kill()
      throw boom
    })
    await expect(failing).rejects.toBe(boom)
  })
})

describe('a Redis that is full', () => {
  test('refuses locks, aborts holders in time, accepts releases, and grants again later', async () => {
    const held = await hold(locks, 'job', { leaseMs: 300 })
    await server().send('CONFIG SET maxmemory 1')
    const asking = others.withLock('other', never)
    await expect(asking).rejects.toMatchObject({
      ...isAway,
      reason: 'refused',
      message: expect.stringContaining('OOM'),
    })
    await aborted(held.lease.signal)
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
    expect(await server().send('EXISTS shop:{locks}:held:job')).toBe(':0')
    await server().send('CONFIG SET maxmemory 0')
    expect(await tokenOf(others)).toBeGreaterThan(held.lease.token)
  })
})

describe('a Redis that is away', () => {
  test('rejects at once, and grants again when it is back', async () => {
    await server().kill()
    const began = performance.now()
    await expect(locks.withLock('job', never, { waitMs: 60_000 })).rejects.toMatchObject(isAway)
    expect(performance.now() - began).toBeLessThan(1000)
    await server().restart()
    expect(await tokenOf(locks)).toBeGreaterThan(0)
  })

  test('for as long as a reconnect takes does not cost a holder its lock', async () => {
    const held = await hold(remote, 'job', { leaseMs: 1500 })
    proxy.cut()
    await expect
      .poll(() => others.withLock('job', never, { waitMs: 1000 }), { timeout: 10_000 })
      .toEqual({ held: false })
    expect(await others.withLock('job', never, { waitMs: 1000 })).toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
  })

  test('because it was closed on this side rejects who waits, and tells who holds', async () => {
    const [connection] = await nodes.connect()
    if (!connection) throw new Error('no connection')
    const closing = redisLocks([connection])
    const held = await hold(closing, 'job', { leaseMs: 400 })
    const waiting = closing.withLock('job', never, { waitMs: 60_000 })
    await connection.close()
    await expect(waiting).rejects.toMatchObject({ ...isAway, reason: 'closed' })
    await aborted(held.lease.signal)
    held.leave()
    expect(await held.result).toEqual({ held: true, value: 'done' })
  })
})
