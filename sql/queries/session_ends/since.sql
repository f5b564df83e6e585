-- Reads the ends of sessions since an instant, the first one first.
-- params: $1 since int
-- returns: scope text, target text, at int
SELECT scope, target, at FROM session_ends WHERE at >= $1 ORDER BY at, scope, target
