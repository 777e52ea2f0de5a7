// Made of keep-day.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const keepDay = scriptOf(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then
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
