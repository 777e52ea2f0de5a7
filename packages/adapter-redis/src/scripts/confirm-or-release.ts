// Made of confirm-or-release.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const confirmOrRelease = scriptOf(`local got = tonumber(ARGV[2])
for index = 3, #ARGV do
  local user = ARGV[index]
  -- First: a Redis that is full lets a script write that has begun by giving something up.
  redis.call('ZREM', KEYS[2], user)
  if index - 2 <= got then
    redis.call('SADD', KEYS[1], user)
  end
end
if got > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return redis.call('SCARD', KEYS[1])
`)
