-- As models_of_keys.sql.
SELECT f.key_id, f.model, CAST(SUM(f.requests) AS BIGINT) AS requests,
       CAST(SUM(f.cost) AS BIGINT) AS cost
FROM figures f
WHERE f.slot >= $2
  AND f.key_id IN (SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text($1) AS given (value))
GROUP BY f.key_id, f.model
ORDER BY f.key_id, f.model
