-- Notes that sessions were ended; of two ends the later one counts.
-- params: $1 scope text, $2 target text, $3 at int
-- returns: none
-- idempotent
INSERT INTO session_ends (scope, target, at) VALUES ($1, $2, $3)
ON CONFLICT (scope, target) DO UPDATE SET at = excluded.at
WHERE session_ends.at < excluded.at
