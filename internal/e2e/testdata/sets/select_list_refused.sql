SELECT CASE WHEN true THEN generate_series(1, 2) END
SELECT CASE generate_series(1, 2) WHEN 1 THEN 'a' END
SELECT COALESCE(generate_series(1, 2), 3)
SELECT COALESCE(NULL, generate_series(1, 2) + 1)
SELECT 1 FROM t WHERE generate_series(1, 2) = 1
SELECT 1 FROM t WHERE id IN (1, generate_series(1, 2))
SELECT count(*) FROM t HAVING generate_series(1, 2) = 1
SELECT sum(generate_series(1, 3))
SELECT sum(generate_series(1, 3)) FROM t
SELECT count(*) FILTER (WHERE generate_series(1, 2) > 1) FROM t
SELECT array_agg(id ORDER BY generate_series(1, 2)) FROM t
SELECT sum(generate_series(1, 3)) OVER () FROM t
SELECT sum(id) OVER (ORDER BY id ROWS generate_series(1, 2) PRECEDING) FROM t
SELECT * FROM t a JOIN t b ON generate_series(1, 2) = a.id
SELECT 1 LIMIT generate_series(1, 2)
SELECT 1 OFFSET generate_series(1, 2)
VALUES (generate_series(1, 2))
SELECT * FROM generate_series(1, generate_series(1, 2))
SELECT * FROM abs(generate_series(1, 2))
SELECT * FROM ROWS FROM (generate_series(1, generate_series(1, 2)))
SELECT generate_series(1, 2, 0)
SELECT generate_series(1, 2) FROM t GROUP BY id HAVING unnest(a) = 1
SELECT g, generate_series(1, n) FROM t GROUP BY g
SELECT generate_series(1, 'x')
SELECT generate_series('a', 'b')
SELECT generate_series(true, false)
SELECT generate_series(1)
SELECT unnest(1)
SELECT unnest('{1}')
SELECT unnest(ARRAY[1], ARRAY[2])
SELECT generate_series(1, 'NaN'::numeric)
SELECT generate_series('NaN'::numeric, 1)
SELECT generate_series(1, 3, 'Infinity'::numeric)
SELECT generate_series(1::numeric, 3, 0)
SELECT generate_series(timestamp '2024-01-01', timestamp '2024-01-02', '0')
SELECT generate_series(date '2024-01-01', date '2024-01-02')
SELECT json_array_elements('{"a":1}')
SELECT json_array_elements('1')
SELECT jsonb_array_elements('{"a":1}')
SELECT jsonb_array_elements('1')
SELECT json_each('[1]')
SELECT json_each('1')
SELECT jsonb_each('[1]')
SELECT jsonb_each('1')
SELECT json_object_keys('[1]')
SELECT jsonb_object_keys('1')
SELECT regexp_split_to_table('a', 'b', 'g')
SELECT regexp_matches('a', '(')
SELECT regexp_matches('a', 'a', 'z')
SELECT generate_series(DISTINCT 1, 2)
SELECT generate_series(1, 2) OVER ()
SELECT generate_series(1, 2) FILTER (WHERE true)
SELECT DISTINCT g FROM t ORDER BY generate_series(1, 2)
SELECT id FROM t GROUP BY id ORDER BY unnest(s)
SELECT json_to_record('{}')
SELECT json_to_recordset('[]')
SELECT generate_subscripts(1, 1)
SELECT NOT (generate_series(1, 2) > 1)
SELECT generate_series(1, 2) > 1 AND true
SELECT generate_series(1, 2) BETWEEN 1 AND 1
