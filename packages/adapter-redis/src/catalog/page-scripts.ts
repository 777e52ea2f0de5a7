import { catalogKeys, type PageOfProducts } from '../keys.js'
import { luaScript, type RedisAccess, runScript } from '../lua-script.js'

/** A page of one database's product list. */
export interface PageId {
  readonly database: string
  readonly page: PageOfProducts
}

export interface FoundPage {
  /** The generation of the catalogue at this lookup. */
  readonly generation: string
  /** How long the catalogue has been in this generation at least, in milliseconds. */
  readonly generationMs: number
  /** Redis' time of this lookup, in milliseconds since the epoch. */
  readonly now: number
  /** Whether the caller must read the page from the database and store it. */
  readonly mustRefresh: boolean
  /** The page as JSON; undefined if there is none that may be shown. */
  readonly rows: string | undefined
}

// KEYS: generation, page, refreshing. ARGV: new generation, refreshAfterMs, ttlMs, generationMs
// A generation ends in the time of its beginning; one of an earlier version of this script may not.
// The field 'edition' is part of the wire format, as the keys are.
const findScript = luaScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. string.format('%.0f', now), 'NX')
local generation = redis.call('GET', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local began = tonumber(string.match(generation, ' (%d+)$')) or now
local lasted = math.max(0, now - began)
local page = redis.call('HMGET', KEYS[2], 'edition', 'readAt', 'rows')
local age = page[2] and now - tonumber(page[2])
if page[1] ~= generation or age < 0 or age >= tonumber(ARGV[3]) then
  return { generation, now, 1, lasted }
end
local refresh = 0
if age >= tonumber(ARGV[2]) and redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[3]) then
  refresh = 1
end
return { generation, now, refresh, lasted, page[3] }
`)

/**
 * Looks up a page. A page of another generation, or of at least `ttlMs`, is not found.
 * From `refreshAfterMs` on, one caller at a time must refresh it while the others still show it.
 * `newGeneration` begins a generation if Redis has none.
 */
export const findPage = async (
  access: RedisAccess,
  { database, page }: PageId,
  options: {
    readonly newGeneration: string
    readonly refreshAfterMs: number
    readonly ttlMs: number
    readonly generationMs: number
  },
): Promise<FoundPage> => {
  const keys = catalogKeys(database)
  const [generation, now, refresh, generationMs, rows] = (await runScript(
    access,
    findScript,
    [keys.generation, keys.page(page), keys.refreshing(page)],
    [options.newGeneration, options.refreshAfterMs, options.ttlMs, options.generationMs],
  )) as [string, number, number, number, string | undefined]
  return {
    generation,
    generationMs,
    now,
    mustRefresh: refresh === 1,
    rows: typeof rows === 'string' ? rows : undefined,
  }
}

// KEYS: generation, page, refreshing. ARGV: generation, readAt, ttlMs, rows
const storeScript = luaScript(`
local time = redis.call('TIME')
local left = ARGV[2] + ARGV[3] - (time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('DEL', KEYS[3])
if redis.call('GET', KEYS[1]) ~= ARGV[1] or left <= 0 or left > tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[2], 'edition', ARGV[1], 'readAt', ARGV[2], 'rows', ARGV[4])
redis.call('PEXPIRE', KEYS[2], left)
return 1
`)

/**
 * Stores a page that was read after a lookup found `generation` at `readAt`. Its age counts from `readAt`.
 * Stores nothing if a product was written since, if Redis lost its data, or if the page is older than `ttlMs`.
 */
export const storePage = async (
  access: RedisAccess,
  { database, page }: PageId,
  options: { readonly generation: string; readonly readAt: number; readonly ttlMs: number; readonly rows: string },
): Promise<void> => {
  const keys = catalogKeys(database)
  await runScript(
    access,
    storeScript,
    [keys.generation, keys.page(page), keys.refreshing(page)],
    [options.generation, options.readAt, options.ttlMs, options.rows],
  )
}
