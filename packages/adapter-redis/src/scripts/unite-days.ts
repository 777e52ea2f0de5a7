// Made of unite-days.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const uniteDays = scriptOf(`local missing = {}
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
