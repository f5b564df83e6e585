-- Counts a user's served requests of a range by step from an instant and by latency bucket.
-- params: $1 from int, $2 from_id bytes, $3 to_id bytes, $4 step int, $5 measure text,
--   $6 user_id int
-- returns: step int, bucket int, requests int
SELECT (r.started_at - $1) / $4 AS step,
       CASE WHEN $5 = 'duration' THEN r.duration_bucket ELSE r.content_bucket END AS bucket,
       COUNT(*) AS requests
FROM requests r
WHERE r.user_id = $6 AND r.request_id >= $2 AND r.request_id < $3 AND r.provider_id IS NOT NULL
  AND CASE WHEN $5 = 'duration' THEN r.duration_bucket ELSE r.content_bucket END IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
