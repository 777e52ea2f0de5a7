/// <reference path="../../src/locks/redlock.d.ts" />
import { startProxy } from '@shop/test-support/redis'
import { Redis } from 'ioredis'
import Redlock, { type Client } from 'redlock'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { redisLocks } from '../../src/index.js'
import { hold, never } from './support/hold.js'
import { type Nodes, startNodes } from './support/nodes.js'

let nodes: Nodes
let clients: Redis[] = []

beforeEach(async () => {
  nodes = await startNodes(2)
})
afterEach(async () => {
  for (const client of clients) client.disconnect()
  clients = []
  await nodes.stop()
})

const url = (index: number): string => nodes.servers[index]?.url as string
const client = (to: string): Client => {
  const redis = new Redis(to)
  clients.push(redis)
  return redis as unknown as Client
}
const key = 'shop:{locks}:held:job'

/** Why this package does not use redlock alone. If a new release behaves differently here, the workaround can go. */
describe('redlock as published, and with this package', () => {
  test('grants a lease that has ended if replies are slow, so two hold the lock; ours grants nothing', async () => {
    const proxy = await startProxy(url(0))
    const slow = new Redlock([client(proxy.url)], { retryCount: 0 })
    await (await slow.acquire(['warm'], 5000)).release()
    proxy.delayReplies(500)
    const first = slow.acquire([key], 300)
    const second = new Redlock([client(url(0))], { retryCount: 200 })
    await expect.poll(() => nodes.servers[0]?.send(`EXISTS ${key}`), { interval: 5 }).toBe(':1')
    await expect.poll(() => nodes.servers[0]?.send(`EXISTS ${key}`), { interval: 5 }).toBe(':0')
    await second.acquire([key], 60_000)
    expect((await first).expiration).toBeLessThan(Date.now())

    await nodes.servers[0]?.flush()
    const guarded = redisLocks(await nodes.connect({ callMs: 20_000 }, [proxy.url]))
    await expect(guarded.withLock('job', never, { leaseMs: 300 })).rejects.toMatchObject({ reason: 'timeout' })
    await proxy.stop()
  })

  test('counts a lease from before a wait: it has ended when it is granted; ours is renewed while held', async () => {
    const [connection] = await nodes.connect({}, [url(0)])
    if (!connection) throw new Error('no connection')
    const bare = new Redlock([client(url(0))], { retryCount: 1000 })
    await nodes.servers[0]?.send(`SET ${key} somebody PX 500`)
    expect((await bare.acquire([key], 200)).expiration).toBeLessThan(Date.now())

    await nodes.servers[0]?.send(`SET ${key} somebody PX 500`)
    const held = await hold(redisLocks([connection]), 'job', { leaseMs: 200, waitMs: 5000 })
    expect(await redisLocks([connection]).withLock('job', never, { waitMs: 600 })).toEqual({ held: false })
    expect(held.lease.signal.aborted).toBe(false)
    held.leave()
    await held.result
  })

  test('rejects an operation that has succeeded if the lock is gone by then; ours resolves with the result', async () => {
    const bare = await new Redlock([client(url(0))], { retryCount: 0 }).acquire([key], 60_000)
    await nodes.servers[0]?.flush()
    await expect(bare.release()).rejects.toMatchObject({ name: 'ExecutionError' })

    const locks = redisLocks(await nodes.connect({}, [url(0)]))
    const work = async () => {
      await nodes.servers[0]?.flush()
      return 'committed'
    }
    expect(await locks.withLock('job', work)).toEqual({ held: true, value: 'committed' })
  })

  test('waits forever if one of two nodes grants and one refuses; ours requires an odd number', async () => {
    await nodes.servers[0]?.send(`SET ${key} somebody`)
    const bare = new Redlock([client(url(0)), client(url(1))], { retryCount: 0 })
    let outcome = 'none'
    void bare.acquire([key], 100).then(
      () => {
        outcome = 'granted'
      },
      () => {
        outcome = 'refused'
      },
    )
    await expect.poll(() => nodes.servers[1]?.send(`EXISTS ${key}`), { interval: 5 }).toBe(':1')
    await expect.poll(() => nodes.servers[1]?.send(`EXISTS ${key}`), { interval: 5 }).toBe(':0')
    expect(outcome).toBe('none')

    const connections = await nodes.connect()
    expect(() => redisLocks(connections)).toThrow(RangeError)
    expect(() => redisLocks([])).toThrow(RangeError)
  })
})
