import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { launch, type RestartableProcess, restartable } from '../child.js'
import { quietPort } from './quiet-port.js'
import { command } from './resp.js'
import { eventually } from './start-cluster.js'
import { type RedisServer, startRedis } from './start-redis.js'

/** A primary with two replicas, watched by three Sentinels: real processes. */
export interface SentinelGroup {
  readonly url: string
  readonly nodes: readonly RedisServer[]
  readonly sentinels: readonly (RestartableProcess & { readonly port: number })[]
  /** The node that the Sentinels name as the primary. */
  primary(): Promise<RedisServer>
  /** Resolves once the Sentinels know each other, and the primary both replicas. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface SentinelGroupOptions {
  /** After this time without a reply a node counts as failed, in milliseconds. @default 500 */
  readonly downAfterMs?: number
  /** Password of the Sentinels. @default none */
  readonly sentinelPassword?: string
  /** Password of Redis. @default none */
  readonly password?: string
}

const name = 'shop'

/** Starts a Sentinel group. */
export const startSentinels = async (options: SentinelGroupOptions = {}): Promise<SentinelGroup> => {
  const { downAfterMs = 500, password, sentinelPassword } = options
  const program = inject('redisProgram')
  const secrets: Readonly<Record<string, string>> = password ? { requirepass: password, masterauth: password } : {}
  const common = { 'repl-diskless-sync-delay': '0', 'repl-ping-replica-period': '1', ...secrets }
  const first = await startRedis({ port: await quietPort(), settings: common })
  const replicaOf = { replicaof: `127.0.0.1 ${first.port}` }
  const others = await Promise.all(
    [0, 1].map(async () => startRedis({ port: await quietPort(), settings: { ...common, ...replicaOf } })),
  )
  const nodes = [first, ...others]

  const startSentinel = async () => {
    const port = await quietPort()
    const folder = await mkdtemp(join(tmpdir(), 'shop-sentinel-'))
    const file = join(folder, 'sentinel.conf')
    const lines = [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${first.port} 2`,
      `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
      `sentinel failover-timeout ${name} 5000`,
      ...(password ? [`sentinel auth-pass ${name} ${password}`] : []),
      ...(sentinelPassword ? [`requirepass ${sentinelPassword}`, `sentinel sentinel-pass ${sentinelPassword}`] : []),
    ]
    await writeFile(file, `${lines.join('\n')}\n`)
    const run = () => launch(program, [file, '--sentinel'], 'Sentinel ID is')
    return { port, ...(await restartable(run, folder)), folder }
  }
  const sentinels = await Promise.all([startSentinel(), startSentinel(), startSentinel()])
  const ask = async (port: number, ...words: readonly string[]) => command(port, ...words)
  const isOpen = sentinelPassword === undefined

  const group: SentinelGroup = {
    url: '',
    nodes,
    sentinels,
    primary: () =>
      eventually('the Sentinels name a primary', async () => {
        for (const { port } of sentinels) {
          const reply = await ask(port, 'SENTINEL', 'get-master-addr-by-name', name).catch(() => undefined)
          const found = Array.isArray(reply) ? nodes.find((node) => String(node.port) === reply[1]) : undefined
          if (found) return found
        }
        return undefined
      }),
    async settled() {
      if (!isOpen) return
      await eventually('the Sentinels know each other and the replicas', async () => {
        const rows = await Promise.all(
          sentinels.map(({ port }) => ask(port, 'SENTINEL', 'master', name) as Promise<readonly string[]>),
        )
        const counts = rows.map((row) => [
          row[row.indexOf('num-slaves') + 1],
          row[row.indexOf('num-other-sentinels') + 1],
        ])
        return counts.every(([replicas, peers]) => replicas === '2' && peers === '2') || undefined
      })
    },
    async stop() {
      await Promise.all(sentinels.map((sentinel) => sentinel.stop()))
      await Promise.all(sentinels.map(({ folder }) => rm(folder, { recursive: true, force: true })))
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(',')
  const query = isOpen ? '' : `?sentinelPassword=${encodeURIComponent(sentinelPassword)}`
  const url = `redis-sentinel://${password ? `:${encodeURIComponent(password)}@` : ''}${hosts}/${name}${query}`
  await group.settled()
  return { ...group, url }
}
