-- Counts the prices in force by source, by part of the model's name when it is given.
-- params: $1 like text?
-- returns: source text, models int
SELECT CASE best.place WHEN 1 THEN 'manual' WHEN 2 THEN 'synced' ELSE 'seed' END AS source,
       COUNT(*) AS models
FROM (SELECT p.model,
             MIN(CASE p.source WHEN 'manual' THEN 1 WHEN 'synced' THEN 2 ELSE 3 END) AS place
      FROM (SELECT MAX(id) AS id FROM model_prices
            WHERE ($1 IS NULL OR LOWER(model) LIKE $1 ESCAPE '\')
            GROUP BY model, source) newest
      JOIN model_prices p ON p.id = newest.id
      WHERE p.is_removed = 0
      GROUP BY p.model) best
GROUP BY best.place
