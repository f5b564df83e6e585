-- Adds up the requests of sessions (a list of their names) since an instant, apart for everything
-- that a session may have several of.
SELECT r.session_id, r.user_id, r.key_id, r.provider_id, r.model, r.dialect,
       COUNT(*) AS requests,
       CAST(COALESCE(SUM(r.input_tokens), 0) AS BIGINT) AS input_tokens,
       CAST(COALESCE(SUM(r.output_tokens), 0) AS BIGINT) AS output_tokens,
       CAST(COALESCE(SUM(r.cache_write_5m_tokens), 0) AS BIGINT) AS cache_write_5m_tokens,
       CAST(COALESCE(SUM(r.cache_write_1h_tokens), 0) AS BIGINT) AS cache_write_1h_tokens,
       CAST(COALESCE(SUM(r.cache_read_tokens), 0) AS BIGINT) AS cache_read_tokens,
       CAST(COALESCE(SUM(r.cost), 0) AS BIGINT) AS cost,
       CAST(COALESCE(SUM(r.duration_ms), 0) AS BIGINT) AS duration_ms,
       MIN(r.started_at) AS started_at, MAX(r.ended_at) AS ended_at,
       MAX(r.user_agent) AS user_agent
FROM jsonb_array_elements_text($1) AS wanted (value)
JOIN requests r ON r.session_id = wanted.value AND r.request_id >= $2
GROUP BY r.session_id, r.user_id, r.key_id, r.provider_id, r.model, r.dialect
ORDER BY MIN(r.started_at)
