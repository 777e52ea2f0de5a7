// Made of settle-callers.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const settleCallers = scriptOf(`local got = tonumber(ARGV[2])
for index = 3, #ARGV do
  local user = ARGV[index]
  if index - 2 <= got then
    redis.call('SADD', KEYS[1], user)
  end
  redis.call('ZREM', KEYS[2], user)
end
if got > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return redis.call('SCARD', KEYS[1])
`)
