import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RedisAway, type RedisConnection, redisLocks } from '../../src/index.js'
import { fencingTokens } from '../../src/locks/fencing-tokens.js'
import { type Nodes, startNodes } from './support/nodes.js'

const day = 24 * 3_600_000
const key = 'shop:{locks}:token:job'

let nodes: Nodes
let connections: RedisConnection[]

beforeAll(async () => {
  nodes = await startNodes(3)
  connections = await nodes.connect()
})
afterAll(() => nodes.stop())
beforeEach(async () => {
  await Promise.all(nodes.servers.map((server) => server.flush()))
})

const send = (index: number, command: string) => nodes.servers[index]?.send(command) as Promise<string>
const node = (index: number) => connections[index] as RedisConnection
const away: RedisConnection = {
  ...({} as RedisConnection),
  guard: () => Promise.reject(new RedisAway('connection')),
}
/** The three nodes for a client that cannot reach some of them. */
const without = (...indexes: readonly number[]) =>
  fencingTokens(
    connections.map((connection, index) => (indexes.includes(index) ? away : connection)),
    'shop',
    undefined,
  )

const microseconds = () => Date.now() * 1000

describe('fencing tokens', () => {
  test('are at least the clock of Redis in microseconds, and exact', async () => {
    const before = microseconds()
    const token = await fencingTokens([node(0)], 'shop', undefined)(['job'])
    expect(token).toBeGreaterThanOrEqual(before)
    expect(token).toBeLessThanOrEqual(microseconds() + 1000)
    expect(await send(0, `STRLEN ${key}`)).toBe(':16')
  })

  test('grow although the clock was set back, and are remembered while they are ahead of it', async () => {
    const next = fencingTokens([node(0)], 'shop', undefined)
    const ahead = microseconds() + 3_600_000_000
    await send(0, `SET ${key} ${ahead}`)
    expect(await next(['job'])).toBe(ahead + 1)
    expect(await next(['job'])).toBe(ahead + 2)
    const left = Number((await send(0, `PTTL ${key}`)).slice(1))
    expect(left).toBeGreaterThan(day + 3_500_000)
    expect(left).toBeLessThan(day + 3_700_000)
  })

  test('grow by the clock after Redis lost its data', async () => {
    const next = fencingTokens([node(0)], 'shop', undefined)
    const tokens: (number | undefined)[] = []
    for (let index = 0; index < 20; index += 1) {
      tokens.push(await next(['job']))
      await nodes.servers[0]?.flush()
    }
    expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => Number(a) - Number(b)))
  })

  test('of several names are greater than the last one of each', async () => {
    const next = fencingTokens([node(0)], 'shop', undefined)
    const ahead = microseconds() + 3_600_000_000
    await send(0, `SET shop:{locks}:token:b ${ahead}`)
    expect(await next(['a', 'b'])).toBe(ahead + 1)
    expect(await next(['a'])).toBe(ahead + 2)
  })

  test('reach a given floor, and reject if no token is left above it', async () => {
    const floors = [2 ** 53 - 3, 0, 0, 0]
    const next = fencingTokens([node(0)], 'shop', async () => floors.shift() as number)
    expect(await next(['job'])).toBe(2 ** 53 - 3)
    expect(await next(['job'])).toBe(2 ** 53 - 2)
    expect(await next(['job'])).toBe(2 ** 53 - 1)
    await expect(next(['job'])).rejects.toMatchObject({ message: expect.stringContaining('no fencing token') })
  })

  test.each(['garbage', '9e99', '-5', 'nan', 'inf'])('ignore %s in Redis', async (value) => {
    await send(0, `SET ${key} ${value}`)
    const token = await fencingTokens([node(0)], 'shop', undefined)(['job'])
    expect(token).toBeLessThanOrEqual(microseconds() + 1000)
    expect(token).toBeGreaterThan(microseconds() - 60_000_000)
  })

  test('grow with any one of three nodes unreachable, although their clocks differ', async () => {
    const ahead = microseconds() + 3_600_000_000
    await send(0, `SET ${key} ${ahead}`)
    let last = 0
    // Only nodes 0 and 1 have the first token. The second one is claimed on nodes 1 and 2.
    for (const missing of [2, 0, 1, 2, 1, 0, 0, 2, 1]) {
      const token = (await without(missing)(['job'])) as number
      expect(token).toBeGreaterThan(last)
      last = token
    }
    expect(last).toBeGreaterThan(ahead)
  })

  test('claimed at the same time differ, and later ones are greater', async () => {
    const all: number[] = []
    for (let round = 0; round < 15; round += 1) {
      const claims = [without(), without(0), without(1), without(2), without()].map((next) => next(['job']))
      const tokens = (await Promise.all(claims)).filter((token) => token !== undefined)
      expect(tokens.length).toBeGreaterThan(0)
      expect(Math.min(...tokens)).toBeGreaterThan(Math.max(0, ...all))
      all.push(...tokens)
    }
    expect(new Set(all).size).toBe(all.length)
  })

  test('differ although another token is claimed between a claim and its raise', async () => {
    const ahead = microseconds() + 3_600_000_000
    await send(0, `SET ${key} ${ahead}`)
    await send(1, `SET ${key} ${ahead + 20}`)
    await send(2, `SET ${key} ${ahead + 20}`)
    const other = fencingTokens([node(0), away, node(2)], 'shop', undefined)
    let calls = 0
    let otherToken: number | undefined
    /** Node 0 for the first client: its second call, the raise, comes after the other client's whole claim. */
    const interrupted: RedisConnection = {
      ...node(0),
      guard: async (call) => {
        calls += 1
        if (calls === 2) otherToken = await other(['job'])
        return node(0).guard(call)
      },
    }
    const token = await fencingTokens([interrupted, node(1), away], 'shop', undefined)(['job'])
    expect(otherToken).toBe(ahead + 21)
    expect(token).toBeGreaterThan(ahead + 21)
  })

  test('reject without a majority', async () => {
    await expect(without(0, 1)(['job'])).rejects.toMatchObject({ code: 'REDIS_AWAY', reason: 'connection' })
  })

  test('come with a lock; a failing floor releases the lock', async () => {
    const boom = new Error('boom')
    const failing = redisLocks([node(0)], { floor: () => Promise.reject(boom) })
    await expect(failing.withLock('job', async () => 'never')).rejects.toBe(boom)
    const floored = redisLocks([node(0)], { floor: async () => 2 ** 52 })
    expect(await floored.withLock('job', async ({ token }) => token)).toEqual({ held: true, value: 2 ** 52 })
  })
})
