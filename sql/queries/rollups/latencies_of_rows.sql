-- Counts the rows of a slot by latency bucket.
-- params: $1 from_id bytes, $2 to_id bytes
-- returns: provider_id int, model text, measure text, bucket int, requests int
SELECT r.provider_id, COALESCE(r.model, '') AS model, 'duration' AS measure,
       r.duration_bucket AS bucket, COUNT(*) AS requests
FROM requests r
WHERE r.request_id >= $1 AND r.request_id < $2 AND r.provider_id IS NOT NULL
GROUP BY r.provider_id, COALESCE(r.model, ''), r.duration_bucket
UNION ALL
SELECT r.provider_id, COALESCE(r.model, ''), 'first_content', r.content_bucket, COUNT(*)
FROM requests r
WHERE r.request_id >= $1 AND r.request_id < $2 AND r.provider_id IS NOT NULL
  AND r.content_bucket IS NOT NULL
GROUP BY r.provider_id, COALESCE(r.model, ''), r.content_bucket
