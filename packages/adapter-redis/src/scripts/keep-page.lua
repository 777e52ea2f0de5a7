-- Keeps a page of products, unless a product was written, or everything lost, since the page was looked for.
--
-- KEYS 1 edition   string
--      2 page      hash: edition, readAt (ms), rows
--      3 renewing  string: somebody is reading the page anew
-- ARGV 1           the edition that was found when the page was looked for
--      2           the time (ms) at which it was looked for: its age counts from then
--      3           the age above which it is none, in ms
--      4           rows
-- Answer           1 where it was kept, else 0

local time = redis.call('TIME')
local left = ARGV[2] + ARGV[3] - (time[1] * 1000 + math.floor(time[2] / 1000))
redis.call('DEL', KEYS[3])
if redis.call('GET', KEYS[1]) ~= ARGV[1] or left <= 0 or left > tonumber(ARGV[3]) then
  return 0
end
redis.call('HSET', KEYS[2], 'edition', ARGV[1], 'readAt', ARGV[2], 'rows', ARGV[4])
redis.call('PEXPIRE', KEYS[2], left)
return 1
