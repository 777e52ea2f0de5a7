-- Claims a fencing token: greater than every one that was claimed here for any of the names. Its floor is this node's clock,
-- so that it also grows when everything was lost.
--
-- KEYS 1…          the last token of each name
-- ARGV 1           the least token that will do
--      2           how long a token is remembered once the clock has passed it, in ms
-- Answer           the token, as text: Redis would cut a number's digits

local limit = 9007199254740991
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local token = math.max(now, tonumber(ARGV[1]))
for _, key in ipairs(KEYS) do
  local last = tonumber(redis.call('GET', key) or 0) or 0
  -- What is above the limit was never granted by anybody.
  if last <= limit then
    token = math.max(token, last + 1)
  end
end
local text = string.format('%.0f', token)
local kept = string.format('%.0f', math.max(0, (token - now) / 1000) + ARGV[2])
for _, key in ipairs(KEYS) do
  redis.call('SET', key, text, 'PX', kept)
end
return text
