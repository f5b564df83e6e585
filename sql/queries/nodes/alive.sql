-- Reads the nodes seen since an instant.
-- params: $1 since int
-- returns: id text, host text, version text, has_redis int, started_at int, seen_at int
SELECT id, host, version, has_redis, started_at, seen_at FROM nodes
WHERE seen_at >= $1 ORDER BY started_at, id
