-- Notes from when on the costs of a tag count.
-- params: $1 name text, $2 at int
-- returns: none
-- idempotent
UPDATE tag_limits SET costs_count_from = $2 WHERE name = $1
