-- Reads the newest version of each model's price by source, removed ones left out.
-- params: none
-- returns: id int, model text, source text, body text
SELECT p.id, p.model, p.source, p.body
FROM model_prices p
JOIN (SELECT MAX(id) AS id FROM model_prices GROUP BY model, source) newest ON newest.id = p.id
WHERE p.is_removed = 0
ORDER BY p.model, p.id
