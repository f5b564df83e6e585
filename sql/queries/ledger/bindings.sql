-- The turns of sessions that were served since an instant, the latest request first, to restore
-- bindings.
-- params: $1 from_id bytes
-- returns: user_id int, key_id int, session_id text, provider_id int, model text?, started_at int,
--   ended_at int, notes json
SELECT user_id, key_id, session_id, provider_id, model, started_at, ended_at, notes
FROM requests
WHERE request_id >= $1
  AND outcome = 'success'
  AND operation IN ('generate', 'compact')
  AND session_id IS NOT NULL
  AND provider_id IS NOT NULL
ORDER BY request_id DESC
LIMIT 100000
