-- Notes from when on the costs of a key count.
-- params: $1 id int, $2 at int
-- returns: none
-- idempotent
UPDATE user_keys SET costs_count_from = $2 WHERE id = $1 AND deleted_at IS NULL
