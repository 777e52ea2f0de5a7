// Made of admit-callers.lua by scripts/lua-texts.mjs.
import { scriptOf } from '../script.js'

export const admitCallers = scriptOf(`local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local terms = redis.call('HMGET', KEYS[3], 'quantity', 'issued', 'validUntil', 'absent')
local quantity = tonumber(terms[1])
local committed = redis.call('SCARD', KEYS[1])

local state = 'open'
local free = 0
if terms[4] then
  state = 'absent'
elseif not quantity then
  state = 'empty'
elseif committed >= quantity then
  state = 'sold-out'
else
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  free = quantity - math.max(committed, tonumber(terms[2])) - redis.call('ZCARD', KEYS[2])
end

local verdicts = {}
for index = 2, #ARGV do
  local user = ARGV[index]
  local verdict
  if redis.call('SISMEMBER', KEYS[1], user) == 1 then
    verdict = 'issued'
  elseif state == 'sold-out' then
    verdict = 'sold-out'
  elseif state ~= 'open' then
    verdict = 'unknown'
  elseif redis.call('ZSCORE', KEYS[2], user) then
    verdict = 'taken'
  elseif free > 0 then
    redis.call('ZADD', KEYS[2], now + ARGV[1], user)
    free = free - 1
    verdict = 'admitted'
  else
    verdict = 'full'
  end
  verdicts[#verdicts + 1] = verdict
end
if #verdicts > 0 and redis.call('ZCARD', KEYS[2]) > 0 then
  redis.call('PEXPIRE', KEYS[2], ARGV[1] * 2)
end
return { state, free, terms[3] or '0', redis.call('PTTL', KEYS[3]), unpack(verdicts) }
`)
