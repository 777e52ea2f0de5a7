import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import {
  command,
  eventually,
  resumeReplication,
  type SentinelGroup,
  startSentinels,
  stopReplication,
} from '@shop/test-support/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectGateAndLaws, expectMoreIssued, gateKeyOf, longRush, redisReadiness } from './support/long-rush.js'
import { type OpenServer, openServer } from './support/open-server.js'

let database: FreshDatabase
let group: SentinelGroup
let servers: OpenServer[]

beforeAll(async () => {
  ;[database, group] = await Promise.all([freshDatabase(), startSentinels()])
  const open = () =>
    openServer({ databaseUrl: database.url, databasePool: 4, scheduler: false, redis: { urls: [group.url] } })
  servers = [await open(), await open()]
}, 60_000)

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
  await Promise.all([database.drop(), group.stop()])
}, 60_000)

const patient = { timeout: 20_000, interval: 50 }

test('a rush while the primary dies, with writes that it had acknowledged, issues exactly the quantity', async () => {
  const [couponId, quantity] = ['failed-over', 100]
  const mark = await gateKeyOf(database, couponId, 'mark')
  const primary = await group.primary()
  const replicas = group.nodes.filter(({ port }) => port !== primary.port)
  const seen: unknown[] = []
  for (const server of servers) expect((await redisReadiness(server)).redis).toEqual({ status: 'up' })
  await longRush(database, servers, {
    couponId,
    quantity,
    async strike() {
      await stopReplication(primary, replicas)
      expect(await command(primary.port, 'SET', mark, 'acknowledged')).toBe('OK')
      await expectMoreIssued(primary, await gateKeyOf(database, couponId, 'issued'), quantity)
      await primary.kill()
      await eventually('another primary is named', async () => {
        const [first] = servers
        if (first) seen.push((await redisReadiness(first)).redis.detail)
        return (await group.primary()).port !== primary.port || undefined
      })
      await resumeReplication(replicas)
    },
  })
  expect(seen).toContain('no answer')
  expect(await command((await group.primary()).port, 'EXISTS', mark)).toBe('0')
  await expectGateAndLaws(servers, couponId)
  for (const server of servers) {
    await expect.poll(() => redisReadiness(server), patient).toEqual({ status: 200, redis: { status: 'up' } })
    expect(server.logged('info')).toContain('Redis is available again')
    expect(server.logged('error')).toEqual([])
  }
}, 60_000)
