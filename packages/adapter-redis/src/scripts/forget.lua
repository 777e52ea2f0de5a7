-- Forgets keys of one hash tag.
--
-- KEYS             any
-- Answer           how many there were

return redis.call('DEL', unpack(KEYS))
