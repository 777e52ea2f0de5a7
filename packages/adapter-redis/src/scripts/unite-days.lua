-- Adds the days of a window up and answers the products that sold most, with all that sold as many as the last of them.
--
-- KEYS 1 window    sorted set, made and removed here
--      2…          the days' sums, sorted sets
-- ARGV 1           how many products are wanted
-- Answer           {0 where no day is missing, product, units, product, units, …} without those that sold nothing;
--                  else {how many days are missing, their numbers, from 1}

local missing = {}
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
