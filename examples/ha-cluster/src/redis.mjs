import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../three-servers/src/processes.mjs'
import { daemon, until } from './daemon.mjs'

const run = promisify(execFile)
const group = 'shop'
const host = '127.0.0.1'

const redisSettings = (port, primary) => `port ${port}
bind ${host}
save ""
appendonly no
repl-diskless-sync-delay 0
${primary === undefined ? '' : `replicaof ${host} ${primary}`}
`

const sentinelSettings = (port, primary) => `port ${port}
bind ${host}
sentinel monitor ${group} ${host} ${primary} 2
sentinel down-after-milliseconds ${group} 2000
sentinel failover-timeout ${group} 10000
sentinel parallel-syncs ${group} 1
`

const programAt = (name, program, text, folder) => {
  const own = join(folder, name)
  mkdirSync(own)
  // Redis and Sentinel rewrite their settings when a role changes.
  const file = join(own, `${name}.conf`)
  writeFileSync(file, text)
  return daemon(name, { command: [program, file], log: join(own, `${name}.log`), cwd: own })
}

/** One Redis with two replicas, and three Sentinels that choose another one if it fails. */
export const startRedisGroup = async ({ folder, paths }) => {
  const ports = await Promise.all(Array.from({ length: 6 }, () => freePort()))
  const [redisPorts, sentinelPorts] = [ports.slice(0, 3), ports.slice(3)]
  const [first] = redisPorts
  const redises = redisPorts.map((port, n) => ({
    port,
    ...programAt(`redis${n + 1}`, paths['redis-server'], redisSettings(port, n === 0 ? undefined : first), folder),
  }))
  const sentinels = sentinelPorts.map((port, n) =>
    programAt(`sentinel${n + 1}`, paths['redis-sentinel'], sentinelSettings(port, first), folder),
  )
  const ask = async (port, ...command) => {
    const { stdout } = await run(paths['redis-cli'], ['-h', host, '-p', String(port), ...command], { timeout: 2_000 })
    return stdout.trim()
  }
  /** What all Sentinels agree on. Undefined while they do not. */
  const primary = async () => {
    const answers = await Promise.all(
      sentinelPorts.map((port) => ask(port, 'sentinel', 'get-master-addr-by-name', group)),
    )
    const [port] = new Set(answers.map((answer) => Number(answer.split('\n')[1])))
    return new Set(answers).size === 1 ? redises.find((redis) => redis.port === port) : undefined
  }
  const isWhole = async () => {
    const now = await primary()
    return now && /connected_slaves:2/.test(await ask(now.port, 'info', 'replication')) ? now : undefined
  }
  const knowEachOther = async () => {
    const counts = sentinelPorts.map((port) => ask(port, 'sentinel', 'sentinels', group))
    return (await Promise.all(counts)).every(
      (answer) => answer.split('\n').filter((line) => line === 'name').length === 2,
    )
  }
  for (const redis of redises) await redis.start()
  for (const sentinel of sentinels) await sentinel.start()
  await until('Redis is replicated', isWhole)
  await until('the Sentinels know each other', knowEachOther)
  return {
    url: `redis-sentinel://${sentinelPorts.map((port) => `${host}:${port}`).join(',')}/${group}`,
    redisPorts,
    primary,
    whole: () => until('Redis is whole', isWhole),
    stop: () => Promise.all([...sentinels, ...redises].map((each) => each.kill())),
  }
}
