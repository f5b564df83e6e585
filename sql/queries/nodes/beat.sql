-- Notes that a node lives.
-- params: $1 id text, $2 host text, $3 version text, $4 has_redis int, $5 started_at int,
--   $6 now int
-- returns: none
-- idempotent
INSERT INTO nodes (id, host, version, has_redis, started_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO UPDATE SET has_redis = excluded.has_redis, seen_at = excluded.seen_at
