import { type RedisServer, startProxy, startRedis } from '@shop/test-support/redis'
import { Redis } from 'ioredis'
import { Redis as Redis5 } from 'ioredis5'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type CallOutcome,
  connectRedis,
  guardRedis,
  type RedisConnection,
  type RedisConnectionOptions,
  type RedisState,
  redisSettings,
  refusalOf,
} from '../../src/index.js'

let server: RedisServer
let open: RedisConnection[] = []

beforeEach(async () => {
  server = await startRedis()
})
afterEach(async () => {
  await Promise.all(open.map((connection) => connection.close()))
  open = []
  await server.stop()
})

const connect = async (options: RedisConnectionOptions = {}, url = server.url): Promise<RedisConnection> => {
  const connection = connectRedis(url, { callMs: 150, probeAfterMs: 50, ...options })
  open.push(connection)
  await connection.ready(5000)
  return connection
}

const ping = (connection: RedisConnection) => connection.guard((redis) => redis.ping())
const timed = async (call: Promise<unknown>): Promise<{ ms: number; error?: unknown }> => {
  const began = performance.now()
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { ms: performance.now() - began, error }
}
const isUpAgain = (connection: RedisConnection) =>
  expect.poll(() => ping(connection).catch((error) => error.reason), { interval: 20, timeout: 10_000 }).toBe('PONG')

describe.each([
  ['ioredis 6', Redis],
  ['ioredis 5', Redis5 as unknown as typeof Redis],
])('a guarded client of %s', (_, Client) => {
  test('replies, distinguishes timeouts from refusals, and recovers after a restart', async () => {
    const redis = new Client(server.url, redisSettings())
    const connection = guardRedis(redis, { callMs: 150, probeAfterMs: 50 })
    open.push(connection)
    expect(await connection.ready(5000)).toBe(true)
    expect(await ping(connection)).toBe('PONG')
    await expect(connection.guard((client) => client.call('lpush', 'a'))).rejects.toMatchObject({ reason: 'refused' })
    server.freeze()
    await expect(ping(connection)).rejects.toMatchObject({ reason: 'timeout' })
    server.thaw()
    expect(await ping(connection)).toBe('PONG')
    await server.kill()
    await expect.poll(() => timed(ping(connection)), { interval: 1 }).toMatchObject({ error: { reason: 'open' } })
    await server.restart()
    await isUpAgain(connection)
  })
})

describe('a connection', () => {
  test('costs the time of a few calls when Redis freezes, then none; one call probes whether it is back', async () => {
    const outcomes: CallOutcome[] = []
    const states: RedisState[] = []
    const connection = await connect({
      failures: 3,
      silenceMs: 60_000,
      onCall: (outcome) => outcomes.push(outcome),
      onState: (state) => states.push(state),
    })
    server.freeze()
    const first = await Promise.all(Array.from({ length: 3 }, () => timed(ping(connection))))
    for (const { error, ms } of first) {
      expect(error).toMatchObject({ code: 'REDIS_AWAY', reason: 'timeout' })
      expect(ms).toBeLessThan(1000)
    }
    expect(connection.state).toBe('away')
    const later = await Promise.all(Array.from({ length: 1000 }, () => timed(ping(connection))))
    const skipped = later.filter(({ error }) => (error as { reason: string }).reason === 'open')
    expect(skipped.length).toBeGreaterThan(990)
    expect(outcomes.filter((outcome) => outcome === 'skipped')).toHaveLength(skipped.length)

    await expect.poll(() => timed(ping(connection)), { interval: 5 }).toMatchObject({ error: { reason: 'timeout' } })
    expect(states.slice(0, 3)).toEqual(['away', 'probing', 'away'])
    const probes = states.filter((state) => state === 'probing').length
    expect(outcomes.filter((outcome) => outcome === 'timeout')).toHaveLength(3 + probes)

    server.thaw()
    await isUpAgain(connection)
    expect(states.slice(-2)).toEqual(['probing', 'up'])
  })

  test('does not time out if only this process was too busy to read the reply', async () => {
    const connection = await connect({ callMs: 50 })
    const answer = ping(connection)
    await new Promise((resolve) => setImmediate(resolve))
    const busyUntil = performance.now() + 300
    while (performance.now() < busyUntil);
    expect(await answer).toBe('PONG')
  })

  test('reports whether Redis serves', async () => {
    const connection = await connect()
    expect(await connection.trouble()).toBeUndefined()
    await server.kill()
    expect(await connection.trouble()).toMatchObject({ reason: 'connection' })
  })

  test('stays away after a replica has refused writes, although it replies to PING', async () => {
    const connection = await connect({ failures: 2, probeAfterMs: 20 })
    await server.send(`REPLICAOF 127.0.0.1 ${server.port}`)
    const words: unknown[] = []
    for (let index = 0; index < 20; index += 1) {
      const trouble = await connection.trouble()
      if (trouble?.reason === 'refused') words.push(refusalOf(trouble))
      expect(trouble).toBeDefined()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(new Set(words)).toEqual(new Set(['READONLY']))
    await server.send('REPLICAOF NO ONE')
    await expect.poll(() => connection.trouble()).toBeUndefined()
    expect(connection.state).toBe('up')
  })

  test('rejects other calls at once while one call probes', async () => {
    const connection = await connect({ failures: 1, callMs: 400, silenceMs: 60_000 })
    server.freeze()
    await timed(ping(connection))
    let probing: Promise<unknown> = Promise.resolve()
    await expect
      .poll(() => {
        probing = timed(ping(connection))
        return connection.state
      })
      .toBe('probing')
    expect(await timed(ping(connection))).toMatchObject({ error: { reason: 'open' } })
    expect(connection.state).toBe('probing')
    expect(await probing).toMatchObject({ error: { reason: 'timeout' } })
  })

  test('sends no command twice', async () => {
    const proxy = await startProxy(server.url)
    const connection = await connect({}, proxy.url)
    proxy.delayReplies(60_000)
    const first = connection.guard((redis) => redis.incr('count'))
    await expect(first).rejects.toMatchObject({ reason: 'timeout' })
    const second = connection.guard((redis) => redis.incr('count'))
    await expect.poll(() => server.send('STRLEN count')).toBe(':1')
    proxy.heal()
    proxy.cut()
    await timed(second)
    await isUpAgain(connection)
    expect(await connection.guard((redis) => redis.get('count'))).toBe('2')
    await proxy.stop()
  })

  test('reconnects when the network drops all packets', async () => {
    const proxy = await startProxy(server.url)
    const errors: Error[] = []
    const connection = await connect({ silenceMs: 150, onError: (error) => errors.push(error) }, proxy.url)
    proxy.blackHole()
    await expect(ping(connection)).rejects.toMatchObject({ reason: 'timeout' })
    await expect.poll(() => errors.map(({ message }) => message).join()).toContain('Socket timeout')
    proxy.heal()
    await isUpAgain(connection)
    await proxy.stop()
  })

  test('treats a full Redis as refusing, not as away', async () => {
    await server.send('CONFIG SET maxmemory 1')
    const connection = await connect({ failures: 2 })
    for (let index = 0; index < 5; index += 1) {
      const writing = connection.guard((redis) => redis.set('a', '1'))
      await expect(writing).rejects.toMatchObject({ reason: 'refused', message: expect.stringContaining('OOM') })
    }
    expect(connection.state).toBe('up')
    expect(await connection.guard((redis) => redis.get('a'))).toBeNull()
  })

  test('passes errors of the caller on unchanged', async () => {
    const connection = await connect({ failures: 1 })
    const mistake = new TypeError('mistake')
    await expect(connection.guard(() => Promise.reject(mistake))).rejects.toBe(mistake)
    expect(connection.state).toBe('up')
  })

  test('connects once Redis becomes reachable', async () => {
    await server.kill()
    const connection = connectRedis(server.url, { probeAfterMs: 20 })
    open.push(connection)
    expect(await connection.ready()).toBe(false)
    expect(await connection.ready(30)).toBe(false)
    const { error, ms } = await timed(ping(connection))
    expect(error).toMatchObject({ reason: 'connection' })
    expect(ms).toBeLessThan(500)
    await server.restart()
    expect(await connection.ready(5000)).toBe(true)
    await isUpAgain(connection)
  })

  test.each(['up', 'frozen', 'dead'])(
    'to a Redis that is %s closes for good within the time of one call',
    async (how) => {
      const connection = await connect()
      if (how === 'frozen') server.freeze()
      if (how === 'dead') {
        await server.kill()
        await expect.poll(() => connection.redis.status).toBe('reconnecting')
      }
      const { ms, error } = await timed(connection.close())
      expect(error).toBeUndefined()
      expect(ms).toBeLessThan(1000)
      await connection.close()
      await expect(ping(connection)).rejects.toMatchObject({ reason: 'closed' })
      expect(await connection.ready(1000)).toBe(false)
    },
  )
})
