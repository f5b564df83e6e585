-- Reads the newest synced and seed price of each model.
-- params: none
-- returns: model text, source text, body text
SELECT p.model, p.source, p.body
FROM model_prices p
JOIN (SELECT MAX(id) AS id FROM model_prices WHERE source <> 'manual' GROUP BY model, source) newest
  ON newest.id = p.id
WHERE p.is_removed = 0
ORDER BY p.model, p.id
