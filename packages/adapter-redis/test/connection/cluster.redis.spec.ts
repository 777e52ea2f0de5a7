import { type RedisCluster, startCluster, startProxy } from '@shop/test-support/redis'
import { Cluster } from 'ioredis'
import { Cluster as Cluster5 } from 'ioredis5'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  connectRedis,
  guardRedis,
  type RedisAway,
  type RedisConnection,
  redisClusterSettings,
  redisLocks,
  refusalOf,
} from '../../src/index.js'
import { luaScript, runScript } from '../../src/lua-script.js'

let cluster: RedisCluster
const open: RedisConnection[] = []

beforeAll(async () => {
  cluster = await startCluster()
}, 60_000)
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.close()))
})
afterAll(() => cluster.stop())

const opened = async (connection: RedisConnection): Promise<RedisConnection> => {
  open.push(connection)
  expect(await connection.ready(5_000)).toBe(true)
  return connection
}

const connect = () => opened(connectRedis(cluster.url, { probeAfterMs: 50 }))

/** Both keys are in the slot of the tag. */
const addBoth = luaScript(`return redis.call('INCR', KEYS[1]) + redis.call('INCR', KEYS[2])`)
const add = (connection: RedisConnection, tag: string) =>
  runScript({ redis: connection.redis, guard: connection.guard }, addBoth, [`{${tag}}:a`, `{${tag}}:b`], [])

const tags = Array.from({ length: 60 }, (_, number) => `tag-${number}`)
const patient = { timeout: 20_000, interval: 20 }
const awayOf = (call: Promise<unknown>): Promise<RedisAway | undefined> =>
  call.then(
    () => undefined,
    (error) => error,
  )

test.each([
  ['ioredis 6', Cluster],
  ['ioredis 5', Cluster5 as unknown as typeof Cluster],
])('every master runs scripts, for %s', async (name, Client) => {
  const nodes = cluster.nodes.slice(0, 1).map(({ port }) => ({ host: '127.0.0.1', port }))
  const connection = await opened(guardRedis(new Client(nodes, redisClusterSettings())))
  expect(await connection.trouble()).toBeUndefined()
  // All at once: every node has a connection, and learns the script by itself.
  const replies = await Promise.all(tags.map((tag) => add(connection, `${name}-${tag}`)))
  expect(replies).toEqual(tags.map(() => 2))
  const perNode = await Promise.all(cluster.nodes.map((node) => node.send('DBSIZE')))
  expect(perNode.filter((size) => size !== ':0').length).toBe(6)
})

test('a command is sent once, also if its connection breaks before the reply', async () => {
  const master = await cluster.masterOf('once')
  const proxy = await startProxy(master.url)
  const natMap = { [`127.0.0.1:${master.port}`]: { host: '127.0.0.1', port: Number(new URL(proxy.url).port) } }
  const startup = [{ host: '127.0.0.1', port: cluster.nodes.find(({ port }) => port !== master.port)?.port ?? 0 }]
  const connection = await opened(guardRedis(new Cluster(startup, { ...redisClusterSettings(), natMap })))
  expect(await connection.guard((redis) => redis.incr('once'))).toBe(1)
  proxy.delayReplies(60_000)
  const lost = awayOf(connection.guard((redis) => redis.incr('once')))
  await expect.poll(() => master.send('INCRBY once 0'), patient).toBe(':2')
  proxy.heal()
  proxy.cut()
  expect(await lost).toMatchObject({ code: 'REDIS_AWAY' })
  await expect.poll(() => awayOf(connection.guard((redis) => redis.get('once'))), patient).toBeUndefined()
  expect(await master.send('INCRBY once 0')).toBe(':2')
  await proxy.stop()
})

test('while a slot moves its commands are refused or served, never twice; other slots do not notice', async () => {
  const connection = await connect()
  await Promise.all(tags.map((tag) => add(connection, `move-${tag}`)))
  const moving = 'move-tag-0'
  const half = `{${moving}}:only`
  expect(await connection.guard((redis) => redis.incr(half))).toBe(1)
  const move = await cluster.beginMove(half)
  // Keys of the slot that are new are on the other node, those from before are not: a script with both is refused.
  const both = luaScript(`return redis.call('INCR', KEYS[1]) + redis.call('INCR', KEYS[2])`)
  const refused = await awayOf(runScript(connection, both, [half, `{${moving}}:new`], []))
  expect(refused).toMatchObject({ code: 'REDIS_AWAY', reason: 'refused' })
  expect(['TRYAGAIN', 'ASK', 'MOVED']).toContain(refused && refusalOf(refused))
  expect(connection.state).toBe('up')
  const others = tags.slice(1)
  expect(await Promise.all(others.map((tag) => add(connection, `move-${tag}`)))).toEqual(others.map(() => 4))
  await move.moveKeys()
  // One key, which is on the other node by now: ASK leads there.
  expect(await connection.guard((redis) => redis.incr(half))).toBe(2)
  await move.finish()
  await cluster.settled()
  expect(await add(connection, moving)).toBe(4)
  expect(await connection.guard((redis) => redis.get(half))).toBe('2')
  expect(connection.state).toBe('up')
})

test('a dead master costs little and shows; its replica serves after the failover', async () => {
  const connection = await connect()
  const master = await cluster.masterOf('{dead}')
  expect(await add(connection, 'dead')).toBe(2)
  await master.kill()
  const began = performance.now()
  const first = await awayOf(add(connection, 'dead'))
  expect(first).toMatchObject({ code: 'REDIS_AWAY' })
  expect(performance.now() - began).toBeLessThan(1_000)
  const troubles = new Set<string | undefined>()
  let longest = 0
  await expect
    .poll(async () => {
      const asked = performance.now()
      const trouble = await connection.trouble()
      longest = Math.max(longest, performance.now() - asked)
      troubles.add(trouble && (refusalOf(trouble) ?? trouble.reason))
      return trouble
    }, patient)
    .toBeUndefined()
  // The other masters serve until they know, then the cluster is down, until a replica takes over.
  expect(troubles.has('MASTERDOWN') || troubles.has('CLUSTERDOWN')).toBe(true)
  expect(longest).toBeLessThan(2_000)
  await expect.poll(() => awayOf(add(connection, 'dead')), patient).toBeUndefined()
  expect((await cluster.masterOf('{dead}')).port).not.toBe(master.port)
  await master.restart()
  await cluster.settled()
  expect(await connection.trouble()).toBeUndefined()
}, 60_000)

test('a slot without a master shows, even if the other slots are served', async () => {
  const connection = await connect()
  const requireFullCoverage = (value: string) =>
    Promise.all(cluster.nodes.map((node) => node.send(`CONFIG SET cluster-require-full-coverage ${value}`)))
  await requireFullCoverage('no')
  const master = await cluster.masterOf('{gone}')
  const slot = (await master.send('CLUSTER KEYSLOT {gone}')).slice(1)
  expect(await master.send(`CLUSTER DELSLOTS ${slot}`)).toBe('+OK')
  await expect.poll(async () => (await connection.trouble())?.message, patient).toMatch(/CLUSTERDOWN/)
  expect(await add(connection, 'dead')).toBeGreaterThan(1)
  expect(await master.send(`CLUSTER ADDSLOTS ${slot}`)).toBe('+OK')
  await requireFullCoverage('yes')
  await expect.poll(() => connection.trouble(), patient).toBeUndefined()
})

test('a frozen cluster costs the time of few calls, and closes in time', async () => {
  const connection = await connect()
  for (const node of cluster.nodes) node.freeze()
  const began = performance.now()
  for (let call = 0; call < 200; call += 1) {
    expect(await awayOf(add(connection, tags[call % tags.length] ?? ''))).toMatchObject({ code: 'REDIS_AWAY' })
  }
  expect(performance.now() - began).toBeLessThan(3_000)
  const closing = performance.now()
  await connection.close()
  expect(performance.now() - closing).toBeLessThan(1_000)
  for (const node of cluster.nodes) node.thaw()
  await cluster.settled()
})

test('a connection finds a cluster that comes later', async () => {
  await Promise.all(cluster.nodes.map((node) => node.kill()))
  const connection = connectRedis(cluster.url, { probeAfterMs: 20 })
  open.push(connection)
  expect(await connection.ready(100)).toBe(false)
  expect(await awayOf(add(connection, 'later'))).toMatchObject({ reason: 'connection' })
  await Promise.all(cluster.nodes.map((node) => node.restart()))
  await cluster.settled()
  expect(await connection.ready(10_000)).toBe(true)
  await expect.poll(() => connection.trouble(), patient).toBeUndefined()
  expect(await add(connection, 'later')).toBe(2)
}, 60_000)

test('locks refuse a cluster, alone or among nodes', async () => {
  const connection = await connect()
  const message = /a cluster or a Sentinel group answers as one node, so it cannot be a majority/
  expect(() => redisLocks([connection])).toThrow(message)
  expect(() => redisLocks([connection, connection, connection])).toThrow(RangeError)
})
