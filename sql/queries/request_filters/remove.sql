-- Removes a request filter for good.
-- params: $1 id int
-- returns: none
-- idempotent
DELETE FROM request_filters WHERE id = $1
