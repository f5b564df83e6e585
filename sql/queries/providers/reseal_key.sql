-- Keeps a renewed credential in the place of the one it was renewed from, unless somebody has given
-- another key meanwhile. The catalogue need not be loaded for it: who needs a token reads this row.
-- params: $1 id int, $2 sealed_key text, $3 former text
-- returns: none
UPDATE providers SET sealed_key = $2 WHERE id = $1 AND sealed_key = $3 AND deleted_at IS NULL
