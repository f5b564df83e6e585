-- Takes or renews the right of one node to probe.
--
-- KEYS[1] the right  ARGV[1] the node  ARGV[2] milliseconds
-- Returns 1 when it is this node's.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
