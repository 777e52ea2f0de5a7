-- Writes down how issues came out, once the database has decided: users that have the coupon, and places given back.
--
-- KEYS 1 issued    set of the users whose issued coupon has committed
--      2 places    sorted set of the users whose issue is under way
-- ARGV 1           how long the issued users are kept without a change, in ms
--      2           how many of the users that follow have the coupon
--      3…          those users, then those that give their place back without having got one
-- Answer           how many users are known to have the coupon

local got = tonumber(ARGV[2])
for index = 3, #ARGV do
  local user = ARGV[index]
  -- First: a Redis that is full lets a script write that has begun by giving something up.
  redis.call('ZREM', KEYS[2], user)
  if index - 2 <= got then
    redis.call('SADD', KEYS[1], user)
  end
end
if got > 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return redis.call('SCARD', KEYS[1])
