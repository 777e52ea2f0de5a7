import { type Cluster, Command } from 'ioredis'
import { lifetimes, probeKey, probeKeyOf } from '../keys.js'
import { callRedis, luaScript, type RedisAccess, runScript } from '../lua-script.js'
import { isCluster } from './nodes.js'
import { isRedisAway, RedisAway } from './redis-away.js'

// KEYS: probe. ARGV: probeMs
const script = luaScript(`
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1
`)

const write = (access: RedisAccess, key: string): Promise<unknown> =>
  runScript(access, script, [key], [lifetimes.probeMs])

const allSlots = 16_384

/** Slots from `first` to `last`, of one master. */
interface SlotRange {
  readonly first: number
  readonly last: number
}

/** The largest range of every master. Rejects if a slot has no master. */
const rangesOf = async (access: RedisAccess, cluster: Cluster): Promise<readonly SlotRange[]> => {
  const rows = await callRedis(access, () => cluster.cluster('SLOTS'))
  const ranges = new Map<string, SlotRange>()
  let assigned = 0
  for (const [first, last, [host, port] = []] of rows) {
    assigned += last - first + 1
    const known = ranges.get(`${host}:${port}`)
    if (!known || known.last - known.first < last - first) ranges.set(`${host}:${port}`, { first, last })
  }
  if (assigned < allSlots) {
    throw new RedisAway('refused', { cause: new Error(`CLUSTERDOWN ${allSlots - assigned} slots have no master`) })
  }
  return [...ranges.values()]
}

/** A key of this package's probes in the range. */
const probeKeyIn = ({ first, last }: SlotRange): string => {
  for (let number = 0; ; number += 1) {
    const key = probeKeyOf(number)
    const slot = new Command('get', [key]).getSlot()
    if (slot >= first && slot <= last) return key
  }
}

const probeMasters = async (access: RedisAccess, cluster: Cluster): Promise<void> => {
  const ranges = await rangesOf(access, cluster)
  const results = await Promise.allSettled(ranges.map((range) => write(access, probeKeyIn(range))))
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const [first] = errors
  if (errors.length === 0) return
  if (errors.length === ranges.length || !isRedisAway(first) || first.reason === 'refused') throw first
  const serving = `${ranges.length - errors.length} of ${ranges.length} masters serve`
  throw new RedisAway(first.reason, { cause: new Error(`MASTERDOWN ${serving}`, { cause: first }) })
}

/**
 * Writes a key from a script, as the parts of this package do; in a cluster a key on every master. Rejects if Redis cannot
 * serve them. If only some masters fail to reply, the error's cause begins with MASTERDOWN.
 */
export const probeWrite = async (access: RedisAccess): Promise<void> => {
  if (isCluster(access.redis)) await probeMasters(access, access.redis)
  else await write(access, probeKey)
}
