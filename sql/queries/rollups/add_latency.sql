-- Writes one bucket of a slot's latency histograms.
-- params: $1 slot int, $2 provider_id int, $3 model text, $4 measure text, $5 bucket int,
--   $6 requests int
-- returns: none
INSERT INTO rollup_latencies (slot, provider_id, model, measure, bucket, requests)
VALUES ($1, $2, $3, $4, $5, $6)
