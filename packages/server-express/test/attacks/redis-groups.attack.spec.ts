import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import {
  command,
  eventually,
  type RedisCluster,
  type RedisServer,
  resumeReplication,
  type SentinelGroup,
  startCluster,
  startSentinels,
  stopReplication,
} from '@shop/test-support/redis'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectGateAndLaws, gateKeyOf, longRush, redisReadiness } from '../redis/support/long-rush.js'
import { type OpenServer, openServer } from '../redis/support/open-server.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

/** A strike on the nodes that serve `key`, and what ends it. */
interface Outage<Group> {
  strike(group: Group, key: string): Promise<unknown>
  heal?(group: Group): Promise<unknown>
}

const quantities = [
  ['few coupons', 60],
  ['enough coupons', 100_000],
] as const

const serve = async (url: string): Promise<OpenServer[]> => {
  const open = () =>
    openServer({ databaseUrl: database.url, databasePool: 4, scheduler: false, redis: { urls: [url] } })
  return [await open(), await open()]
}

let rushes = 0
const newCouponId = (): string => {
  rushes += 1
  return `rush-${rushes}`
}

/** Plays one outage in the middle of a rush. Afterwards the gate works again and every law holds. */
const play = async <Group>(
  group: Group,
  servers: readonly OpenServer[],
  outage: Outage<Group>,
  terms: { couponId: string; quantity: number },
) => {
  const key = await gateKeyOf(database, terms.couponId)
  const { users } = await longRush(database, servers, { ...terms, strike: () => outage.strike(group, key) })
  await outage.heal?.(group)
  for (const server of servers) {
    await expect.poll(() => redisReadiness(server), { timeout: 30_000 }).toMatchObject({ redis: { status: 'up' } })
    expect(server.logged('error')).toEqual([])
  }
  if (users > terms.quantity) await expectGateAndLaws(servers, terms.couponId)
  else expect((await servers[0]?.call('GET', '/api/admin/audit'))?.body).toMatchObject({ ok: true, violations: [] })
}

/** Thaws the frozen nodes and restarts the dead ones. */
const reviveNodes = async (nodes: readonly RedisServer[]) => {
  for (const node of nodes) {
    node.thaw()
    const isDead = await command(node.port, 'PING').then(
      () => false,
      () => true,
    )
    if (isDead) await node.restart()
  }
}

/** Plays every outage with few coupons and with enough, one after the other on the same processes. */
const describeOutages = <Group extends { readonly url: string; stop(): Promise<void> }>(
  title: string,
  start: () => Promise<Group>,
  outages: Readonly<Record<string, Outage<Group>>>,
) => {
  describe(title, () => {
    let group: Group
    let servers: OpenServer[] = []
    beforeAll(async () => {
      group = await start()
      servers = await serve(group.url)
    }, 60_000)
    afterAll(async () => {
      await Promise.all(servers.map((server) => server.close()))
      await group.stop()
    })

    const cases = Object.entries(outages).flatMap(([name, outage]) =>
      quantities.map(([supply, quantity]) => ({ name, supply, quantity, outage })),
    )
    test.each(cases)(
      '$name: $supply',
      async ({ quantity, outage }) => {
        await play(group, servers, outage, { couponId: newCouponId(), quantity })
      },
      120_000,
    )
  })
}

const untilMoved = (group: RedisCluster, key: string, from: number) =>
  eventually('another master serves', async () => (await group.masterOf(key)).port !== from || undefined)

const healCluster = async (group: RedisCluster) => {
  await reviveNodes(group.nodes)
  await group.settled()
}

const clusterOutages: Record<string, Outage<RedisCluster>> = {
  'its slot moves there and back': {
    async strike(group, key) {
      for (let count = 0; count < 4; count += 1) {
        const move = await group.beginMove(key)
        await move.moveKeys()
        await move.finish()
        await group.settled()
      }
    },
  },
  'its slot stays half moved for a while': {
    async strike(group, key) {
      const move = await group.beginMove(key)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      await move.moveKeys()
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      await move.finish()
    },
  },
  'its master is killed': {
    async strike(group, key) {
      const master = await group.masterOf(key)
      await master.kill()
      await untilMoved(group, key, master.port)
    },
    heal: healCluster,
  },
  'its master is killed with writes that no replica has': {
    async strike(group, key) {
      const master = await group.masterOf(key)
      await stopReplication(master, [await group.replicaOf(master)])
      await new Promise((resolve) => setTimeout(resolve, 300))
      await master.kill()
      await untilMoved(group, key, master.port)
      await resumeReplication(group.nodes.filter(({ port }) => port !== master.port))
    },
    heal: healCluster,
  },
  'its master is frozen, and comes back': {
    async strike(group, key) {
      const master = await group.masterOf(key)
      master.freeze()
      await eventually('a replica takes over', async () => {
        const others = group.nodes.filter(({ port }) => port !== master.port)
        const roles = await Promise.all(others.map(({ port }) => command(port, 'ROLE')))
        return roles.filter((role) => role?.[0] === 'master').length === 3 || undefined
      })
      master.thaw()
    },
    heal: healCluster,
  },
  'its replica is promoted by hand, at once': {
    async strike(group, key) {
      const master = await group.masterOf(key)
      await command((await group.replicaOf(master)).port, 'CLUSTER', 'FAILOVER', 'TAKEOVER')
      await untilMoved(group, key, master.port)
    },
    heal: healCluster,
  },
  'all nodes are killed and come back empty': {
    async strike(group) {
      await Promise.all(group.nodes.map((node) => node.kill()))
      await Promise.all(group.nodes.map((node) => node.restart()))
      await group.settled()
    },
  },
}

describeOutages('a Redis Cluster in a rush', startCluster, clusterOutages)

const untilPromoted = (group: SentinelGroup, from: number) =>
  eventually('another primary is named', async () => (await group.primary()).port !== from || undefined)

const healSentinels = async (group: SentinelGroup) => {
  for (const sentinel of group.sentinels) sentinel.thaw()
  await reviveNodes(group.nodes)
  await resumeReplication(group.nodes)
  await group.settled()
}

const sentinelOutages: Record<string, Outage<SentinelGroup>> = {
  'the primary is killed': {
    async strike(group) {
      const primary = await group.primary()
      await primary.kill()
      await untilPromoted(group, primary.port)
    },
    heal: healSentinels,
  },
  'the primary is frozen, and comes back': {
    async strike(group) {
      const primary = await group.primary()
      primary.freeze()
      await untilPromoted(group, primary.port)
      primary.thaw()
    },
    heal: healSentinels,
  },
  'the Sentinels switch by hand': {
    async strike(group) {
      const primary = await group.primary()
      const [sentinel] = group.sentinels
      await eventually('a failover begins', () => command(sentinel?.port ?? 0, 'SENTINEL', 'FAILOVER', 'shop'))
      await untilPromoted(group, primary.port)
    },
    heal: healSentinels,
  },
  'a Sentinel is frozen and the primary is killed': {
    async strike(group) {
      group.sentinels[0]?.freeze()
      const primary = await group.primary()
      await primary.kill()
      await untilPromoted(group, primary.port)
    },
    heal: healSentinels,
  },
}

describeOutages('a Sentinel group in a rush', startSentinels, sentinelOutages)
