import { type RedisCluster, startCluster } from '@shop/test-support/redis'
import { Cluster, Command } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  connectRedis,
  guardRedis,
  type RedisConnection,
  redisClusterSettings,
  redisLocks,
  refusalOf,
} from '../../src/index.js'
import { luaScript, runScript } from '../../src/lua-script.js'

let cluster: RedisCluster
const open: RedisConnection[] = []

beforeAll(async () => {
  const began = performance.now()
  cluster = await startCluster()
  console.log('start', performance.now() - began)
}, 60_000)
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()))
})
afterAll(() => cluster?.stop())

test('serves', async () => {
  const connection = connectRedis(cluster.url, { onError: (e) => console.log('error', e.message) })
  open.push(connection)
  expect(await connection.ready(5_000)).toBe(true)
  expect(await connection.trouble()).toBeUndefined()
  const script = luaScript(`return redis.call('INCR', KEYS[1])`)
  const all = await Promise.all(Array.from({ length: 100 }, (_, n) => runScript(connection, script, [`key${n}`], [])))
  expect(new Set(all)).toEqual(new Set([1]))
})
