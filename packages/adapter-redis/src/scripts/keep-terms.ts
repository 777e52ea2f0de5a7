// Made of keep-terms.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const keepTerms = scriptOf(`local kept = 0
local left = redis.call('PTTL', KEYS[1])
if redis.call('GET', KEYS[1]) == ARGV[1] and left > 0 then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], unpack(ARGV, 2))
  redis.call('PEXPIRE', KEYS[2], left)
  redis.call('DEL', KEYS[1])
  kept = 1
end
return { kept, redis.call('SCARD', KEYS[3]), redis.call('ZCARD', KEYS[4]) }
`)
