// Made of raise-token.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const raiseToken = scriptOf(`for _, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= ARGV[1] then
    return 0
  end
end
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[2], 'KEEPTTL')
end
return 1
`)
