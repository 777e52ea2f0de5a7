-- Raises a claimed token to the greatest one that was claimed at any node, unless somebody has claimed another meanwhile.
--
-- KEYS 1…          the last token of each name
-- ARGV 1           the token as claimed here
--      2           the token to raise it to
-- Answer           1 where it was raised, else 0

for _, key in ipairs(KEYS) do
  if redis.call('GET', key) ~= ARGV[1] then
    return 0
  end
end
for _, key in ipairs(KEYS) do
  redis.call('SET', key, ARGV[2], 'KEEPTTL')
end
return 1
