// Made of find-page.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const findPage = scriptOf(`local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local edition = redis.call('GET', KEYS[1])
redis.call('PEXPIRE', KEYS[1], 86400000)
local page = redis.call('HMGET', KEYS[2], 'edition', 'readAt', 'rows')
local age = page[2] and now - tonumber(page[2])
if page[1] ~= edition or age < 0 or age >= tonumber(ARGV[3]) then
  return { edition, now, 1 }
end
local renew = 0
if age >= tonumber(ARGV[2]) and redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[3]) then
  renew = 1
end
return { edition, now, renew, page[3] }
`)
