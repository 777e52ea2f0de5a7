// Made of keep-page.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const keepPage = scriptOf(`local time = redis.call('TIME')
local left = ARGV[2] + ARGV[3] - (time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('DEL', KEYS[3])
if redis.call('GET', KEYS[1]) ~= ARGV[1] or left <= 0 or left > tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[2], 'edition', ARGV[1], 'readAt', ARGV[2], 'rows', ARGV[4])
redis.call('PEXPIRE', KEYS[2], left)
return 1
`)
