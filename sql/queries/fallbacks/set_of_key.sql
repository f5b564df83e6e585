-- Says which models stand in for others in a key's requests; NULL is none.
-- params: $1 id int, $2 fallback_models json?, $3 now int
-- returns: none
-- idempotent
UPDATE user_keys
SET fallback_models = $2, updated_at = $3
WHERE id = $1 AND deleted_at IS NULL
