-- Reads one version of a price, in force or not.
-- params: $1 id int
-- returns: id int, model text, source text, body text, created_at int
SELECT id, model, source, body, created_at
FROM model_prices
WHERE id = $1
