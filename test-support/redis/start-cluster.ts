import { quietPort } from './quiet-port.js'
import { command, type Reply } from './resp.js'
import { type RedisServer, startRedis } from './start-redis.js'

/** A Redis Cluster of real processes: masters, then as many replicas. */
export interface RedisCluster {
  readonly url: string
  readonly nodes: readonly RedisServer[]
  /** The node that serves the key's slot, as the others see it. */
  masterOf(key: string): Promise<RedisServer>
  /** The first replica of a master. */
  replicaOf(master: RedisServer): Promise<RedisServer>
  /** Begins to move a key's slot to another master. Until the end, Redis asks clients to look in both places. */
  beginMove(key: string): Promise<SlotMove>
  /** Resolves once every running node says that all slots are served, and every replica follows its master. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface SlotMove {
  /** Moves the keys that the slot has by now. */
  moveKeys(): Promise<void>
  /** Moves the rest of the keys and then the slot. */
  finish(): Promise<void>
}

export interface RedisClusterOptions {
  /** @default 3 */
  readonly masters?: number
  /** After this time without a reply a node counts as failed, in milliseconds. @default 600 */
  readonly nodeTimeoutMs?: number
  /** Further settings of redis.conf for every node. */
  readonly settings?: Readonly<Record<string, string>>
}

/** One line of CLUSTER NODES. */
interface NodeLine {
  readonly id: string
  readonly port: number
  readonly flags: readonly string[]
  readonly masterId: string
  readonly link: string
}

const text = (reply: Reply): string => String(reply)

const allSlots = 16_384
const limitMs = 30_000

/** Polls until `check` resolves with a value other than undefined. Errors count as undefined. */
export const eventually = async <T>(what: string, check: () => Promise<T | undefined>): Promise<T> => {
  const until = performance.now() + limitMs
  for (;;) {
    const found = await check().catch(() => undefined)
    if (found !== undefined) return found
    if (performance.now() > until) throw new Error(`waited ${limitMs} ms until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const linesOf = async (port: number): Promise<readonly NodeLine[]> =>
  text(await command(port, 'CLUSTER', 'NODES'))
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', address = '', flags = '', masterId = '', , , , link = ''] = line.split(' ')
      return { id, port: Number(/:(\d+)@/.exec(address)?.[1]), flags: flags.split(','), masterId, link }
    })

const isWhole = async (port: number): Promise<true | undefined> => {
  const info = text(await command(port, 'CLUSTER', 'INFO'))
  const replication = text(await command(port, 'INFO', 'replication'))
  const isFollowing = !replication.includes('role:slave') || replication.includes('master_link_status:up')
  const isServed = /cluster_state:ok/.test(info) && info.includes(`cluster_slots_ok:${allSlots}`)
  return (isFollowing && isServed) || undefined
}

/** Starts a cluster. Takes a second or two: the nodes elect nobody, but they must learn of each other. */
export const startCluster = async (options: RedisClusterOptions = {}): Promise<RedisCluster> => {
  const { masters = 3, nodeTimeoutMs = 600, settings = {} } = options
  const nodes = await Promise.all(
    Array.from({ length: masters * 2 }, async () =>
      startRedis({
        port: await quietPort(),
        settings: {
          'cluster-enabled': 'yes',
          'cluster-port': String(await quietPort()),
          'cluster-node-timeout': String(nodeTimeoutMs),
          // A replica may take over, however old its last word from its master is.
          'cluster-replica-validity-factor': '0',
          'repl-diskless-sync-delay': '0',
          'repl-ping-replica-period': '1',
          ...settings,
        },
      }),
    ),
  )
  const ports = nodes.map(({ port }) => port)
  const [firstPort = 0] = ports
  const running = new Set(nodes)
  const nodeAt = (port: number | undefined): RedisServer => {
    const node = nodes.find((each) => each.port === port)
    if (!node) throw new Error(`no node of this cluster has the port ${port}`)
    return node
  }
  const idOf = async (port: number) => text(await command(port, 'CLUSTER', 'MYID'))

  for (const [index, port] of ports.entries()) {
    await command(port, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    if (index < masters) {
      const [from, to] = [index, index + 1].map((part) => Math.floor((allSlots * part) / masters))
      await command(port, 'CLUSTER', 'ADDSLOTSRANGE', Number(from), Number(to) - 1)
    }
    const bus = text(((await command(port, 'CONFIG', 'GET', 'cluster-port')) as readonly Reply[])[1] ?? '')
    if (port !== firstPort) await command(firstPort, 'CLUSTER', 'MEET', '127.0.0.1', port, bus)
  }
  const ids = await Promise.all(ports.map(idOf))
  await eventually('the nodes know each other', async () => {
    const known = await Promise.all(ports.map(linesOf))
    const isComplete = known.every((lines) => lines.filter(({ link }) => link === 'connected').length === ports.length)
    return isComplete || undefined
  })
  await Promise.all(
    ports
      .slice(masters)
      .map((port, index) =>
        eventually('a replica follows', async () => command(port, 'CLUSTER', 'REPLICATE', ids[index] ?? '')),
      ),
  )

  /** The answer of any node that runs. */
  const ask = async <T>(question: (port: number) => Promise<T | undefined>, what: string): Promise<T> =>
    eventually(what, async () => {
      for (const { port } of running) {
        const found = await question(port).catch(() => undefined)
        if (found !== undefined) return found
      }
      return undefined
    })

  const masterPort = (slot: number) =>
    ask(async (port) => {
      const rows = (await command(port, 'CLUSTER', 'SLOTS')) as readonly (readonly [
        string,
        string,
        readonly string[],
      ])[]
      const row = rows.find(([from, to]) => Number(from) <= slot && slot <= Number(to))
      return row && Number(row[2][1])
    }, `slot ${slot} has a master`)

  const slotOf = async (key: string): Promise<number> =>
    ask(async (port) => Number(await command(port, 'CLUSTER', 'KEYSLOT', key)), 'a node computes a slot')

  const cluster: RedisCluster = {
    url: `redis-cluster://${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    nodes: nodes.map((node) => ({
      ...node,
      async kill() {
        running.delete(nodeAt(node.port))
        await node.kill()
      },
      async restart() {
        await node.restart()
        running.add(nodeAt(node.port))
      },
    })),
    async masterOf(key) {
      const port = await masterPort(await slotOf(key))
      return cluster.nodes[ports.indexOf(port)] ?? nodeAt(port)
    },
    async replicaOf(master) {
      const id = await idOf(master.port)
      const port = await ask(async (asked) => {
        const lines = await linesOf(asked)
        return lines.find(({ masterId, flags }) => masterId === id && !flags.includes('fail'))?.port
      }, 'a master has a replica')
      return cluster.nodes[ports.indexOf(port)] ?? nodeAt(port)
    },
    async beginMove(key) {
      const slot = await slotOf(key)
      const source = await masterPort(slot)
      const [sourceId] = [await idOf(source)]
      const lines = await linesOf(source)
      const target = lines.find(({ flags, port }) => flags.includes('master') && port !== source)
      if (!target) throw new Error('no other master')
      await command(target.port, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', sourceId)
      await command(source, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id)
      const moveKeys = async () => {
        for (;;) {
          const keys = (await command(source, 'CLUSTER', 'GETKEYSINSLOT', slot, 100)) as readonly string[]
          if (keys.length === 0) return
          await command(source, 'MIGRATE', '127.0.0.1', target.port, '', 0, 5_000, 'KEYS', ...keys)
        }
      }
      return {
        moveKeys,
        async finish() {
          // New keys of the slot appear on the target from now on: the source is asked only for those that it has.
          await moveKeys()
          await command(target.port, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id)
          await command(source, 'CLUSTER', 'SETSLOT', slot, 'NODE', target.id)
        },
      }
    },
    async settled() {
      await eventually('the cluster is whole', async () => {
        const whole = await Promise.all([...running].map(({ port }) => isWhole(port)))
        return whole.every(Boolean) || undefined
      })
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
  await cluster.settled()
  return cluster
}
