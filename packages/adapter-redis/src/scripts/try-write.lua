-- Writes as the other scripts do: fails where they would.
--
-- KEYS 1 probe     string
-- ARGV 1           how long it is kept, in ms
-- Answer           1

redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return 1
