-- Tells by one row whether any model has a price.
-- params: none
-- returns: id int
SELECT p.id
FROM model_prices p
JOIN (SELECT MAX(id) AS id FROM model_prices GROUP BY model, source) newest ON newest.id = p.id
WHERE p.is_removed = 0
ORDER BY p.id
LIMIT 1
