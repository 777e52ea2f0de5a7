-- Asks for leave to read a coupon's terms from the database: one reader at a time, none while the coupon is being changed.
-- The leave also bounds the terms' age: they lapse with it, so their time counts from before the read.
--
-- KEYS 1 leave     string: the reader's token
--      2 changes   sorted set of the changes under way, by the time (ms) at which they are given up
--      3 issued    set of the users whose issued coupon has committed
-- ARGV 1           the reader's token
--      2           how long what is read may be used, in ms
-- Answer           {1 where the leave was given, else 0; how many users are known to have the coupon}

local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
if redis.call('ZCARD', KEYS[2]) > 0 then
  return { 0, 0 }
end
local given = redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
return { given, redis.call('SCARD', KEYS[3]) }
