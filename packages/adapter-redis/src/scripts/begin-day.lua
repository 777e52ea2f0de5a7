-- Asks for leave to read a day's sums from the database: one reader at a time.
--
-- KEYS 1 leave     string: the reader's token
-- ARGV 1           the reader's token
--      2           how long the reader may take, in ms
-- Answer           1 where the leave was given, else 0

return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
