-- Reads the price in force of each model: manual before synced before seed, with its first instant.
-- params: none
-- returns: id int, model text, source text, body text, created_at int, first_created_at int
SELECT p.id, p.model, p.source, p.body, p.created_at, first.created_at AS first_created_at
FROM model_prices p
JOIN (SELECT MAX(id) AS id FROM model_prices GROUP BY model, source) newest ON newest.id = p.id
JOIN (SELECT model, MIN(created_at) AS created_at FROM model_prices GROUP BY model) first
  ON first.model = p.model
WHERE p.is_removed = 0
ORDER BY p.model,
         CASE p.source WHEN 'manual' THEN 1 WHEN 'synced' THEN 2 ELSE 3 END
