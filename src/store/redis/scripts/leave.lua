-- A node goes in order: whatever it holds anywhere counts no longer, as that of one that was silent.
--
-- KEYS[1] living nodes: hash of node -> last seen, ms  KEYS[2] numbers of the last batch of each node
-- ARGV[1] the node
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
