-- Counts requests without a price since a slot, by model.
-- params: $1 since int
-- returns: model text, unpriced int
SELECT f.model, CAST(SUM(f.unpriced) AS BIGINT) AS unpriced
FROM figures f
WHERE f.slot >= $1 AND f.unpriced > 0
GROUP BY f.model
ORDER BY f.model
