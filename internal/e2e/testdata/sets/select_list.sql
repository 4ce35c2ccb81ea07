SELECT generate_series(1, 3)
SELECT generate_series(1, 3) AS g, 'x' AS c
SELECT generate_series(1, 3), generate_series(1, 2)
SELECT generate_series(1, 2), generate_series(1, 4), generate_series(5, 4)
SELECT generate_series(5, 4), generate_series(7, 6)
SELECT generate_series(1, generate_series(1, 3))
SELECT generate_series(1, generate_series(1, 3)), generate_series(10, 11)
SELECT generate_series(generate_series(1, 2), generate_series(2, 4))
SELECT generate_series(1, 2), generate_series(1, generate_series(1, 2)), generate_series(3, generate_series(4, generate_series(4, 5)))
SELECT generate_series(1, 3) + generate_series(10, 11)
SELECT generate_series(1, 3) + 1, generate_series(1, 3) * 2, generate_series(1, 3)
SELECT id, generate_series(1, n) FROM t ORDER BY id
SELECT id, generate_series(1, n) AS g FROM t ORDER BY id, g
SELECT id, generate_series(1, n) AS g FROM t ORDER BY id DESC, g DESC
SELECT id, unnest(a) FROM t ORDER BY id
SELECT id, unnest(a), unnest(s) FROM t ORDER BY id
SELECT id, unnest(a) AS x, unnest(s) AS y FROM t ORDER BY id, x, y
SELECT id, unnest(p) FROM t ORDER BY id
SELECT id, (unnest(p)).* FROM t ORDER BY id
SELECT id, (unnest(p)).a, (unnest(p)).b, unnest(a) FROM t ORDER BY id
SELECT id, jsonb_array_elements(CASE WHEN jsonb_typeof(jb) = 'array' THEN jb END) FROM t ORDER BY id
SELECT id, json_array_elements_text(j) FROM t WHERE id IN (1, 3, 4, 6) ORDER BY id
SELECT id, (jsonb_each(jb)).* FROM t WHERE id IN (2, 3, 5) ORDER BY id
SELECT id, (json_each_text(j)).key, (json_each_text(j)).value FROM t WHERE id IN (2, 3, 5) ORDER BY id
SELECT id, jsonb_each(jb) FROM t WHERE id IN (2, 3, 5) ORDER BY id
SELECT jsonb_each('{"a": 1}'), generate_series(1, 2)
SELECT (jsonb_each('{"a": 1}')).*, generate_series(1, 2)
SELECT id, jsonb_object_keys(jb) FROM t WHERE id IN (2, 3, 5) ORDER BY id, 2
SELECT json_object_keys('{"b": 1, "a": 2, "b": 3}')
SELECT generate_series(1, 3) LIMIT 2
SELECT generate_series(1, 3) AS g ORDER BY g DESC LIMIT 2
SELECT generate_series(1, 10) OFFSET 7
SELECT id, generate_series(1, 2) FROM t ORDER BY id LIMIT 3
SELECT id, generate_series(1, 2) FROM t ORDER BY id LIMIT 3 OFFSET 2
SELECT id, generate_series(1, 2) AS g FROM t ORDER BY g, id LIMIT 3
SELECT DISTINCT generate_series(1, 3) % 2 AS m ORDER BY m
SELECT DISTINCT g, generate_series(1, 2) FROM t ORDER BY 1, 2
SELECT DISTINCT generate_series(1, n) AS x FROM t ORDER BY x
SELECT DISTINCT ON (g) g, generate_series(1, 2) FROM t WHERE g IS NOT NULL ORDER BY g, id
SELECT DISTINCT ON (g) g, id, generate_series(1, 3) AS x FROM t ORDER BY g, id
SELECT DISTINCT ON (x) generate_series(1, 3) AS x, id FROM t ORDER BY x, id
SELECT g, count(*), generate_series(1, 2) FROM t GROUP BY g ORDER BY g
SELECT g, generate_series(1, count(*)) FROM t GROUP BY g ORDER BY g
SELECT g, generate_series(1, count(*)) AS x FROM t GROUP BY g ORDER BY x DESC, g
SELECT generate_series(1, max(n)) FROM t
SELECT generate_series(1, 2) AS x, count(*) FROM t GROUP BY x ORDER BY x
SELECT generate_series(1, 2) AS x, count(*) FROM t GROUP BY 1 ORDER BY 1
SELECT generate_series(1, n) AS x, count(*) FROM t GROUP BY x ORDER BY x
SELECT generate_series(1, n) + 1 AS x, count(*), sum(id) FROM t GROUP BY generate_series(1, n) + 1 ORDER BY x
SELECT unnest(a) AS x, count(*) FROM t GROUP BY x ORDER BY x
SELECT unnest(a) AS x, count(*) FROM t GROUP BY x HAVING count(*) > 1 ORDER BY x
SELECT unnest(a) AS x, g, count(*) FROM t GROUP BY x, g ORDER BY x, g
SELECT generate_series(1, 2) AS x, generate_series(1, 3) AS y, count(*) FROM t GROUP BY x ORDER BY x, y
SELECT generate_series(1, 2) AS x, generate_series(1, 3) AS y, count(*) FROM t GROUP BY x, y ORDER BY x, y
SELECT generate_series(1, 2), generate_series(1, 3), count(*) FROM t GROUP BY 1
SELECT count(*) FROM t GROUP BY generate_series(1, 2)
SELECT generate_series(1, 2), count(*) FROM t GROUP BY generate_series(1, 2) + 1 ORDER BY 1, 2
SELECT unnest(a), sum(n) FROM t GROUP BY a ORDER BY a, 1
SELECT unnest(array_agg(id ORDER BY id)) FROM t
SELECT g, unnest(array_agg(id ORDER BY id)) AS u FROM t GROUP BY g ORDER BY g, u
SELECT unnest(array_agg(id ORDER BY id)), g FROM t GROUP BY GROUPING SETS ((g), ()) ORDER BY g, 1
SELECT generate_series(1, 2) AS x, g, count(*) FROM t GROUP BY ROLLUP (x, g) ORDER BY x, g, 3
SELECT id, generate_series(1, 2) AS x, row_number() OVER (ORDER BY id) FROM t ORDER BY id, x
SELECT id, generate_series(1, row_number() OVER (ORDER BY id)) AS x FROM t WHERE id < 4 ORDER BY id, x
SELECT generate_series(1, 3) AS x, count(*) OVER () FROM t ORDER BY x LIMIT 4
SELECT generate_series(1, 3) AS x, rank() OVER (ORDER BY generate_series(1, 3)) FROM t ORDER BY 1, 2
SELECT id, sum(id) OVER (PARTITION BY generate_series(1, 2)) AS s FROM t ORDER BY id
SELECT id, unnest(a) AS u, rank() OVER (ORDER BY unnest(a)) AS r FROM t ORDER BY r, id, u
SELECT id FROM t ORDER BY generate_series(1, 2), id
SELECT id FROM t ORDER BY id, generate_series(1, 2)
SELECT id FROM t ORDER BY unnest(a), id
SELECT id, generate_series(1, 3) FROM t ORDER BY generate_series(1, 3), id
SELECT id, generate_series(1, 3) AS x FROM t ORDER BY -generate_series(1, 3), id
SELECT id, generate_series(1, 3), unnest(a) FROM t ORDER BY generate_series(1, 3) DESC, id
SELECT id, unnest(a), n * 2 AS m FROM t ORDER BY m NULLS FIRST, id
SELECT unnest(a), id * 2 FROM t ORDER BY id * 2 DESC
SELECT unnest(a) + id, id FROM t ORDER BY id
SELECT id, CASE WHEN x > 1 THEN 'big' ELSE 'small' END FROM (SELECT id, unnest(a) AS x FROM t) q ORDER BY id, 2
SELECT (SELECT generate_series(1, 1))
SELECT (SELECT generate_series(1, 2))
SELECT id, (SELECT max(x) FROM (SELECT generate_series(1, 3) AS x) q) FROM t ORDER BY id
SELECT generate_series(1, (SELECT count(*) FROM t))
SELECT generate_series((SELECT min(id) FROM t), (SELECT max(id) FROM t), 2)
SELECT id FROM t WHERE id IN (SELECT generate_series(2, 4)) ORDER BY id
SELECT id FROM t WHERE EXISTS (SELECT generate_series(1, 0)) ORDER BY id
SELECT id FROM t WHERE id = ANY (SELECT unnest(ARRAY[1, 3])) ORDER BY id
SELECT id FROM t WHERE id NOT IN (SELECT unnest(a) FROM t WHERE a IS NOT NULL AND id <> 4) ORDER BY id
SELECT generate_series(1, 2) UNION ALL SELECT generate_series(2, 3) ORDER BY 1
SELECT generate_series(1, 3) UNION SELECT generate_series(2, 4) ORDER BY 1
SELECT generate_series(1, 5) EXCEPT SELECT generate_series(2, 3) ORDER BY 1
SELECT generate_series(1, 5) INTERSECT ALL SELECT unnest(ARRAY[2, 2, 9]) ORDER BY 1
SELECT x, x * 2 FROM (SELECT generate_series(1, 4) AS x) q WHERE x > 2 ORDER BY x
SELECT id, x FROM (SELECT id, generate_series(1, 2) AS x FROM t) q WHERE id > 4 ORDER BY id, x
SELECT id, x FROM (SELECT id, unnest(a) AS x FROM t) q WHERE x > 2 AND id < 6 ORDER BY id, x
SELECT g, sum(x) FROM (SELECT g, unnest(a) AS x FROM t) q GROUP BY g ORDER BY g
SELECT count(*) FROM (SELECT id, unnest(a) FROM t) q
SELECT count(*) FROM (SELECT generate_series(1, 100000)) q
SELECT sum(x), min(x), max(x), count(*) FROM (SELECT generate_series(1, 30000) AS x, id FROM t) q
SELECT generate_series(1, 3) IS NULL
SELECT ARRAY[generate_series(1, 2), 5]
SELECT ROW(generate_series(1, 2), 'x')
SELECT upper(unnest(ARRAY['a', 'b'])) AS u, unnest(ARRAY[1, 2, 3]) AS v
SELECT GREATEST(generate_series(1, 3), 2)
SELECT generate_series(1, 2)::text || 'x'
SELECT 'x' || generate_series(1, 2)
SELECT generate_series(1, 2) IN (2, 3)
SELECT NULLIF(generate_series(1, 2), 1)
SELECT unnest(ARRAY[1, 2]), unnest(ARRAY['a', 'b', 'c']), generate_series(1, 1)
SELECT unnest('{}'::int[]), generate_series(1, 2)
SELECT unnest(NULL::int[])
SELECT unnest(NULL::int[]), 1
SELECT id, generate_series(1, NULL) FROM t
SELECT generate_subscripts('{a,b,c}'::text[], 1)
SELECT generate_subscripts('{a,b,c}'::text[], 1, true)
SELECT generate_subscripts('{a,b,c}'::text[], 2)
SELECT id, generate_subscripts(a, 1) AS i FROM t ORDER BY id, i
SELECT id, generate_subscripts(a, 1), unnest(a) FROM t ORDER BY id
SELECT regexp_matches('foobarbequebaz', 'ba.', 'g')
SELECT regexp_matches('foobarbequebaz', '(b)(a.)')
SELECT regexp_matches('abc', 'x')
SELECT regexp_split_to_table('a,b,,c', ',')
SELECT regexp_split_to_table('hello', '')
SELECT string_to_table('a,b,,c', ',')
SELECT string_to_table('a,b,,c', ',', '')
SELECT string_to_table('abc', NULL)
SELECT string_to_table(NULL, ','), 1
SELECT string_to_table('', ',')
SELECT string_to_table('abc', '')
SELECT generate_series(1.0, 3, 0.75)
SELECT generate_series(1, 2.5)
SELECT generate_series(timestamp '2024-01-31', timestamp '2024-05-31', '1 month')
SELECT generate_series(date '2024-02-27', date '2024-03-02', '1 day')
SELECT generate_series(timestamptz '2024-03-30 12:00+00', timestamptz '2024-04-01 12:00+00', '12 hours')
SELECT id, generate_series(ts, ts + interval '2 days', '1 day') AS x FROM t ORDER BY id, x
SELECT id, generate_series(d, d + 1, 0.5) AS x FROM t ORDER BY id, x
SELECT id, generate_series(id, id + 1)::bigint AS x FROM t ORDER BY 1, 2
SELECT generate_series(1, 9223372036854775807) LIMIT 3
SELECT generate_series(9223372036854775806, 9223372036854775807)
SELECT generate_series(2147483646, 2147483647)
SELECT generate_series(-2147483648, -2147483647)
SELECT generate_series(3, 1, -1)
SELECT generate_series(1, 3, -1)
SELECT * FROM (SELECT generate_series(1, 3) AS a, generate_series(1, 2) AS b) q WHERE b IS NULL
SELECT id, n FROM t WHERE n = (SELECT max(x) FROM (SELECT unnest(a) AS x) q) ORDER BY id
VALUES (1), (2) ORDER BY 1
SELECT unnest(ARRAY[1.5, 2.25]::numeric(10,2)[])
SELECT unnest(ARRAY[date '2024-01-01', NULL])
SELECT unnest(ARRAY['{"a":1}', '[]']::jsonb[])
SELECT unnest(ARRAY[true, NULL, false])
SELECT unnest(ARRAY['\x01', '\xff']::bytea[])
SELECT unnest(ARRAY[interval '1 day', '2 months'])
SELECT unnest(ARRAY['a', 'bb']::char(3)[]) || '|'
SELECT unnest(ARRAY['00000000-0000-0000-0000-000000000001']::uuid[])
SELECT unnest(ARRAY[1.5::real, 'NaN'])
SELECT unnest(ARRAY[time '10:00', '23:59:59.5'])
SELECT unnest(ARRAY['10.0.0.1', '::1']::inet[])
SELECT unnest(ARRAY['[1,3)', 'empty']::int4range[])
