-- Adds a version of a model's price, or notes that the source has none any more.
-- params: $1 model text, $2 source text, $3 body text, $4 is_removed int, $5 created_at int
-- returns: none
INSERT INTO model_prices (model, source, body, is_removed, created_at)
VALUES ($1, $2, $3, $4, $5)
