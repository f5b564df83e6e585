-- Gives an address another place in the order.
-- params: $1 id int, $2 position int, $3 now int
-- returns: none
UPDATE provider_endpoints SET position = $2, updated_at = $3 WHERE id = $1
