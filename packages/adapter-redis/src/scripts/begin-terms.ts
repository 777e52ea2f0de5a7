// Made of begin-terms.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const beginTerms = scriptOf(`local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
if redis.call('ZCARD', KEYS[2]) > 0 then
  return { 0, 0 }
end
local given = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
return { given, redis.call('SCARD', KEYS[3]) }
`)
