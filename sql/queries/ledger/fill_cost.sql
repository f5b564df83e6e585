-- Books the cost of a request whose model had no price; one that is booked already stays as it is.
-- params: $1 request_id bytes, $2 cost int, $3 list_cost int, $4 price_id int
-- returns: none
UPDATE requests
SET cost = $2, list_cost = $3, price_id = $4, unbilled = NULL
WHERE request_id = $1 AND cost IS NULL AND unbilled = 'unpriced'
