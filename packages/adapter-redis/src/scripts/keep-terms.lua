-- Keeps a coupon's terms as read of the database, unless the coupon was changed, or everything lost, since the read began.
--
-- KEYS 1 leave     string: the token of the reader that may do so
--      2 terms     hash: quantity, issued, validUntil; or absent
--      3 issued    set of the users whose issued coupon has committed
--      4 places    sorted set of the users whose issue is under way
-- ARGV 1           the reader's token
--      2…          fields and values of the terms
-- Answer           {1 where they were kept, else 0; how many users are known to have it; how many have a place}

local kept = 0
local left = redis.call('PTTL', KEYS[1])
if redis.call('GET', KEYS[1]) == ARGV[1] and left > 0 then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[2], unpack(ARGV, 2))
  redis.call('PEXPIRE', KEYS[2], left)
  redis.call('DEL', KEYS[1])
  kept = 1
end
return { kept, redis.call('SCARD', KEYS[3]), redis.call('ZCARD', KEYS[4]) }
