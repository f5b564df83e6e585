-- Reads prices in force by name, after a name, by part of it and by source when these are given.
-- params: $1 after text, $2 like text?, $3 source text?, $4 limit int
-- returns: id int, model text, source text, body text, created_at int
SELECT p.id, p.model, p.source, p.body, p.created_at
FROM model_prices p
WHERE p.model > $1
  AND ($2 IS NULL OR LOWER(p.model) LIKE $2 ESCAPE '\')
  AND ($3 IS NULL OR p.source = $3)
  AND p.is_removed = 0
  AND p.id = (SELECT MAX(own.id) FROM model_prices own
              WHERE own.model = p.model AND own.source = p.source)
  AND NOT EXISTS (
      -- One of a better source.
      SELECT 1 FROM model_prices better
      WHERE better.model = p.model
        AND ((better.source = 'manual' AND p.source <> 'manual')
          OR (better.source = 'synced' AND p.source = 'seed'))
        AND better.is_removed = 0
        AND better.id = (SELECT MAX(own.id) FROM model_prices own
                         WHERE own.model = better.model AND own.source = better.source))
ORDER BY p.model
LIMIT $4
