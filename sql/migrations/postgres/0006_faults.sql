-- Failures that are a provider's fault or ours, apart from those of clients and limits.
--
-- A status of 400 or more is no fault by itself: clients send nonsense, limits refuse. Roll-ups
-- learn to count what is.

ALTER TABLE rollups ADD COLUMN faults BIGINT NOT NULL DEFAULT 0;

-- Up to which mark a slot was counted with its faults. The version before this one, which may go on
-- beside it, writes only `done`: what it has counted is not counted for this one.
ALTER TABLE dirty_slots ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;

-- The last 31 days, which charts can show, are counted anew in the background where anything failed;
-- until then they are summed from their rows. Older ones keep 0.
UPDATE dirty_slots SET counted = done
WHERE slot < (SELECT MAX(d.slot) FROM dirty_slots d) - 2678400000000
   OR slot NOT IN (SELECT s.slot FROM rollups s WHERE s.errors > 0);

CREATE OR REPLACE VIEW figures AS
SELECT s.slot, s.user_id, s.key_id, s.provider_id, s.model, s.group_name, s.requests, s.errors,
       s.unmetered, s.unpriced, s.input_tokens, s.output_tokens, s.reasoning_tokens,
       s.cache_write_5m_tokens, s.cache_write_1h_tokens, s.cache_read_tokens,
       s.image_input_tokens, s.image_output_tokens, s.cost, s.list_cost, s.duration_ms, s.faults
FROM rollups s
WHERE NOT EXISTS (SELECT 1 FROM dirty_slots d WHERE d.slot = s.slot AND d.mark > d.counted)
UNION ALL
SELECT d.slot, r.user_id, r.key_id, COALESCE(r.provider_id, 0), COALESCE(r.model, ''),
       COALESCE(r.group_name, ''), 1, CASE WHEN r.status >= 400 THEN 1 ELSE 0 END,
       CASE WHEN r.unbilled = 'unmetered' THEN 1 ELSE 0 END,
       CASE WHEN r.unbilled = 'unpriced' THEN 1 ELSE 0 END,
       COALESCE(r.input_tokens, 0), COALESCE(r.output_tokens, 0),
       COALESCE(r.reasoning_tokens, 0), COALESCE(r.cache_write_5m_tokens, 0),
       COALESCE(r.cache_write_1h_tokens, 0), COALESCE(r.cache_read_tokens, 0),
       COALESCE(r.image_input_tokens, 0), COALESCE(r.image_output_tokens, 0),
       COALESCE(r.cost, 0), COALESCE(r.list_cost, 0), r.duration_ms,
       CASE WHEN r.outcome IN ('no_provider', 'truncated', 'interrupted', 'internal')
           OR (r.outcome = 'upstream_error' AND r.status <> 404)
           THEN 1 ELSE 0 END
FROM dirty_slots d
JOIN requests r ON r.request_id >= d.from_id AND r.request_id < d.to_id
WHERE d.mark > d.counted;
