-- Counts served requests between two slots by step from the first slot and by latency bucket.
-- params: $1 from int, $2 to int, $3 step int, $4 measure text
-- returns: step int, bucket int, requests int
SELECT g.step, g.bucket, CAST(SUM(g.requests) AS BIGINT) AS requests
FROM (
    SELECT (l.slot - $1) / $3 AS step, l.bucket, l.requests
    FROM rollup_latencies l
    WHERE l.slot >= $1 AND l.slot < $2 AND l.measure = $4
      AND NOT EXISTS (SELECT 1 FROM dirty_slots d WHERE d.slot = l.slot AND d.mark > d.done)
    UNION ALL
    SELECT (d.slot - $1) / $3,
           CASE WHEN $4 = 'duration' THEN r.duration_bucket ELSE r.content_bucket END, 1
    FROM dirty_slots d
    JOIN requests r ON r.request_id >= d.from_id AND r.request_id < d.to_id
    WHERE d.mark > d.done AND d.slot >= $1 AND d.slot < $2 AND r.provider_id IS NOT NULL
) g
WHERE g.bucket IS NOT NULL
GROUP BY g.step, g.bucket
ORDER BY g.step, g.bucket
