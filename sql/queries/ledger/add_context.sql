-- Keeps an exclusion context; it is named by its hash.
-- params: $1 hash bytes, $2 body json, $3 now int
-- returns: none
-- idempotent
INSERT INTO decision_contexts (hash, body, first_seen) VALUES ($1, $2, $3)
ON CONFLICT (hash) DO NOTHING
