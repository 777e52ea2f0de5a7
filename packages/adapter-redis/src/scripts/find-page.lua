-- Looks for a page of products.
--
-- KEYS 1 edition   string: changes with every write to a product; a page of another edition is none
--      2 page      hash: edition, readAt (ms), rows
--      3 renewing  string: somebody is reading the page anew
-- ARGV 1           the edition to begin, where there is none
--      2           from which age on a page is to be read anew, in ms
--      3           the age above which a page is none, in ms
-- Answer           {edition, now in ms, 1 where the caller is to read the page anew, rows or nothing}

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('SET', KEYS[1], ARGV[1], 'NX')
local edition = redis.call('GET', KEYS[1])
redis.call('PEXPIRE', KEYS[1], 86400000)
local page = redis.call('HMGET', KEYS[2], 'edition', 'readAt', 'rows')
local age = page[2] and now - tonumber(page[2])
if page[1] ~= edition or age < 0 or age >= tonumber(ARGV[3]) then
  return { edition, now, 1 }
end
local renew = 0
if age >= tonumber(ARGV[2]) and redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[3]) then
  renew = 1
end
return { edition, now, renew, page[3] }
