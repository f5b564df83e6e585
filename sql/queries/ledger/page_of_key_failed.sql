-- Finds a page of requests backwards in time, that a key sent and that failed: an index of
-- SQLite has only those; PostgreSQL reads the one of all of them.
-- params: $1 before bytes, $2 from bytes, $3 user_id int?, $4 key_id int, $5 provider_id int?,
--   $6 model text?, $7 path text?, $8 status int?, $9 exclude_200 int, $10 min_retries int,
--   $11 session_id text?, $12 lowest_status int?, $13 highest_status int?, $14 faults int,
--   $15 limit int, $16 offset int
-- returns: request_id bytes
SELECT r.request_id
FROM requests r
WHERE r.request_id < $1
  AND r.request_id >= $2
  AND ($3 IS NULL OR r.user_id = $3)
  AND r.key_id = $4
  AND ($5 IS NULL OR r.provider_id = $5)
  AND ($6 IS NULL OR r.model = $6)
  AND ($7 IS NULL OR r.path = $7)
  AND ($8 IS NULL OR r.status = $8)
  AND r.status >= 400
  AND ($9 = 0 OR r.status <> 200)
  AND r.retries >= $10
  AND ($11 IS NULL OR r.session_id = $11)
  AND ($12 IS NULL OR r.status >= $12)
  AND ($13 IS NULL OR r.status <= $13)
  AND ($14 = 0
       OR r.outcome IN ('no_provider', 'truncated', 'interrupted', 'internal')
       OR (r.outcome = 'upstream_error' AND r.status <> 404))
ORDER BY r.request_id DESC
LIMIT $15 OFFSET $16
