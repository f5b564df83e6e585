-- Reads the sealed key of a provider that is not deleted.
-- params: $1 id int
-- returns: sealed_key text
SELECT sealed_key FROM providers WHERE id = $1 AND deleted_at IS NULL
