-- How all breakers stand, as their nodes have told.
--
-- KEYS[1] breakers: hash of breaker -> JSON
return redis.call('HVALS', KEYS[1])
