-- Adds up latency histograms between two slots, by provider; a slot that is not counted yet is read
-- from its rows.
-- params: $1 from int, $2 to int, $3 measure text
-- returns: provider_id int, bucket int, requests int
SELECT g.provider_id, g.bucket, CAST(SUM(g.requests) AS BIGINT) AS requests
FROM (
    SELECT l.provider_id, l.bucket, l.requests
    FROM rollup_latencies l
    WHERE l.slot >= $1 AND l.slot < $2 AND l.measure = $3
      AND NOT EXISTS (SELECT 1 FROM dirty_slots d WHERE d.slot = l.slot AND d.mark > d.done)
    UNION ALL
    SELECT r.provider_id,
           CASE WHEN $3 = 'duration' THEN r.duration_bucket ELSE r.content_bucket END, 1
    FROM dirty_slots d
    JOIN requests r ON r.request_id >= d.from_id AND r.request_id < d.to_id
    WHERE d.mark > d.done AND d.slot >= $1 AND d.slot < $2 AND r.provider_id IS NOT NULL
) g
WHERE g.bucket IS NOT NULL
GROUP BY g.provider_id, g.bucket
ORDER BY g.provider_id, g.bucket
