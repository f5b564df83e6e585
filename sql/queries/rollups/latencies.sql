-- Adds up latency histograms between two slots, by provider.
-- params: $1 from int, $2 to int, $3 measure text
-- returns: provider_id int, bucket int, requests int
SELECT provider_id, bucket, CAST(SUM(requests) AS BIGINT) AS requests
FROM rollup_latencies
WHERE slot >= $1 AND slot < $2 AND measure = $3
GROUP BY provider_id, bucket
ORDER BY provider_id, bucket
