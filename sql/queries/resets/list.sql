-- Reads from when on costs count, of all whose spend was reset since an instant, the first one first;
-- also of those that are deleted: what they have spent is in no sum again.
-- params: $1 since int, $2 owner text?, $3 id int?
-- returns: owner text, id int, user_id int, at int
SELECT r.owner, r.id, r.user_id, r.at
FROM (
    SELECT 'key' AS owner, id AS id, user_id AS user_id, costs_count_from AS at FROM user_keys
    UNION ALL
    SELECT 'user' AS owner, id AS id, id AS user_id, costs_count_from AS at FROM users
    UNION ALL
    SELECT 'provider' AS owner, id AS id, 0 AS user_id, costs_count_from AS at FROM providers
) AS r
WHERE r.at >= $1 AND ($2 IS NULL OR r.owner = $2) AND ($3 IS NULL OR r.id = $3)
ORDER BY r.at, r.owner, r.id
