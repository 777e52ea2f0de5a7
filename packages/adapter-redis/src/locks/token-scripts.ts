import { luaScript, type RedisAccess, runScript } from '../lua-script.js'

// KEYS: the last token of each name. ARGV: least, tokenMs
// Replies with text: Redis would lose digits of a large number.
const claimScript = luaScript(`
local limit = 9007199254740991
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local token = math.max(now, tonumber(ARGV[1]))
for _, key in ipairs(KEYS) do
  local last = tonumber(redis.call('GET', key) or 0) or 0
  -- A value above the limit was never granted.
  if last <= limit then
    token = math.max(token, last + 1)
  end
end
local text = string.format('%.0f', token)
local kept = string.format('%.0f', math.max(0, (token - now) / 1000) + ARGV[2])
for _, key in ipairs(KEYS) do
  redis.call('SET', key, text, 'PX', kept)
end
return text
`)

/**
 * Claims a fencing token on one node, and replies with it as text. It is at least `least`, greater than every token that
 * was claimed on this node for any of the names, and at least the node's clock in microseconds: so it also grows after
 * the node has lost its data. The node remembers it for `tokenMs` after its clock has passed it.
 */
export const claimToken = async (
  access: RedisAccess,
  tokenKeys: readonly string[],
  { least, tokenMs }: { readonly least: number; readonly tokenMs: number },
): Promise<string> => String(await runScript(access, claimScript, tokenKeys, [least, tokenMs]))

// KEYS: the last token of each name. ARGV: claimed, to
const raiseScript = luaScript(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= ARGV[1] then
    return 0
  end
end
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[2], 'KEEPTTL')
end
return 1
`)

/**
 * Raises a token that was claimed on one node to the greatest one that was claimed on any node.
 * Resolves with false if another token was claimed there in the meantime.
 */
export const raiseToken = async (
  access: RedisAccess,
  tokenKeys: readonly string[],
  { claimed, to }: { readonly claimed: number; readonly to: number },
): Promise<boolean> => (await runScript(access, raiseScript, tokenKeys, [claimed, to])) === 1
