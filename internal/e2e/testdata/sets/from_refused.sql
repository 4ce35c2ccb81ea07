SELECT * FROM unnest(ARRAY[1]) AS u(x, y)
SELECT * FROM generate_series(1, 2) WITH ORDINALITY AS u(x, y, z)
SELECT * FROM json_to_record('{}')
SELECT * FROM json_to_record('{}') AS x
SELECT * FROM json_to_recordset('[]') WITH ORDINALITY AS x(a int)
SELECT * FROM jsonb_each('{}') AS x(a text, b text)(c int)
SELECT * FROM jsonb_each('{}') AS (a text)
SELECT * FROM generate_series(1, 2) AS (a int)
SELECT * FROM unnest(ARRAY[1], ARRAY[2]) AS (a int)
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 2)) AS (a int)
SELECT * FROM jsonb_populate_recordset(NULL::pair, '[]') AS (a int)
SELECT * FROM json_to_record('{}') AS x(a int, a text)
SELECT * FROM json_to_record('{}') AS x(a nosuch)
SELECT * FROM json_to_record('[]') AS x(a int)
SELECT * FROM json_to_record('1') AS x(a int)
SELECT * FROM jsonb_to_record('[]') AS x(a int)
SELECT * FROM json_to_recordset('{}') AS x(a int)
SELECT * FROM json_to_recordset('1') AS x(a int)
SELECT * FROM jsonb_to_recordset('{}') AS x(a int)
SELECT * FROM json_to_recordset('[1]') AS x(a int)
SELECT * FROM jsonb_to_recordset('[[]]') AS x(a int)
SELECT * FROM json_to_record('{"a": "x"}') AS x(a int)
SELECT * FROM json_to_record('{"a": 1.5}') AS x(a int)
SELECT * FROM json_to_record('{"a": "long"}') AS x(a varchar(2))
SELECT * FROM json_to_record('{"a": 5}') AS x(a int[])
SELECT * FROM json_to_record('{"a": 5}') AS x(a pair)
SELECT * FROM nosuch(1)
SELECT * FROM unnest()
SELECT * FROM generate_series(1, 2) g, generate_series(1, 2) g
SELECT * FROM t RIGHT JOIN unnest(t.a) AS x ON true
SELECT * FROM t FULL JOIN unnest(t.a) AS x ON true
SELECT * FROM unnest(t.a) AS x, t
SELECT * FROM t JOIN (r JOIN unnest(nosuch) AS x ON true) ON true
SELECT * FROM sum(1)
SELECT * FROM count(*)
SELECT * FROM generate_series(1, sum(1))
SELECT * FROM row_number() OVER ()
SELECT * FROM generate_series(1, rank() OVER ())
SELECT * FROM t, unnest(u.a) AS x
SELECT g.x FROM generate_series(1, 3) g
SELECT 1 FROM generate_series(1, 3, 0) AS x
SELECT jsonb_populate_record(1, '{}')
