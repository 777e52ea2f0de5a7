-- Forgets a coupon's terms before the coupon is changed, and lets nobody read new ones until the change has ended.
--
-- KEYS 1 leave     string: whoever is reading the terms may no longer keep them
--      2 terms     hash
--      3 changes   sorted set of the changes under way, by the time (ms) at which they are given up
-- ARGV 1           a token of this change
--      2           when it is given up, should nobody end it, in ms
-- Answer           1

local time = redis.call('TIME')
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('ZADD', KEYS[3], time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[2] * 2)
return 1
