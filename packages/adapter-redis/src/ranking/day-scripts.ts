import type { Day } from '@shop/core/store'
import { rankingKeys } from '../keys.js'
import { callRedis, luaScript, type RedisAccess, runScript } from '../lua-script.js'

/** A product and the units sold of it. */
export type ProductUnits = readonly [productId: string, units: number]

/** The sums of one database, by the days of one time zone. */
export interface SumsId {
  readonly database: string
  readonly timeZone: string
}

/** Takes the refresh lock of a day for `lockMs`. Resolves with false if another server holds it. */
export const lockDayRefresh = async (
  access: RedisAccess,
  { database, timeZone }: SumsId,
  { day, token, lockMs }: { readonly day: Day; readonly token: string; readonly lockMs: number },
): Promise<boolean> => {
  const key = rankingKeys(database, timeZone).refreshLock(day)
  return (await callRedis(access, (redis) => redis.set(key, token, 'PX', lockMs, 'NX'))) === 'OK'
}

// KEYS: refreshLock, gathered, sums. ARGV: token, dayMs, 1 with the last part, then units, product, units, product, …
// The sums have one more member, '', so that they exist for a day without a sale.
const storeScript = luaScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  redis.call('DEL', KEYS[2])
  return 0
end
for index = 4, #ARGV, 2 do
  redis.call('ZADD', KEYS[2], ARGV[index], ARGV[index + 1])
end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if ARGV[3] == '1' then
  redis.call('ZADD', KEYS[2], 0, '')
  redis.call('RENAME', KEYS[2], KEYS[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
  redis.call('DEL', KEYS[1])
end
return 1
`)

/**
 * Stores a part of a day's sums. With the last part the day is complete and replaces the earlier one.
 * Resolves with false if the refresh lock is gone: the day has changed since, the lock expired, or Redis lost its data.
 */
export const storeDaySums = async (
  access: RedisAccess,
  { database, timeZone }: SumsId,
  part: {
    readonly day: Day
    readonly token: string
    readonly dayMs: number
    readonly isLast: boolean
    readonly sums: readonly ProductUnits[]
  },
): Promise<boolean> => {
  const keys = rankingKeys(database, timeZone)
  const scores = part.sums.flatMap(([productId, units]) => [units, productId])
  const stored = await runScript(
    access,
    storeScript,
    [keys.refreshLock(part.day), keys.gathered(part.day, part.token), keys.sums(part.day)],
    [part.token, part.dayMs, part.isLast ? 1 : 0, ...scores],
  )
  return stored === 1
}

// KEYS: window, then the sums of each day. ARGV: wanted
const topScript = luaScript(`
local missing = {}
for index = 2, #KEYS do
  if redis.call('EXISTS', KEYS[index]) == 0 then
    missing[#missing + 1] = index - 1
  end
end
if #missing > 0 then
  return { #missing, unpack(missing) }
end
redis.call('ZUNIONSTORE', KEYS[1], #KEYS - 1, unpack(KEYS, 2))
local wanted = tonumber(ARGV[1])
local last = redis.call('ZREVRANGE', KEYS[1], wanted - 1, wanted - 1, 'WITHSCORES')
local least = '(0'
if last[2] and tonumber(last[2]) > 0 then
  least = last[2]
end
local found = redis.call('ZREVRANGEBYSCORE', KEYS[1], '+inf', least, 'WITHSCORES')
redis.call('DEL', KEYS[1])
table.insert(found, 1, 0)
return found
`)

/**
 * Adds the days up. Resolves with the `wanted` products that sold most, and all that sold as many as the last of them.
 * Products without a sale are left out. If sums of days are missing, resolves with those days instead.
 */
export const topOfDays = async (
  access: RedisAccess,
  { database, timeZone }: SumsId,
  { days, wanted }: { readonly days: readonly Day[]; readonly wanted: number },
): Promise<{ readonly missing: readonly Day[] } | { readonly top: readonly ProductUnits[] }> => {
  const keys = rankingKeys(database, timeZone)
  const reply = await runScript(access, topScript, [keys.window, ...days.map(keys.sums)], [wanted])
  const [missing, ...rest] = reply as [number, ...(string | number)[]]
  if (missing > 0) return { missing: rest.map((number) => days[Number(number) - 1] as Day) }
  const top = Array.from(
    { length: rest.length / 2 },
    (_, index): ProductUnits => [String(rest[2 * index]), Number(rest[2 * index + 1])],
  )
  return { top }
}
