-- Switches an address on or off.
-- params: $1 id int, $2 is_enabled int, $3 now int
-- returns: none
UPDATE provider_endpoints SET is_enabled = $2, updated_at = $3 WHERE id = $1
