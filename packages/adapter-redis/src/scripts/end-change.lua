-- Ends a change of a coupon. Terms that were read before it committed are gone then, whatever happened meanwhile.
--
-- KEYS 1 leave     string
--      2 terms     hash
--      3 changes   sorted set of the changes under way
-- ARGV 1           the token of the change
-- Answer           1

redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZREM', KEYS[3], ARGV[1])
return 1
