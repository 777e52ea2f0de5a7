-- Adds a part of a day's sums to those being gathered, and with the last part makes them the day's – unless the day has
-- sold or given back something, or everything was lost, since they were read.
--
-- KEYS 1 leave     string: the reader's token
--      2 gathered  sorted set of this reader: product by units
--      3 sums      sorted set of the day; holds one member more, '', so that a day without a sale is there, too
-- ARGV 1           the reader's token
--      2           how long the sums are kept, in ms
--      3           1 with the last part, else 0
--      4…          units, product, units, product, …
-- Answer           1, or 0 where the reader's leave is gone

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  redis.call('DEL', KEYS[2])
  return 0
end
for index = 4, #ARGV, 2 do
  redis.call('ZADD', KEYS[2], ARGV[index], ARGV[index + 1])
end
redis.call('PEXPIRE', KEYS[2], ARGV[2])
if ARGV[3] == '1' then
  redis.call('ZADD', KEYS[2], 0, '')
  redis.call('RENAME', KEYS[2], KEYS[3])
  redis.call('PEXPIRE', KEYS[3], ARGV[2])
  redis.call('DEL', KEYS[1])
end
return 1
