-- A breaker has changed on one node. The change with the higher number stands; of two equal ones the
-- first does. Closed ones stay listed for a while, so that older news does not open them again.
--
-- KEYS[1] breakers: hash of breaker -> JSON
-- ARGV[1] the breaker  ARGV[2] its number  ARGV[3] the JSON
-- Returns 1 when the change stands.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and cjson.decode(known).version >= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('PEXPIRE', KEYS[1], 86400000)
return 1
