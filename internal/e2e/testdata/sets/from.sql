SELECT * FROM generate_series(1, 3)
SELECT * FROM generate_series(1, 3) g
SELECT * FROM generate_series(1, 3) AS g(x)
SELECT g, g.g FROM generate_series(1, 3) g
SELECT g FROM generate_series(1, 3) AS g(x)
SELECT * FROM generate_series(1, 3) WITH ORDINALITY
SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g(x, n)
SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g
SELECT g.ordinality, g.g FROM generate_series(5, 7) WITH ORDINALITY g
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c'])
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) AS u(x, y)
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b', 'c']) WITH ORDINALITY AS u(x, y, n)
SELECT * FROM unnest(ARRAY[1, 2], '{}'::int[], NULL::text[])
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(5, 8))
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(5, 8)) WITH ORDINALITY
SELECT * FROM ROWS FROM (generate_series(1, 2), upper('x'), unnest(ARRAY[7, 8, 9])) AS q(a, b, c)
SELECT * FROM ROWS FROM (upper('x'), abs(-2))
SELECT * FROM ROWS FROM (jsonb_each('{"a": 1, "b": 2}'), generate_series(1, 3)) WITH ORDINALITY
SELECT * FROM ROWS FROM (json_to_record('{"a": 1}') AS (a int, b text), generate_series(1, 2))
SELECT * FROM ROWS FROM (json_to_recordset('[{"a": 1}, {"b": "x"}]') AS (a int, b text)) WITH ORDINALITY
SELECT * FROM ROWS FROM (unnest(ARRAY[1], ARRAY[2, 3]))
SELECT * FROM upper('x')
SELECT * FROM upper('x') WITH ORDINALITY
SELECT * FROM current_date = 'x'
SELECT * FROM abs(-3) AS a
SELECT id, x FROM t, unnest(a) AS x ORDER BY id, x
SELECT id, x FROM t, unnest(t.a) AS x ORDER BY id, x
SELECT id, x, n FROM t, unnest(t.a) WITH ORDINALITY AS u(x, n) ORDER BY id, u.n
SELECT t.id, u.* FROM t, unnest(t.a) WITH ORDINALITY AS u(x, k) ORDER BY t.id, k
SELECT t.id, u.x, u.y, u.k FROM t, unnest(t.a, t.s) WITH ORDINALITY AS u(x, y, k) ORDER BY t.id, k
SELECT t.id, u.* FROM t, unnest(t.p) AS u ORDER BY t.id, a, b
SELECT t.id, u.* FROM t, unnest(t.p) WITH ORDINALITY AS u(aa, bb, k) ORDER BY t.id, k
SELECT t.id, u FROM t, unnest(t.p) AS u ORDER BY t.id, u.a
SELECT t.id, u.* FROM t, unnest(t.p, t.a) AS u ORDER BY t.id, 4, 2
SELECT t.id, x FROM t LEFT JOIN LATERAL unnest(t.a) AS x ON true ORDER BY id, x
SELECT t.id, x, k FROM t LEFT JOIN LATERAL unnest(t.a) WITH ORDINALITY AS u(x, k) ON true ORDER BY id, k
SELECT t.id, x FROM t LEFT JOIN unnest(t.a) AS x ON x > 2 ORDER BY id, x
SELECT t.id, x FROM t LEFT JOIN unnest(t.a) AS x ON x > t.id ORDER BY id, x
SELECT t.id, x FROM t JOIN unnest(t.a) AS x ON x > t.id ORDER BY id, x
SELECT t.id, x FROM t JOIN LATERAL unnest(t.a) AS x ON true WHERE x > 1 ORDER BY id, x
SELECT t.id, x FROM t CROSS JOIN unnest(t.a) AS x ORDER BY id, x
SELECT t.id, x, y FROM t, unnest(t.a) AS x, generate_series(1, x) AS y ORDER BY id, x, y
SELECT t.id, x, y FROM t, unnest(t.a) AS x LEFT JOIN LATERAL generate_series(3, x) AS y ON true ORDER BY id, x, y
SELECT t.id, x, y FROM t LEFT JOIN unnest(t.a) AS x ON true LEFT JOIN generate_series(1, x) AS y ON true ORDER BY id, x, y
SELECT t.id, e FROM t, jsonb_array_elements(CASE WHEN id IN (1, 4, 6) THEN jb END) AS e ORDER BY id, e::text
SELECT t.id, value FROM t, jsonb_array_elements(jb) WHERE id IN (1, 4, 6) ORDER BY id, value::text
SELECT t.id, e.value FROM t, json_array_elements_text(CASE WHEN id IN (1, 4, 6) THEN j END) e ORDER BY id, 2
SELECT t.id, key, value FROM t, jsonb_each(CASE WHEN id IN (2, 5) THEN jb END) ORDER BY id, key
SELECT t.id, kv.* FROM t, json_each_text(CASE WHEN id IN (2, 5) THEN j END) AS kv ORDER BY id, key, value
SELECT t.id, k FROM t, json_object_keys(CASE WHEN id IN (2, 5) THEN j END) AS k ORDER BY id, k
SELECT t.id, k FROM t LEFT JOIN LATERAL jsonb_object_keys(CASE WHEN id IN (2, 5) THEN jb END) AS k ON true ORDER BY id, k
SELECT t.id, r.* FROM t, jsonb_to_recordset(CASE WHEN id = 6 THEN jb END) AS r(a int, b text, c jsonb) ORDER BY 1, 2
SELECT t.id, r.* FROM t LEFT JOIN jsonb_to_recordset(CASE WHEN id = 6 THEN jb END) AS r(a int, b text, c int[]) ON true ORDER BY 1, 2
SELECT t.id, r.* FROM t, json_to_record(CASE WHEN id = 2 THEN j END) AS r(k json, l varchar(3)) ORDER BY 1
SELECT * FROM json_to_record('{"a": 1.5, "b": "x", "c": [1, 2], "d": {"a": 5, "b": "y"}, "e": true}') AS x(a numeric(5,1), b text, c int[], d pair, e boolean, f date)
SELECT * FROM jsonb_to_record('{"a": 1.5, "b": "x", "c": [1, 2], "d": {"z": null}, "e": "2024-02-29"}') AS x(a numeric, b jsonb, c json, d jsonb, e date)
SELECT * FROM jsonb_to_recordset('[{"a": 1, "b": "x"}, {"b": "y"}, {"a": null}]') AS x(a int, b text) WHERE b IS NOT NULL
SELECT * FROM json_to_recordset('[]') AS x(a int)
SELECT * FROM json_to_recordset('[{"a": 1}]') AS (a int, b text)
SELECT x.a + 1 FROM jsonb_to_recordset('[{"a": 1}, {"a": 41}]') AS x(a int)
SELECT * FROM regexp_split_to_table('one two  three', '\s+')
SELECT * FROM regexp_matches('a1b2', '([a-z])([0-9])', 'g') WITH ORDINALITY AS m(v, n)
SELECT m[1], m[2] FROM regexp_matches('a1b2', '([a-z])([0-9])', 'g') AS m
SELECT * FROM string_to_table('a,b,,c', ',', 'b') WITH ORDINALITY
SELECT t.id, w FROM t, string_to_table(s[1], ' ') AS w ORDER BY id, w
SELECT t.id, w FROM t, regexp_split_to_table(array_to_string(s, ','), '[ ,]') AS w ORDER BY id, w
SELECT t.id, i, a[i] FROM t, generate_subscripts(a, 1) AS i ORDER BY id, i
SELECT count(*) FROM t, generate_series(1, 1000) AS x
SELECT id, count(*), sum(x) FROM t, generate_series(1, id * 100) AS x GROUP BY id ORDER BY id
SELECT id, x FROM t, generate_series(1, n) AS x ORDER BY id, x
SELECT id, x FROM t LEFT JOIN generate_series(1, n) AS x ON true ORDER BY id, x
SELECT * FROM generate_series(1, (SELECT count(*) FROM t)) AS x
SELECT * FROM generate_series((SELECT min(id) FROM t), (SELECT max(id) FROM t)) AS x WHERE x % 2 = 0
SELECT id, x FROM t, generate_series(1, (SELECT count(*) FROM r WHERE r.id < t.id)) AS x ORDER BY id, x
SELECT id, (SELECT sum(x) FROM unnest(a) AS x) FROM t ORDER BY id
SELECT id, (SELECT string_agg(x::text, ',' ORDER BY k) FROM unnest(a) WITH ORDINALITY AS u(x, k)) FROM t ORDER BY id
SELECT id, (SELECT max(x) FROM generate_series(1, n) AS x) FROM t ORDER BY id
SELECT id FROM t WHERE EXISTS (SELECT 1 FROM unnest(a) AS x WHERE x = 5) ORDER BY id
SELECT id FROM t WHERE NOT EXISTS (SELECT 1 FROM unnest(a) AS x WHERE x = id) ORDER BY id
SELECT id FROM t WHERE 3 IN (SELECT unnest(a)) ORDER BY id
SELECT id FROM t WHERE id IN (SELECT x FROM unnest(a) AS x) ORDER BY id
SELECT id FROM t WHERE id < ALL (SELECT x FROM unnest(a) AS x) ORDER BY id
SELECT id FROM t WHERE 2 < (SELECT count(*) FROM unnest(a) AS x WHERE x IS NOT NULL) ORDER BY id
SELECT id, q.* FROM t, LATERAL (SELECT x, x * 2 AS y FROM unnest(a) AS x) q ORDER BY id, x
SELECT id, q.* FROM t, LATERAL (SELECT x FROM unnest(a) AS x WHERE x > 1) q ORDER BY id, x
SELECT id, q.* FROM t, LATERAL (SELECT x FROM unnest(a) AS x ORDER BY x DESC LIMIT 1) q ORDER BY id, x
SELECT id, q.* FROM t LEFT JOIN LATERAL (SELECT x FROM unnest(a) AS x ORDER BY x DESC LIMIT 1) q ON true ORDER BY id, x
SELECT id, q.* FROM t, LATERAL (SELECT unnest(a) AS x, unnest(s) AS y) q ORDER BY id, x, y
SELECT id, q.* FROM t LEFT JOIN LATERAL (SELECT unnest(a) AS x, 1 AS one) q ON true ORDER BY id, x
SELECT id, q.* FROM t, LATERAL (SELECT count(*) AS c, sum(x) AS s FROM unnest(a) AS x) q ORDER BY id
SELECT id, q.* FROM t, LATERAL (SELECT x, count(*) AS c FROM unnest(a) AS x GROUP BY x) q ORDER BY id, x
SELECT id, q.* FROM t, LATERAL (SELECT DISTINCT x FROM unnest(a) AS x) q ORDER BY id, x
SELECT id, q.* FROM t, LATERAL (SELECT x, row_number() OVER (ORDER BY x) AS rn FROM unnest(a) AS x) q ORDER BY id, x, rn
SELECT id, q.* FROM t, LATERAL (SELECT x FROM unnest(a) AS x UNION ALL SELECT id) q ORDER BY id, x
SELECT a.id, b.id, x FROM t a, t b, unnest(a.a) AS x WHERE b.id = x ORDER BY 1, 2, 3
SELECT a.id, b.name, x FROM t a, LATERAL unnest(a.a) AS x JOIN r b ON b.id = x ORDER BY 1, 2, 3
SELECT a.id, x, b.name FROM t a CROSS JOIN LATERAL unnest(a.a) AS x LEFT JOIN r b ON b.parent = x ORDER BY 1, 2, 3
SELECT x, count(*) FROM t, unnest(a) AS x GROUP BY x HAVING count(*) > 1 ORDER BY x
SELECT DISTINCT x FROM t, unnest(a) AS x ORDER BY x
SELECT id, array_agg(x ORDER BY x DESC) FROM t, unnest(a) AS x GROUP BY id ORDER BY id
SELECT t.g, u.x, sum(t.d) FROM t, unnest(t.s) AS u(x) GROUP BY t.g, u.x ORDER BY 1, 2
SELECT * FROM generate_series(1, 2) AS a, generate_series(a, 3) AS b ORDER BY a, b
SELECT * FROM generate_series(1, 2) AS a CROSS JOIN LATERAL generate_series(a, 3) AS b ORDER BY a, b
SELECT * FROM (VALUES (1, ARRAY[1, 2]), (2, ARRAY[3])) AS v(k, l), unnest(l) AS x ORDER BY k, x
SELECT * FROM generate_series(1, 3) AS a JOIN generate_series(2, 5) AS b ON a = b ORDER BY a
SELECT * FROM generate_series(1, 3) AS a LEFT JOIN generate_series(2, 5) AS b ON a = b ORDER BY a
SELECT * FROM generate_series(1, 3) AS a FULL JOIN generate_series(2, 5) AS b ON a = b ORDER BY a, b
SELECT * FROM generate_series(1, 3) AS g(x) NATURAL JOIN generate_series(2, 4) AS h(x) ORDER BY x
SELECT * FROM generate_series(timestamp '2024-01-29', '2024-04-01', '1 month') AS m
SELECT m::date FROM generate_series(timestamptz '2024-01-29 00:00+00', '2024-02-02 00:00+00', '1 day') AS m
SELECT * FROM generate_series(1.5, 3.5) AS x
SELECT * FROM generate_series(0, 1, 0.25) AS x
SELECT * FROM generate_series(3, 1, -0.5) WITH ORDINALITY
SELECT * FROM unnest('{1,2}'::int[]) WITH ORDINALITY WHERE ordinality = 2
SELECT (SELECT x FROM unnest(a) AS x LIMIT 1) FROM t WHERE id = 5
SELECT max(x) FROM generate_series(1, 100000) AS x
SELECT count(*) FROM t, generate_series(1, 10000) AS x WHERE t.id = x
SELECT jsonb_populate_record(NULL::pair, '{"a": 1}')
SELECT * FROM jsonb_populate_record(NULL::pair, '{"a": 1, "b": 2}')
SELECT * FROM json_populate_record(ROW(5, 'dflt')::pair, '{"a": null}')
SELECT * FROM jsonb_populate_recordset(ROW(5, 'dflt')::pair, '[{"a": 1}, {"b": "z"}, {}]')
SELECT * FROM json_populate_recordset(NULL::pair, '[{"a": 1}, {"b": "z"}, {}]') WITH ORDINALITY
SELECT (json_populate_record(NULL::pair, '{"a": 7, "b": [1]}')).*
