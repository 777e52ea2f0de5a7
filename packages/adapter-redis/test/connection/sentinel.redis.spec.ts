import { type SentinelGroup, startSentinels } from '@shop/test-support/redis'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { connectRedis, type RedisConnection, redisLocks } from '../../src/index.js'

let group: SentinelGroup
const open: RedisConnection[] = []

beforeAll(async () => {
  group = await startSentinels({ password: 'p@ss,word', sentinelPassword: 's&cret=' })
}, 60_000)
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()))
})
afterAll(() => group.stop())

const connect = (url = group.url): RedisConnection => {
  const connection = connectRedis(url, { probeAfterMs: 50 })
  open.push(connection)
  return connection
}

const patient = { timeout: 20_000, interval: 20 }

test('the primary serves, with passwords for Redis and for the Sentinels', async () => {
  const connection = connect()
  expect(await connection.ready(5_000)).toBe(true)
  expect(await connection.trouble()).toBeUndefined()
  expect(await connection.guard((redis) => redis.incr('count'))).toBe(1)
  expect(() => redisLocks([connection])).toThrow(/a cluster or a Sentinel group answers as one node/)
})

test.each([
  ['Sentinels', (url: string) => url.replace(/sentinelPassword=.*/, 'sentinelPassword=wrong')],
  ['Redis', (url: string) => url.replace(/:\/\/:[^@]*@/, '://:wrong@')],
])('does not connect with a wrong password of %s', async (_, spoil) => {
  const connection = connect(spoil(group.url))
  expect(await connection.ready(300)).toBe(false)
  const began = performance.now()
  await expect(connection.guard((redis) => redis.incr('count'))).rejects.toMatchObject({ reason: 'connection' })
  expect(performance.now() - began).toBeLessThan(500)
})

test('a Sentinel that is frozen and one that is dead are passed over', async () => {
  const [frozen, dead] = group.sentinels
  frozen?.freeze()
  await dead?.kill()
  const connection = connect()
  expect(await connection.ready(10_000)).toBe(true)
  expect(await connection.trouble()).toBeUndefined()
  frozen?.thaw()
  await dead?.restart()
})

test('without any Sentinel nothing is sent, and close ends the search', async () => {
  await Promise.all(group.sentinels.map((sentinel) => sentinel.kill()))
  const connection = connect()
  expect(await connection.ready(100)).toBe(false)
  await expect(connection.guard((redis) => redis.incr('count'))).rejects.toMatchObject({ reason: 'connection' })
  await connection.close()
  await expect.poll(() => connection.redis.status, patient).toBe('end')
  await Promise.all(group.sentinels.map((sentinel) => sentinel.restart()))
})
