-- Reads from when on costs count, of all whose spend was reset since an instant, the first one first;
-- also of those that are deleted: what they have spent is in no sum again. Groups and tags have
-- names and no ids.
-- params: $1 since int
-- returns: owner text, id int, name text, user_id int, at int
SELECT r.owner, r.id, r.name, r.user_id, r.at
FROM (
    SELECT 'key' AS owner, k.id AS id, '' AS name, k.user_id AS user_id, k.costs_count_from AS at
    FROM user_keys k
    WHERE k.costs_count_from >= $1
    UNION ALL
    SELECT 'user' AS owner, u.id AS id, '' AS name, u.id AS user_id, u.costs_count_from AS at
    FROM users u
    WHERE u.costs_count_from >= $1
    UNION ALL
    SELECT 'provider' AS owner, p.id AS id, '' AS name, 0 AS user_id, p.costs_count_from AS at
    FROM providers p
    WHERE p.costs_count_from >= $1
    UNION ALL
    SELECT 'group' AS owner, 0 AS id, g.name AS name, 0 AS user_id, g.costs_count_from AS at
    FROM provider_groups g
    WHERE g.costs_count_from >= $1
    UNION ALL
    SELECT 'tag' AS owner, 0 AS id, t.name AS name, 0 AS user_id, t.costs_count_from AS at
    FROM tag_limits t
    WHERE t.costs_count_from >= $1
) AS r
ORDER BY r.at, r.owner, r.id, r.name
