-- Grouping sets
SELECT region, parent, count(*), sum(budget), grouping(region, parent) FROM dept GROUP BY GROUPING SETS ((region), (parent), (region, parent), ()) ORDER BY 5, 1, 2;
SELECT region, parent, count(*) FROM dept GROUP BY CUBE (region, parent) ORDER BY 1, 2, 3;
SELECT region, count(*) FROM dept GROUP BY region, ROLLUP (parent) ORDER BY 1, 2;
SELECT region, grouping(region), avg(budget) FROM dept GROUP BY ROLLUP (region) HAVING grouping(region) = 0 OR avg(budget) > 1 ORDER BY 1;
SELECT count(*) FROM dept GROUP BY GROUPING SETS ((), (), (region)) ORDER BY 1;
SELECT a, b, grouping(a), grouping(b), count(*) FROM dup GROUP BY GROUPING SETS (ROLLUP (a), CUBE (b)) ORDER BY 1, 2, 3, 4, 5;
SELECT CASE WHEN grouping(t) = 1 THEN 'all' ELSE t END AS k, count(*) FROM dup GROUP BY ROLLUP (t) ORDER BY 1, 2;
-- DISTINCT ON, FETCH WITH TIES, VALUES, TABLE
SELECT DISTINCT ON (dept_id) dept_id, name, salary FROM emp ORDER BY dept_id, salary DESC NULLS LAST, id;
SELECT DISTINCT ON (dept_id, active) dept_id, active, id FROM emp ORDER BY dept_id, active DESC, id;
SELECT id, salary FROM emp ORDER BY salary FETCH FIRST 2 ROWS WITH TIES;
SELECT id, salary FROM emp ORDER BY salary DESC NULLS LAST OFFSET 1 FETCH NEXT 3 ROWS WITH TIES;
SELECT g, count(*) FROM many GROUP BY g ORDER BY count(*) DESC FETCH FIRST ROW WITH TIES;
VALUES (1, 'a'), (2, NULL), (3, 'c') ORDER BY 1 DESC;
VALUES (1), (2.5), (NULL);
TABLE dept ORDER BY id;
SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b) JOIN dup USING (a) ORDER BY 1, 2, 3;
-- CTEs
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a) SELECT * FROM a, b;
WITH a AS MATERIALIZED (SELECT * FROM emp WHERE active) SELECT x.id, y.id FROM a x JOIN a y ON x.boss = y.id ORDER BY 1;
WITH a(n) AS (SELECT count(*) FROM emp) SELECT n, (SELECT n FROM a) FROM a;
WITH d AS (SELECT dept_id, avg(salary) AS s FROM emp GROUP BY 1) SELECT e.id, e.salary - d.s FROM emp e JOIN d USING (dept_id) ORDER BY 1;
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 10) SELECT sum(n), count(*) FROM t;
WITH RECURSIVE t(n) AS (VALUES (1) UNION SELECT n % 3 + 1 FROM t) SELECT n FROM t ORDER BY n;
WITH RECURSIVE chain AS (SELECT id, boss, 1 AS level FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, e.boss, c.level + 1 FROM emp e JOIN chain c ON e.boss = c.id) SELECT * FROM chain ORDER BY level, id;
WITH RECURSIVE walk AS (SELECT id, parent, ARRAY[id] AS path FROM dept UNION ALL SELECT w.id, d.parent, w.path || d.id FROM walk w JOIN dept d ON d.id = w.parent WHERE d.id <> ALL (w.path)) SELECT id, path FROM walk ORDER BY id, path;
WITH RECURSIVE up AS (SELECT id, parent FROM dept WHERE id = 7 UNION SELECT d.id, d.parent FROM dept d JOIN up ON d.id = up.parent) SELECT * FROM up ORDER BY id;
-- Set-returning functions
SELECT generate_series(1, 3);
SELECT generate_series(1, 3), generate_series(1, 2);
SELECT id, unnest(ia) FROM arr ORDER BY id, 2;
SELECT id, x, n FROM arr, unnest(ia) WITH ORDINALITY AS u(x, n) ORDER BY id, n;
SELECT * FROM generate_series(1, 10, 3) AS g(i);
SELECT * FROM generate_series(timestamp '2024-01-01', '2024-01-03', '12 hours') AS g(t);
SELECT * FROM generate_series(5, 1, -2);
SELECT * FROM generate_series(1.0, 2.0, 0.25);
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS u(x, y);
SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(1, 2)) AS r(a, b);
SELECT key, value FROM doc, jsonb_each(jb) WHERE id IN (7, 8) ORDER BY id, key;
SELECT id, jsonb_array_elements(jb) FROM doc WHERE jsonb_typeof(jb) = 'array' ORDER BY id;
SELECT id, jsonb_object_keys(jb) FROM doc WHERE jsonb_typeof(jb) = 'object' ORDER BY id, 2;
SELECT * FROM regexp_split_to_table('a1b22c', '[0-9]+') AS r;
SELECT * FROM string_to_table('a,b,,c', ',') AS r;
SELECT * FROM regexp_matches('abcabd', 'ab(.)', 'g') AS r;
SELECT count(*) FROM dept, LATERAL generate_series(1, dept.id) g;
SELECT d.id, s.id FROM dept d LEFT JOIN LATERAL (SELECT id FROM emp e WHERE e.dept_id = d.id ORDER BY salary DESC NULLS LAST, id LIMIT 1) s ON true ORDER BY 1;
-- Prepared statements, settings and transactions
-- @script
PREPARE q(int, text) AS SELECT $1 + 1 AS n, upper($2) AS t;
EXECUTE q(1, 'a');
-- @end
-- @script
PREPARE q AS SELECT id FROM emp WHERE id = $1;
DEALLOCATE q;
EXECUTE q(1);
-- @end
-- @script
SET TimeZone = 'Europe/Berlin';
SELECT timestamptz '2024-07-01 12:00+00'::text, extract(hour FROM timestamptz '2024-07-01 12:00+00'), date_trunc('day', timestamptz '2024-07-01 23:00+00')::text;
-- @end
-- @script
BEGIN;
SELECT count(*) FROM emp;
-- @end
SHOW TimeZone;
EXECUTE nosuch(1);
-- Refused, or there
SELECT * FROM emp TABLESAMPLE BERNOULLI (50);
SELECT rank(3000) WITHIN GROUP (ORDER BY salary) FROM emp;
SELECT xmlelement(name a);
SELECT to_tsvector('a b');
SELECT point(1, 2) <-> point(3, 4);
-- Strings and numbers to text and back
SELECT to_char(1234.5, '9,999.99'), to_char(-1, '999'), to_char(0.5, 'FM0.00'), to_char(42, 'RN'), to_char(12, '000');
SELECT to_char(timestamp '2024-02-29 15:04:05.678', 'YYYY-MM-DD HH24:MI:SS.MS'), to_char(date '2024-02-29', 'Day, DD Month YYYY'), to_char(interval '26 hours', 'HH24:MI');
SELECT to_date('29 Feb 2024', 'DD Mon YYYY'), to_timestamp('2024-02-29 15:04', 'YYYY-MM-DD HH24:MI'), to_number('1,234.5', '9,999.9');
SELECT (ARRAY[1, 2, 3])[2:], (ARRAY[1, 2, 3])[:2], (ARRAY[1, 2, 3])[2:1];
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY salary), percentile_disc(0.5) WITHIN GROUP (ORDER BY salary), mode() WITHIN GROUP (ORDER BY salary) FROM emp;
SELECT lower(ir), upper(ir), isempty(ir), ir @> 3, ir && '[4,6)', ir + '[4,6)' FROM odd WHERE id IN (1, 6) ORDER BY id;
SELECT jsonb_path_query_array('{"a": [1, 2, 3]}', '$.a[*] ? (@ > 1)'), jsonb_set('{"a": 1}', '{a}', '2'), jsonb_build_object('a', 1, 'b', NULL), jsonb_strip_nulls('{"a": null}'), jsonb_pretty('{"a": 1}');
SELECT ARRAY(SELECT id FROM emp ORDER BY id DESC LIMIT 3), ARRAY(SELECT 1 WHERE false);
