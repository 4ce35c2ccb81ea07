-- Subqueries and joins whose answers are compared with PostgreSQL's: one statement a line. The tables are subquerySchema's.
-- scalar subqueries
SELECT id, (SELECT s.x FROM s WHERE s.id = o.id) FROM o ORDER BY id
SELECT id, (SELECT max(s.x) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.x > o.x) FROM o ORDER BY id
SELECT id, (SELECT count(*) + o.x FROM s WHERE s.x > o.x) FROM o ORDER BY id
SELECT id, (SELECT sum(s.x + o.x) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.x = o.x OR s.y = o.y) FROM o ORDER BY id
SELECT id, (SELECT max(s.n) FROM s WHERE s.n < o.n) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.oid = o.id HAVING count(*) > 1) FROM o ORDER BY id
SELECT id, (SELECT sum(x) FROM s WHERE s.oid = o.id HAVING min(x) > o.x) FROM o ORDER BY id
SELECT id, (SELECT o.x + 1) FROM o ORDER BY id
SELECT id, (SELECT o.x + 1 WHERE o.x > 2) FROM o ORDER BY id
SELECT id, (SELECT (SELECT o.x) + (SELECT o.y)) FROM o ORDER BY id
SELECT id, (SELECT o.x WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id)) FROM o ORDER BY id
SELECT id, (SELECT s.t || o.t FROM s WHERE s.id = o.id) FROM o ORDER BY id
SELECT id, (SELECT coalesce(s.t, o.t, 'none') FROM s WHERE s.id = o.id) FROM o ORDER BY id
SELECT id, (SELECT s.x FROM s WHERE s.oid = o.id ORDER BY s.y, s.id LIMIT 1) FROM o ORDER BY id
SELECT id, (SELECT s.x FROM s WHERE s.oid = o.id ORDER BY s.y DESC, s.id OFFSET 1 LIMIT 1) FROM o ORDER BY id
SELECT id, (SELECT s.id k FROM s WHERE s.x > o.x ORDER BY s.x, s.id LIMIT 1) FROM o ORDER BY id
SELECT id, (SELECT s.id AS k FROM s WHERE s.x > o.x ORDER BY abs(s.x - o.y), s.id LIMIT 1) FROM o ORDER BY id
SELECT id, (SELECT s.id AS k FROM s ORDER BY abs(s.x - o.x), s.id LIMIT 1) FROM o ORDER BY id
SELECT id, (SELECT s.id AS k FROM s ORDER BY s.id LIMIT 1 OFFSET o.id) FROM o ORDER BY id
SELECT id, (SELECT array_agg(q.id ORDER BY q.id) FROM (SELECT s.id FROM s ORDER BY s.id LIMIT o.x) q) FROM o WHERE x >= 0 OR x IS NULL ORDER BY id
SELECT id, (SELECT s.id AS k FROM s ORDER BY s.id LIMIT o.x - 100) FROM o WHERE x IS NOT NULL ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.id FROM s WHERE s.oid = o.id ORDER BY s.x FETCH FIRST 1 ROW WITH TIES) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.id FROM s WHERE s.x >= o.x ORDER BY s.x OFFSET 1 FETCH FIRST 2 ROWS WITH TIES) q) FROM o ORDER BY id
SELECT id, (SELECT DISTINCT s.x FROM s WHERE s.oid = o.id AND s.x = 3) FROM o ORDER BY id
SELECT id, (SELECT count(DISTINCT s.x) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT DISTINCT s.x, s.y FROM s WHERE s.oid <= o.id) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT DISTINCT ON (s.x) s.x, s.id FROM s WHERE s.oid <= o.id ORDER BY s.x, s.id) q) FROM o ORDER BY id
SELECT id, (SELECT sum(q.id) FROM (SELECT DISTINCT ON (s.x) s.x, s.id FROM s WHERE s.oid <= o.id ORDER BY s.x, s.id DESC) q) FROM o ORDER BY id
SELECT id, (SELECT string_agg(t, ',' ORDER BY t, id) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT string_agg(t, o.t ORDER BY id) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT array_agg(q.id) FROM (SELECT s.id FROM s WHERE s.oid = o.id ORDER BY s.y DESC NULLS LAST, s.id) q) FROM o ORDER BY id
SELECT id, (SELECT array_agg(q.id) FROM (SELECT s.id FROM s WHERE s.oid <= o.id ORDER BY s.y DESC NULLS LAST, s.id) q) FROM o ORDER BY id
SELECT id, (SELECT array_agg(q.id) FROM (SELECT s.id FROM s WHERE s.oid <= o.id ORDER BY s.y DESC NULLS LAST, s.id LIMIT 3) q) FROM o ORDER BY id
SELECT id, (SELECT max(s.x) FROM s WHERE s.oid = o.id) + (SELECT min(s.x) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT max(s.x) FROM s), (SELECT min(s.y) FROM s WHERE s.x > 100) FROM o ORDER BY id
SELECT id, (SELECT s.x FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT x FROM s) FROM o ORDER BY id
SELECT id, (SELECT x FROM s) FROM empty ORDER BY id
SELECT id, (SELECT x FROM empty) FROM o ORDER BY id
SELECT (SELECT 1, 2)
SELECT id, (SELECT s.* FROM s WHERE s.id = o.id) FROM o
SELECT id, (SELECT o.n::text) FROM o ORDER BY id
SELECT id, (SELECT count(*) || ':' || o.n FROM s WHERE s.n = o.n) FROM o ORDER BY id
SELECT id, (SELECT max(s.x) || '/' || o.f::text FROM s WHERE s.x > o.f) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.n = o.n) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.n IS NOT DISTINCT FROM o.n) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.x IS NOT DISTINCT FROM o.x) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.x IS DISTINCT FROM o.x AND s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.x = ANY (o.tags)) FROM o ORDER BY id
SELECT id, (SELECT sum(1 / s.x) FROM s WHERE s.oid = o.id AND s.x <> 0) FROM o ORDER BY id
SELECT id, (SELECT sum(60 / s.z) FROM u s WHERE s.sid = o.id) FROM o WHERE id < 5 ORDER BY id
SELECT id, (SELECT sum(60 / s.z) FROM u s WHERE s.sid = o.id) FROM o ORDER BY id
-- where a scalar subquery may stand
SELECT id FROM o WHERE x > (SELECT avg(x) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE x = (SELECT max(s.x) FROM s WHERE s.y = o.y) ORDER BY id
SELECT id FROM o WHERE (SELECT count(*) FROM s WHERE s.oid = o.id) = 0 ORDER BY id
SELECT id FROM o WHERE (SELECT count(*) FROM s WHERE s.oid = o.id) BETWEEN 1 AND 2 ORDER BY id
SELECT id FROM o WHERE x IN (1, (SELECT min(s.x) FROM s WHERE s.oid = o.id), 7) ORDER BY id
SELECT id FROM o WHERE x NOT IN (1, (SELECT min(s.x) FROM s WHERE s.oid = o.id)) ORDER BY id
SELECT id FROM o ORDER BY (SELECT count(*) FROM s WHERE s.oid = o.id) DESC, id
SELECT id FROM o ORDER BY (SELECT max(s.x) FROM s WHERE s.x < o.y) NULLS FIRST, id
SELECT (SELECT count(*) FROM s WHERE s.oid = o.id) AS c, count(*) FROM o GROUP BY c ORDER BY c
SELECT (SELECT count(*) FROM s WHERE s.oid = o.id) AS c, count(*) FROM o GROUP BY 1 ORDER BY 1
SELECT count(*) FROM o GROUP BY (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY 1
SELECT (SELECT count(*) FROM s WHERE s.oid = o.id), count(*) FROM o GROUP BY (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY 1
SELECT x, count(*) FROM o GROUP BY x HAVING count(*) > (SELECT count(*) FROM s WHERE s.x = o.x) ORDER BY x
SELECT x, (SELECT count(*) FROM s WHERE s.x = o.x), sum(y) FROM o GROUP BY x ORDER BY x
SELECT x, (SELECT count(*) FROM s WHERE s.x > sum(o.y)) FROM o GROUP BY x ORDER BY x
SELECT x, sum((SELECT max(s.x) FROM s WHERE s.oid = o.id)) FROM o GROUP BY x ORDER BY x
SELECT x, count(*) FILTER (WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id)) FROM o GROUP BY x ORDER BY x
SELECT x, array_agg((SELECT min(s.id) FROM s WHERE s.oid = o.id) ORDER BY id) FROM o GROUP BY x ORDER BY x
SELECT x, string_agg(t, '-' ORDER BY (SELECT count(*) FROM s WHERE s.oid = o.id), id) FROM o GROUP BY x ORDER BY x
SELECT id, sum((SELECT count(*) FROM s WHERE s.oid = o.id)) OVER (ORDER BY id) FROM o ORDER BY id
SELECT id, row_number() OVER (PARTITION BY (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY id) FROM o ORDER BY id
SELECT id, count(*) OVER (ORDER BY (SELECT count(*) FROM s WHERE s.oid = o.id)) FROM o ORDER BY id
SELECT id, (SELECT max(s.x) FROM s WHERE s.x < rank() OVER (ORDER BY o.x)) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.id <= r) FROM (SELECT id, rank() OVER (ORDER BY x) AS r FROM o) q ORDER BY id
SELECT id, CASE WHEN x > 3 THEN (SELECT max(s.x) FROM s WHERE s.oid = o.id) ELSE (SELECT min(s.y) FROM s) END FROM o ORDER BY id
SELECT id, CASE WHEN id < 0 THEN (SELECT x FROM s) ELSE 5 END FROM o ORDER BY id
SELECT id, CASE WHEN id = 1 THEN (SELECT x FROM s) ELSE 5 END FROM o ORDER BY id
SELECT id, CASE WHEN (SELECT count(*) FROM s WHERE s.oid = o.id) <= 1 THEN (SELECT s.x FROM s WHERE s.oid = o.id) END FROM o ORDER BY id
SELECT id, CASE (SELECT count(*) FROM s WHERE s.oid = o.id) WHEN 0 THEN -1 WHEN 1 THEN (SELECT s.x FROM s WHERE s.oid = o.id) ELSE (SELECT min(s.x) FROM s WHERE s.oid = o.id) END FROM o ORDER BY id
SELECT id, coalesce(x, (SELECT max(s.x) FROM s WHERE s.oid = o.id), -1) FROM o ORDER BY id
SELECT id, coalesce(id, (SELECT s.x FROM s)) FROM o ORDER BY id
SELECT id, id > 0 OR (SELECT x FROM s) > 0 FROM o ORDER BY id
SELECT id, id < 0 AND (SELECT x FROM s) > 0 FROM o ORDER BY id
SELECT id, greatest(x, (SELECT max(s.x) FROM s WHERE s.oid = o.id)), nullif(x, (SELECT min(s.x) FROM s WHERE s.oid = o.id)) FROM o ORDER BY id
SELECT id, abs((SELECT min(s.x) FROM s WHERE s.oid = o.id) - 5), (SELECT 'a' || o.t) || 'b' FROM o ORDER BY id
SELECT id, ARRAY[x, (SELECT max(s.x) FROM s WHERE s.oid = o.id)] FROM o ORDER BY id
SELECT id, (SELECT x FROM s WHERE s.id = o.id) IS NULL, NOT (SELECT x > 2 FROM s WHERE s.id = o.id) FROM o ORDER BY id
VALUES ((SELECT max(x) FROM s)), ((SELECT min(x) FROM s)), (NULL), (4)
VALUES (1, (SELECT 'a')), ((SELECT 2), 'b'), (3, NULL) ORDER BY 1
SELECT * FROM (VALUES ((SELECT count(*) FROM s), 1), (0, (SELECT count(*) FROM o))) v(a, b) ORDER BY 1
SELECT id, (SELECT sum(v) FROM (VALUES (o.x), (o.y), (10)) q(v)) FROM o ORDER BY id
SELECT id, (SELECT max(v) FROM (VALUES (o.x), (o.y)) q(v) WHERE v < 5) FROM o ORDER BY id
SELECT id, (VALUES (o.x)) FROM o ORDER BY id
SELECT id, (SELECT string_agg(a || coalesce(b::text, '-'), ',' ORDER BY a) FROM (VALUES ('p', o.x), ('q', NULL), (o.t, o.y), ('z', 3)) v(a, b)) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (VALUES (1), (2), (NULL)) v(a) WHERE a = o.x OR a IS NULL) FROM o ORDER BY id
SELECT id FROM o ORDER BY id LIMIT (SELECT 3)
SELECT id FROM o ORDER BY id LIMIT (SELECT count(*) FROM s WHERE x > 5) OFFSET (SELECT 1)
SELECT id FROM o ORDER BY id OFFSET (SELECT min(id) FROM s)
SELECT id FROM o ORDER BY id LIMIT (SELECT NULL::int)
SELECT id FROM o ORDER BY id LIMIT (SELECT -1)
SELECT id FROM o ORDER BY id OFFSET (SELECT -1)
SELECT x FROM o ORDER BY x FETCH FIRST (SELECT 2) ROWS WITH TIES
SELECT x FROM o UNION SELECT x FROM s ORDER BY 1 LIMIT (SELECT 2)
SELECT id FROM o LIMIT (SELECT o.x)
SELECT id, (SELECT sum(q.id) FROM (SELECT s.id FROM s ORDER BY s.id LIMIT (SELECT count(*) FROM u WHERE u.sid = o.id)) q) FROM o ORDER BY id
SELECT count(*) FROM o JOIN s ON s.x = (SELECT max(u.z) FROM u WHERE u.sid = s.id)
SELECT o.id, s.id FROM o JOIN s ON s.oid = o.id AND s.x > (SELECT min(u.z) FROM u WHERE u.sid = o.x) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON s.oid = o.id AND s.x > (SELECT min(u.z) FROM u WHERE u.sid = s.id) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON s.oid = o.id AND o.x > (SELECT min(u.z) FROM u WHERE u.sid = o.id) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON s.oid = o.id AND (SELECT max(u.z) FROM u WHERE u.sid = s.id AND u.z > o.x) IS NOT NULL ORDER BY 1, 2
SELECT o.id, s.id FROM o RIGHT JOIN s ON s.oid = o.id AND EXISTS (SELECT 1 FROM u WHERE u.sid = s.id AND u.z > o.x) ORDER BY 1, 2
SELECT o.id, s.id FROM o FULL JOIN s ON s.oid = o.id AND o.id = (SELECT 2) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON s.oid = o.id AND s.x IN (SELECT u.z FROM u WHERE u.sid = o.id) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON s.oid = o.id AND s.x NOT IN (SELECT u.z FROM u WHERE u.sid < o.id) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON EXISTS (SELECT 1 FROM u WHERE u.z = o.x AND u.sid = s.id) ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON (SELECT o.x + s.x) = 5 ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN (s JOIN u ON u.sid = s.id AND u.z > (SELECT avg(z) FROM u v WHERE v.sid = s.id)) ON s.oid = o.id ORDER BY 1, 2
-- EXISTS and IN
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id AND s.x > o.x) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE NOT EXISTS (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT count(*) FROM s WHERE s.oid = o.id HAVING count(*) > 1) ORDER BY id
SELECT id FROM o WHERE NOT EXISTS (SELECT count(*) FROM s WHERE s.oid = o.id HAVING count(*) > 1) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id GROUP BY s.x HAVING count(*) > 1) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id ORDER BY s.x LIMIT 1) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id OFFSET 1) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id LIMIT 0) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT o.x / 0 FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT o.x) ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 WHERE o.x > 2) ORDER BY id
SELECT id FROM o WHERE NOT EXISTS (SELECT 1 WHERE o.x > 2) ORDER BY id
SELECT id, EXISTS (SELECT 1 FROM s WHERE s.oid = o.id), EXISTS (SELECT 1 WHERE o.x > 2) FROM o ORDER BY id
SELECT id, NOT EXISTS (SELECT 1 FROM s WHERE s.x = o.x AND s.y = o.y) FROM o ORDER BY id
SELECT id, EXISTS (SELECT 1 FROM s WHERE s.oid = o.id UNION SELECT 1 FROM u WHERE u.z = o.x) FROM o ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE s.oid = o.id) OR x > 5 ORDER BY id
SELECT id FROM o WHERE NOT (EXISTS (SELECT 1 FROM s WHERE s.oid = o.id) AND x > 2) ORDER BY id
SELECT id FROM o WHERE x IN (SELECT x FROM s) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT x FROM s) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT x FROM s WHERE x IS NOT NULL) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT x FROM empty) ORDER BY id
SELECT id FROM o WHERE x IN (SELECT s.x FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT s.x FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT s.x FROM s WHERE s.y > o.y) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT s.x FROM s WHERE s.y > o.y AND s.oid = o.id) ORDER BY id
SELECT id, x IN (SELECT s.x FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, x NOT IN (SELECT s.x FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, x IN (SELECT s.x FROM s WHERE s.y > o.y) FROM o ORDER BY id
SELECT id, x IN (SELECT s.x FROM s), x NOT IN (SELECT s.y FROM s WHERE s.y IS NOT NULL) FROM o ORDER BY id
SELECT id, NULL IN (SELECT s.x FROM s WHERE s.oid = o.id), 3 IN (SELECT s.x FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, x IN (SELECT count(*) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id FROM o WHERE x IN (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT count(*) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT max(s.x) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id, x NOT IN (SELECT max(s.x) FROM s WHERE s.oid = o.id HAVING count(*) > 1) FROM o ORDER BY id
SELECT id FROM o WHERE x IN (SELECT s.x + o.y FROM s) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT s.x + o.y FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE x IN (SELECT o.y) ORDER BY id
SELECT id, x IN (SELECT o.y), x NOT IN (SELECT o.y WHERE o.id > 3) FROM o ORDER BY id
SELECT id FROM o WHERE x IN (SELECT s.x FROM s WHERE s.oid = o.id ORDER BY s.id LIMIT 1) ORDER BY id
SELECT id FROM o WHERE x IN (SELECT s.x FROM s WHERE s.oid = o.id UNION SELECT u.z FROM u WHERE u.sid = o.id) ORDER BY id
SELECT id FROM o WHERE x NOT IN (SELECT s.x FROM s WHERE s.oid = o.id EXCEPT SELECT u.z FROM u WHERE u.sid = o.id) ORDER BY id
SELECT id FROM o WHERE n IN (SELECT n FROM s) ORDER BY id
SELECT id FROM o WHERE n IN (SELECT x FROM s) ORDER BY id
SELECT id FROM o WHERE f IN (SELECT x FROM s) ORDER BY id
SELECT id FROM o WHERE t IN (SELECT t FROM s WHERE s.oid <> o.id) ORDER BY id
SELECT id FROM o WHERE NOT (x IN (SELECT x FROM s)) ORDER BY id
SELECT id FROM o WHERE (x IN (SELECT x FROM s)) IS NULL ORDER BY id
SELECT id FROM o WHERE (x IN (SELECT x FROM s WHERE s.oid = o.id)) IS NOT TRUE ORDER BY id
-- rows
SELECT id FROM o WHERE (x, y) IN (SELECT x, y FROM s) ORDER BY id
SELECT id FROM o WHERE (x, y) NOT IN (SELECT x, y FROM s) ORDER BY id
SELECT id FROM o WHERE (x, y) NOT IN (SELECT x, y FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE (x, y) NOT IN (SELECT x, y FROM empty) ORDER BY id
SELECT id, (x, y) IN (SELECT x, y FROM s) FROM o ORDER BY id
SELECT id, (x, y) NOT IN (SELECT x, y FROM s WHERE s.id > 3) FROM o ORDER BY id
SELECT id, (x, y, t) IN (SELECT x, y, t FROM s) FROM o ORDER BY id
SELECT id, (x, y) IN (SELECT x, y FROM s WHERE s.oid <= o.id) FROM o ORDER BY id
SELECT id, (x, y) NOT IN (SELECT s.x, s.y FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (x, 3) IN (SELECT x, y FROM s), (NULL, y) IN (SELECT x, y FROM s), (NULL, NULL) IN (SELECT x, y FROM s) FROM o ORDER BY id
SELECT id, (x, n) IN (SELECT x, n FROM s), (n, x) IN (SELECT x, n FROM s) FROM o ORDER BY id
SELECT id, (x, y) = (SELECT s.x, s.y FROM s WHERE s.id = o.id) FROM o ORDER BY id
SELECT id, (x, y) <> (SELECT s.x, s.y FROM s WHERE s.id = o.id) FROM o ORDER BY id
SELECT id, (x, y) < (SELECT s.x, s.y FROM s WHERE s.id = o.id), (x, y) >= (SELECT s.x, s.y FROM s WHERE s.id = o.id) FROM o ORDER BY id
SELECT id FROM o WHERE (x, y) = (SELECT max(s.x), min(s.y) FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE (x, y) = (SELECT s.x, s.y FROM s) ORDER BY id
SELECT id FROM o WHERE (x, y) = (SELECT s.x FROM s) ORDER BY id
SELECT id FROM o WHERE (x, y) IN (SELECT s.x FROM s) ORDER BY id
SELECT id FROM o WHERE (x) IN (SELECT s.x, s.y FROM s) ORDER BY id
SELECT id, ROW(x, y) < ANY (SELECT x, y FROM s), ROW(x, y) >= ALL (SELECT x, y FROM s WHERE x IS NOT NULL) FROM o ORDER BY id
SELECT id, ROW(x, y) <> ALL (SELECT x, y FROM s), ROW(x, y) <> ANY (SELECT x, y FROM s) FROM o ORDER BY id
SELECT id, ROW(x, y) = ALL (SELECT s.x, s.y FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (x, y) IN ((1, 2), (3, 4)), (x, y) IN ((1, (SELECT max(s.y) FROM s WHERE s.oid = o.id)), (3, 4)) FROM o ORDER BY id
-- ANY and ALL
SELECT id, x > ANY (SELECT s.x FROM s WHERE s.oid = o.id), x > ALL (SELECT s.x FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, x = ANY (SELECT x FROM s), x <> ALL (SELECT x FROM s), x = ALL (SELECT s.x FROM s WHERE s.oid = o.id), x <> ANY (SELECT s.x FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, x < ALL (SELECT x FROM empty), x < ANY (SELECT x FROM empty) FROM o ORDER BY id
SELECT id FROM o WHERE x <= ALL (SELECT s.x FROM s WHERE s.oid = o.id) ORDER BY id
SELECT id FROM o WHERE NOT x >= SOME (SELECT s.x FROM s WHERE s.y > o.y) ORDER BY id
SELECT id, t LIKE ANY (SELECT s.t || '%' FROM s WHERE s.oid = o.id), t NOT LIKE ALL (SELECT s.t FROM s) FROM o ORDER BY id
SELECT id, t ~ ANY (SELECT s.t FROM s WHERE s.oid = o.id), t !~ ALL (SELECT s.t FROM s WHERE s.t <> '') FROM o ORDER BY id
SELECT id, t || 'x' > ANY (SELECT t FROM s) FROM o ORDER BY id
SELECT id, x + ANY (SELECT x FROM s) FROM o
SELECT id, tags = ANY (SELECT tags FROM o p WHERE p.id > o.id) FROM o ORDER BY id
SELECT id, x = ANY (SELECT unnest(o.tags)) FROM o ORDER BY id
SELECT id, x > ALL (SELECT count(*) FROM s WHERE s.oid = o.id GROUP BY s.x) FROM o ORDER BY id
-- ARRAY
SELECT id, ARRAY(SELECT s.id FROM s WHERE s.oid = o.id ORDER BY s.id DESC) FROM o ORDER BY id
SELECT id, ARRAY(SELECT s.x FROM s WHERE s.oid = o.id ORDER BY s.y NULLS FIRST, s.id LIMIT 2) FROM o ORDER BY id
SELECT id, ARRAY(SELECT s.t FROM s WHERE s.x > o.x ORDER BY 1, s.id) FROM o ORDER BY id
SELECT id, ARRAY(SELECT DISTINCT s.x FROM s WHERE s.oid <= o.id ORDER BY s.x) FROM o ORDER BY id
SELECT ARRAY(SELECT id FROM o ORDER BY id), ARRAY(SELECT id FROM empty), ARRAY(SELECT x FROM s ORDER BY id)
SELECT id, ARRAY(SELECT s.id FROM s WHERE s.oid = o.id UNION ALL SELECT o.id ORDER BY 1) FROM o ORDER BY id
SELECT id, array_length(ARRAY(SELECT 1 FROM s WHERE s.oid = o.id), 1), 3 = ANY (ARRAY(SELECT s.x FROM s WHERE s.oid = o.id)) FROM o ORDER BY id
SELECT id, ARRAY(SELECT v FROM (VALUES (o.x), (o.y), (0)) q(v)) FROM o ORDER BY id
SELECT id, ARRAY(VALUES (o.x), (o.y)) FROM o ORDER BY id
SELECT id, ARRAY(SELECT o.x), ARRAY(SELECT o.x WHERE o.x > 3) FROM o ORDER BY id
SELECT ARRAY(SELECT 1, 2)
SELECT ARRAY(SELECT NULL), ARRAY(SELECT 'a')
-- deep correlation
SELECT id, (SELECT max(s.x) FROM s WHERE s.oid = o.id AND EXISTS (SELECT 1 FROM u WHERE u.sid = s.id AND u.z > o.x)) FROM o ORDER BY id
SELECT id, (SELECT sum((SELECT count(*) FROM u WHERE u.sid = s.id AND u.z >= o.y)) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.sid = s.id AND u.z = o.x)) ORDER BY id
SELECT id FROM o WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.oid = o.id AND NOT EXISTS (SELECT 1 FROM u WHERE u.sid = s.id AND u.z = o.x)) ORDER BY id
SELECT id, (SELECT (SELECT (SELECT o.x + s.x + max(u.z) FROM u WHERE u.sid = s.id AND u.z > o.y) FROM s WHERE s.id = o.id)) FROM o ORDER BY id
SELECT id FROM o WHERE x IN (SELECT s.x FROM s WHERE s.y IN (SELECT u.z FROM u WHERE u.sid = o.id OR u.sid = s.id)) ORDER BY id
SELECT id FROM o WHERE x > (SELECT avg(s.x) FROM s WHERE s.oid = (SELECT min(u.sid) FROM u WHERE u.z > o.y)) ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.oid = o.id AND s.x = (SELECT max(t2.x) FROM s t2 WHERE t2.oid = o.id)) FROM o ORDER BY id
SELECT id, (SELECT string_agg((SELECT string_agg(u.t || o.t, '+' ORDER BY u.id) FROM u WHERE u.sid = s.id), ';' ORDER BY s.id) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT o.id, s.id FROM o, s WHERE s.oid = o.id AND s.x >= ALL (SELECT s2.x FROM s s2 WHERE s2.oid = o.id AND s2.x IS NOT NULL) ORDER BY 1, 2
SELECT id, (SELECT count(*) FROM (SELECT s.id FROM s WHERE s.oid = o.id) a JOIN (SELECT u.sid FROM u WHERE u.z > o.x) b ON a.id = b.sid) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.id FROM s WHERE s.oid = o.id) a LEFT JOIN (SELECT u.sid FROM u WHERE u.z > o.x) b ON a.id = b.sid) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.id FROM s WHERE s.oid = o.id) a RIGHT JOIN (SELECT u.sid FROM u WHERE u.z > o.x) b ON a.id = b.sid) FROM o ORDER BY id
SELECT id, (SELECT count(*) || ' ' || count(a.id) || ' ' || count(b.sid) FROM (SELECT s.id FROM s WHERE s.oid = o.id) a FULL JOIN (SELECT u.sid FROM u WHERE u.z > o.x) b ON a.id = b.sid) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s LEFT JOIN u ON u.sid = s.id AND u.z = o.x) FROM o ORDER BY id
SELECT id, (SELECT count(u.id) FROM s LEFT JOIN u ON u.sid = s.id AND u.z > o.x WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s RIGHT JOIN u ON u.sid = s.id AND s.x = o.x) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s FULL JOIN u ON u.sid = s.id WHERE s.x = o.x OR u.z = o.x) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s CROSS JOIN u WHERE s.oid = o.id AND u.z = o.x) FROM o ORDER BY id
SELECT id, (SELECT sum(c) FROM (SELECT s.x, count(*) c FROM s WHERE s.oid <= o.id GROUP BY s.x HAVING count(*) > 1) q) FROM o ORDER BY id
SELECT id, (SELECT string_agg(coalesce(x::text, 'all') || '=' || c, ',' ORDER BY x NULLS LAST, c) FROM (SELECT s.x, count(*) c FROM s WHERE s.oid = o.id GROUP BY ROLLUP (s.x)) q) FROM o ORDER BY id
SELECT id, (SELECT string_agg(coalesce(x::text, '*') || coalesce(y::text, '*') || '=' || c || g, ',' ORDER BY x NULLS LAST, y NULLS LAST, c, g) FROM (SELECT s.x, s.y, count(*) c, grouping(s.x, s.y) g FROM s WHERE s.oid = o.id GROUP BY CUBE (s.x, s.y)) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT sum(s.x) FROM s WHERE s.oid = o.id GROUP BY GROUPING SETS ((), (), (s.x))) q) FROM o ORDER BY id
SELECT id, (SELECT sum(g) FROM (SELECT o.x + count(*) g FROM s WHERE s.oid = o.id GROUP BY ()) q) FROM o ORDER BY id
SELECT id, (SELECT sum(r * x) FROM (SELECT x, row_number() OVER (ORDER BY s.id) r FROM s WHERE s.oid = o.id) q) FROM o ORDER BY id
SELECT id, (SELECT sum(r * x) FROM (SELECT x, row_number() OVER (ORDER BY s.id) r FROM s WHERE s.x > o.x) q) FROM o ORDER BY id
SELECT id, (SELECT max(r) FROM (SELECT sum(s.x + o.x) OVER (PARTITION BY s.y ORDER BY s.id) r FROM s) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.x FROM s WHERE s.oid = o.id UNION SELECT u.z FROM u WHERE u.sid = o.id) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.x FROM s WHERE s.oid = o.id UNION ALL SELECT u.z FROM u) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.x FROM s INTERSECT SELECT u.z FROM u WHERE u.z > o.x) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.x FROM s WHERE s.oid <= o.id INTERSECT ALL SELECT u.z FROM u) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.x FROM s EXCEPT SELECT u.z FROM u WHERE u.sid = o.id) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT s.x FROM s EXCEPT ALL SELECT u.z FROM u WHERE u.sid = o.id) q) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM (SELECT o.x UNION SELECT o.y UNION SELECT 3) q) FROM o ORDER BY id
SELECT id, (SELECT sum(v) FROM (SELECT o.x v UNION ALL SELECT o.y) q) FROM o ORDER BY id
-- CTEs
SELECT id, (WITH q AS (SELECT s.x FROM s WHERE s.oid = o.id) SELECT count(*) FROM q) FROM o ORDER BY id
SELECT id, (WITH q AS (SELECT s.x FROM s WHERE s.oid = o.id) SELECT count(*) FROM q a, q b WHERE a.x <= b.x) FROM o ORDER BY id
SELECT id, (WITH q AS MATERIALIZED (SELECT s.x, s.y FROM s WHERE s.oid <= o.id) SELECT sum(x) FROM q WHERE x > (SELECT avg(y) FROM q)) FROM o ORDER BY id
SELECT id, (WITH q AS (SELECT o.x AS v) SELECT sum(a.v + b.v) FROM q a, q b) FROM o ORDER BY id
WITH q AS (SELECT oid, count(*) c FROM s GROUP BY oid) SELECT id, (SELECT c FROM q WHERE q.oid = o.id), (SELECT count(*) FROM q WHERE q.c > o.x) FROM o ORDER BY id
WITH q AS (SELECT id, (SELECT max(s.x) FROM s WHERE s.oid <= o.id) m FROM o) SELECT a.id, b.m FROM q a JOIN q b ON a.m = b.id ORDER BY 1, 2
WITH q AS (SELECT * FROM o WHERE x > 1) SELECT id, (SELECT count(*) FROM q p WHERE p.x < q.x), (SELECT sum(s.x) FROM s WHERE s.x > q.x) FROM q ORDER BY id
SELECT id, (WITH a AS (SELECT s.id FROM s WHERE s.oid = o.id), b AS (SELECT count(*) c FROM u WHERE u.sid IN (SELECT a.id FROM a)) SELECT c + (SELECT count(*) FROM a) FROM b) FROM o ORDER BY id
-- LATERAL
SELECT o.id, l.x FROM o, LATERAL (SELECT s.x FROM s WHERE s.oid = o.id) l ORDER BY 1, 2
SELECT o.id, l.x FROM o CROSS JOIN LATERAL (SELECT s.x FROM s WHERE s.x < o.x) l ORDER BY 1, 2
SELECT o.id, l.* FROM o LEFT JOIN LATERAL (SELECT s.id, s.x FROM s WHERE s.oid = o.id ORDER BY s.x DESC NULLS LAST, s.id LIMIT 2) l ON true ORDER BY 1, 2
SELECT o.id, l.* FROM o LEFT JOIN LATERAL (SELECT s.id, s.x FROM s WHERE s.oid = o.id) l ON l.x > o.x ORDER BY 1, 2
SELECT o.id, l.* FROM o JOIN LATERAL (SELECT s.id, s.x FROM s WHERE s.oid = o.id) l ON l.x > o.x ORDER BY 1, 2
SELECT o.id, l.c FROM o LEFT JOIN LATERAL (SELECT count(*) c FROM s WHERE s.oid = o.id) l ON l.c > 1 ORDER BY 1
SELECT o.id, l.c FROM o JOIN LATERAL (SELECT count(*) c, max(s.x) m FROM s WHERE s.oid = o.id) l ON l.m > o.x ORDER BY 1
SELECT o.id, l.v FROM o, LATERAL (SELECT o.x + o.y AS v) l ORDER BY 1
SELECT o.id, a.v, b.w FROM o, LATERAL (SELECT o.x + o.y AS v) a, LATERAL (SELECT a.v * 2 AS w) b ORDER BY 1
SELECT o.id, l.v FROM o LEFT JOIN LATERAL (SELECT o.x + 1 AS v WHERE o.x > 2) l ON true ORDER BY 1
SELECT o.id, l.v FROM o LEFT JOIN LATERAL (SELECT o.x + 1 AS v WHERE o.x > 2) l ON l.v < 6 ORDER BY 1
SELECT o.id, l.v, l.t FROM o LEFT JOIN LATERAL (SELECT coalesce(s.x, o.x, 0) AS v, 'k' AS t FROM s WHERE s.id = o.id) l ON true ORDER BY 1
SELECT o.id, a.x, b.z FROM o, LATERAL (SELECT * FROM s WHERE s.oid = o.id) a, LATERAL (SELECT * FROM u WHERE u.sid = a.id AND u.z > o.x) b ORDER BY 1, 2, 3
SELECT o.id, a.x, b.z FROM o LEFT JOIN LATERAL (SELECT * FROM s WHERE s.oid = o.id) a ON true LEFT JOIN LATERAL (SELECT * FROM u WHERE u.sid = a.id AND u.z > o.x) b ON true ORDER BY 1, 2, 3
SELECT o.id, v.k FROM o, LATERAL (VALUES (o.x), (o.y)) v(k) ORDER BY 1, 2
SELECT o.id, v.n, v.k FROM o CROSS JOIN LATERAL (VALUES ('x', o.x), ('y', o.y)) v(n, k) WHERE v.k > 2 ORDER BY 1, 2, 3
SELECT o.id, l.x, l.c FROM o, LATERAL (SELECT s.x, count(*) c FROM s WHERE s.oid <= o.id GROUP BY s.x) l ORDER BY 1, 2, 3
SELECT o.id, l.r, l.id FROM o, LATERAL (SELECT s.id, rank() OVER (ORDER BY s.x DESC NULLS LAST, s.id) r FROM s WHERE s.oid = o.id) l WHERE l.r <= 2 ORDER BY 1, 2, 3
SELECT o.id, l.a FROM o, LATERAL (SELECT s.x a FROM s WHERE s.oid = o.id UNION ALL SELECT o.y) l ORDER BY 1, 2
SELECT o.id, l.* FROM o, LATERAL (SELECT a.id, b.z FROM s a JOIN u b ON b.sid = a.id AND b.z > o.x) l ORDER BY 1, 2, 3
SELECT count(*) FROM o JOIN s ON s.oid = o.id, LATERAL (SELECT 1 FROM u WHERE u.sid = s.id AND u.z >= o.x) l
SELECT o.id, l.x FROM o RIGHT JOIN LATERAL (SELECT s.x FROM s WHERE s.oid = o.id) l ON true
SELECT o.id, l.x FROM o FULL JOIN LATERAL (SELECT s.x FROM s WHERE s.oid = o.id) l ON true
SELECT o.id, l.x FROM o, (SELECT s.x FROM s WHERE s.oid = o.id) l
SELECT o.id, q.s FROM o, LATERAL (SELECT sum(l.x) s FROM (SELECT s.x FROM s WHERE s.oid = o.id LIMIT 100) l) q ORDER BY 1
SELECT o.id, (SELECT l.x FROM LATERAL (SELECT o.x) l) FROM o ORDER BY 1
SELECT o.id, x.c, y.c FROM o CROSS JOIN LATERAL ((SELECT count(*) c FROM s WHERE s.oid = o.id) x CROSS JOIN LATERAL (SELECT count(*) c FROM u WHERE u.z > x.c AND u.sid = o.id) y) ORDER BY 1
SELECT o.id, g FROM o, LATERAL generate_series(1, o.x) g WHERE o.x < 4 ORDER BY 1, 2
SELECT o.id, (SELECT sum(g) FROM generate_series(1, o.x) g) FROM o ORDER BY 1
SELECT o.id, (SELECT count(*) FROM unnest(o.tags) g WHERE g > o.x) FROM o ORDER BY 1
SELECT o.id, l.g, l.k FROM o LEFT JOIN LATERAL (SELECT g, k FROM unnest(o.tags) WITH ORDINALITY q(g, k) WHERE g > 1) l ON true ORDER BY 1, 3
SELECT o.id, ARRAY(SELECT g * 2 FROM unnest(o.tags) g ORDER BY g DESC) FROM o ORDER BY 1
-- aggregates of an outer query
SELECT (SELECT count(o.x)) FROM o
SELECT x, (SELECT sum(o.y)) FROM o GROUP BY x ORDER BY x
SELECT x, (SELECT max(s.x) FROM s WHERE s.x < sum(o.y)) FROM o GROUP BY x ORDER BY x
SELECT (SELECT max(s.id) FROM s WHERE s.x < max(o.x)) FROM o
SELECT x FROM o GROUP BY x HAVING EXISTS (SELECT 1 FROM s WHERE s.x = max(o.y)) ORDER BY x
SELECT x, (SELECT count(*) FROM s WHERE s.x IN (SELECT u.z FROM u WHERE u.z < min(o.y))) FROM o GROUP BY x ORDER BY x
SELECT id FROM o WHERE EXISTS (SELECT 1 FROM s HAVING max(o.x) > 1)
SELECT id FROM o WHERE x > (SELECT sum(o.x))
SELECT id, (SELECT sum(o.x + s.x) FROM s) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s) FROM o GROUP BY id ORDER BY id
SELECT id, (SELECT sum(o.y) FROM s) FROM o GROUP BY id ORDER BY id
SELECT (SELECT (SELECT sum(o.x) FROM u LIMIT 1) FROM s LIMIT 1) FROM o
SELECT x, (SELECT string_agg(o.t, ',' ORDER BY o.id)) FROM o GROUP BY x ORDER BY x
SELECT x, (SELECT count(*) FILTER (WHERE o.y > 2)) FROM o GROUP BY x ORDER BY x
SELECT sum((SELECT sum(o.x))) FROM o
SELECT x, y FROM o GROUP BY x HAVING (SELECT count(*) FROM s WHERE s.y = o.y) > 0
SELECT x, (SELECT y) FROM o GROUP BY x
-- joins
SELECT o.id, s.id FROM o FULL JOIN s ON o.x = s.x ORDER BY 1, 2
SELECT o.id, s.id FROM o FULL JOIN s ON o.x = s.x AND o.y = s.y ORDER BY 1, 2
SELECT o.id, s.id FROM o FULL JOIN s ON false ORDER BY 1, 2
SELECT count(*) FROM o FULL JOIN s ON true
SELECT count(*) FROM o FULL JOIN empty ON true
SELECT o.id, s.id FROM o FULL JOIN s ON o.x = s.x AND o.y > 2 AND s.y > 2 ORDER BY 1, 2
SELECT o.id, s.id FROM o LEFT JOIN s ON o.x < s.x AND s.x < o.y ORDER BY 1, 2
SELECT o.id, s.id FROM o RIGHT JOIN s ON o.x > s.x OR o.y = s.y ORDER BY 1, 2
SELECT o.id, s.id FROM o JOIN s ON o.x <> s.x AND o.id + s.id = 9 ORDER BY 1, 2
SELECT * FROM o NATURAL JOIN u ORDER BY id
SELECT * FROM (SELECT id, x, t FROM o) a NATURAL LEFT JOIN (SELECT id, x, n FROM s) b ORDER BY id
SELECT * FROM (SELECT id, x, t FROM o) a NATURAL FULL JOIN (SELECT id, x, n FROM s) b ORDER BY id, x
SELECT * FROM (SELECT id AS a FROM o) a NATURAL JOIN (SELECT id AS b FROM s) b ORDER BY 1, 2
SELECT * FROM (SELECT id AS a FROM o) a NATURAL FULL JOIN (SELECT id AS b FROM empty) b ORDER BY 1, 2
SELECT id, o.x, s.x FROM o JOIN s USING (id) ORDER BY id
SELECT id, o.id, s.id FROM o FULL JOIN s USING (id) ORDER BY id
SELECT id, x, o.x, s.x, o.t FROM o FULL JOIN s USING (id, x) ORDER BY id, x
SELECT id, o.id, s.id, u.id FROM o FULL JOIN s USING (id) FULL JOIN u USING (id) ORDER BY 1, 2, 3, 4
SELECT * FROM (SELECT id, x FROM o) a RIGHT JOIN (SELECT id, y FROM s) b USING (id) LEFT JOIN (SELECT id, z FROM u) c USING (id) ORDER BY id
SELECT k, a.k, b.k FROM (SELECT id AS k FROM o) a FULL JOIN (SELECT n AS k FROM s) b USING (k) ORDER BY 1, 2, 3, b.k::text
SELECT k, pg_typeof(k) FROM (SELECT id AS k FROM o) a JOIN (SELECT n AS k FROM s) b USING (k) ORDER BY 1
SELECT k, pg_typeof(k) FROM (SELECT n AS k FROM o) a RIGHT JOIN (SELECT x AS k FROM s) b USING (k) ORDER BY 1
SELECT k FROM (SELECT id::int2 AS k FROM o) a LEFT JOIN (SELECT id::int8 AS k FROM s) b USING (k) ORDER BY 1
SELECT k FROM (SELECT t AS k FROM o) a JOIN (SELECT t::varchar(2) AS k FROM s) b USING (k) ORDER BY 1
SELECT j.id, o.x, s.x FROM o JOIN s USING (id) AS j ORDER BY j.id
SELECT j.x FROM o JOIN s USING (id) AS j
SELECT j.* FROM o JOIN s USING (id) AS j ORDER BY 1
SELECT j.id, j.t FROM (o JOIN u USING (id, t)) AS j ORDER BY 1
SELECT j.a, j.b FROM (o JOIN u USING (id)) AS j(a, b) ORDER BY 1
SELECT o.id FROM (o JOIN u USING (id)) AS j
SELECT id FROM o JOIN s USING (nosuch)
SELECT * FROM o JOIN s USING (id, id)
SELECT x FROM o JOIN s USING (id)
SELECT * FROM o a JOIN o b USING (id) JOIN o c USING (x)
SELECT o.id, s.id, u.id FROM o LEFT JOIN (s FULL JOIN u ON u.sid = s.id) ON s.oid = o.id ORDER BY 1, 2, 3
SELECT o.id, s.id, u.id FROM (o LEFT JOIN s ON s.oid = o.id) FULL JOIN u ON u.sid = s.id AND u.z > o.x ORDER BY 1, 2, 3
SELECT count(*) FROM o CROSS JOIN s CROSS JOIN u
SELECT id FROM o a WHERE (SELECT b.id FROM o b WHERE b.id = a.id) = a.id ORDER BY 1
SELECT a.id FROM o a JOIN o b ON (SELECT count(*) FROM s WHERE s.oid = a.id) = (SELECT count(*) FROM s WHERE s.oid = b.id) AND a.id < b.id ORDER BY 1
-- volatile functions
SELECT id, (SELECT clock_timestamp() WHERE o.x > 2) IS NULL FROM o ORDER BY id
SELECT id, (SELECT count(clock_timestamp()) FROM s WHERE s.oid = o.id) FROM o ORDER BY id
SELECT id, (SELECT count(*) FROM s WHERE s.x > o.x AND clock_timestamp() > '2020-01-01') FROM o ORDER BY id
SELECT id, (SELECT max(s.x) + (extract(year from clock_timestamp()) > 2000)::int FROM s WHERE s.x < o.n) FROM o ORDER BY id
SELECT o.id, l.x FROM o LEFT JOIN LATERAL (SELECT s.x FROM s WHERE s.oid = o.id AND clock_timestamp() > '2020-01-01' ORDER BY s.id LIMIT 1) l ON true ORDER BY 1
