-- Types by name, as they are declared and printed.
SELECT pg_typeof(1), pg_typeof('x'), pg_typeof('x'::text), pg_typeof(NULL), pg_typeof(1.5), pg_typeof(ROW(1, 2)), pg_typeof(ARRAY[1, 2]), pg_typeof(ARRAY['sad'::mood]), pg_typeof('x'::varchar(3)), pg_typeof(now()), pg_typeof('odd'::regclass);
SELECT pg_typeof(id), pg_typeof(m), pg_typeof(p), pg_typeof(w), pg_typeof(pr), pg_typeof(ma), pg_typeof(ir), pg_typeof(ip) FROM odd ORDER BY id;
SELECT pg_typeof(p + 1), pg_typeof(coalesce(p, p)), pg_typeof(coalesce(p, 1)), pg_typeof(nullif(p, 2)), pg_typeof(p::int), pg_typeof(ARRAY[p]), pg_typeof(w || 'x'), pg_typeof(max(p)) FROM odd GROUP BY p, w ORDER BY p, w;
SELECT pg_typeof(pg_typeof(1)), pg_typeof(1)::text || '!', pg_typeof(1) = 'int4'::regtype, pg_typeof(1)::oid, count(*) FROM num GROUP BY pg_typeof(id);
SELECT pg_typeof(CASE WHEN true THEN 1 END), pg_typeof(1 + 1.5), pg_typeof(sum(i4)), pg_typeof(avg(i8)), pg_typeof(array_agg(t)) FROM num, str WHERE num.id = 1 AND str.id = 1;
SELECT 'mood'::regtype, 'posint'::regtype, 'public.pair'::regtype, 'int'::regtype, 'timestamp with time zone'::regtype, to_regtype('nosuch'), to_regtype('word');
SELECT 'nosuch'::regtype;
-- Casts to types of the source.
SELECT 'ok'::mood, 'sad'::mood < 'Happy'::mood, NULL::mood, 'ok'::public.mood, CAST('elated' AS mood)::text, '{sad,ok}'::mood[], ARRAY['ok', 'sad']::mood[];
SELECT 'nosuch'::mood;
SELECT id, t::mood FROM str WHERE id = 1;
SELECT (1, 'x')::pair, '(2,y)'::pair, ROW(3, 'z')::pair, (ROW(4, NULL)::pair).a, '(,)'::pair, NULL::pair, ('(5,"a b")'::pair).b;
SELECT '(1,2,3)'::pair;
SELECT ROW(1)::pair;
SELECT (NULL::dept).name, ROW(1, 'x', 'EU', 1.5, NULL)::dept;
SELECT 'x'::nosuchtype;
SELECT 1::posint, '7'::posint, NULL::posint, 2.6::posint, 'x'::word, ''::word, 1::posint + 1;
SELECT 0::posint;
SELECT (-1)::posint;
SELECT 'x'::posint;
SELECT id, i4::posint FROM num WHERE i4 > 0 ORDER BY id;
SELECT id, i4::posint FROM num ORDER BY id;
SELECT id, p::int - 5, CASE WHEN p > 2 THEN p ELSE 1::posint END FROM odd ORDER BY id;
SELECT '{1,2}'::posint[];
SELECT ARRAY[1, 2]::posint[], ARRAY[1::posint];
SELECT ARRAY[1, 0]::posint[];
-- Paths as a type.
SELECT '$'::jsonpath, 'lax $.a'::jsonpath, 'strict $.a[*] ? (@.b > 1 && !(@.c == "x"))'::jsonpath, '$.a.b[0 to last, 3]'::jsonpath, '$.**{2 to last}.key'::jsonpath, '-$.a + 2 * (3 - 1)'::jsonpath;
SELECT '$.a.datetime("HH24:MI").type()'::jsonpath, '$ ? (@ like_regex "^a" flag "si")'::jsonpath, '$ ? (exists(@.a) || (@.b starts with $v))'::jsonpath, '(1).abs()'::jsonpath, '$."a b".c'::jsonpath, '+1'::jsonpath, '- 1.50'::jsonpath;
SELECT ''::jsonpath;
SELECT '$ ? ('::jsonpath;
SELECT '@.a'::jsonpath;
SELECT id, jb @? '$.a'::jsonpath, jsonb_path_query_array(jb, '$.*'::jsonpath) FROM doc ORDER BY id;
SELECT '$.a'::jsonpath::text, pg_typeof('$'::jsonpath), NULL::jsonpath, ARRAY['$.a'::jsonpath];
SELECT id, jsonb_path_query_array(jb, '$.keyvalue()') FROM doc WHERE jsonb_typeof(jb) = 'object' ORDER BY id;
SELECT id, jsonb_path_query_array(jb, 'strict $.keyvalue()', '{}', true), jsonb_path_query_array(jb, '$[*].keyvalue().value', '{}', true) FROM doc ORDER BY id;
SELECT jsonb_path_query('{"a": {"b": [1, {"c": "x"}]}, "n": 12345.678}', '$.**.keyvalue().id');
SELECT jsonb_path_query(v::jsonb, '$.datetime()'), jsonb_path_query(v::jsonb, '$.datetime().type()') FROM (VALUES ('"2017-03-10"'), ('"12:34:56"'), ('"12:34:56.789+05:20"'), ('"2017-03-10 12:34:56"'), ('"2017-03-10T12:34:56.1-08"')) x(v);
SELECT jsonb_path_query('"nonsense"', '$.datetime()');
SELECT jsonb_path_query('"10-03-2017"', '$.datetime("dd-mm-yyyy")'), jsonb_path_query('"12:34 +05"', '$.datetime("HH24:MI TZH")'), jsonb_path_exists('"2017-03-10"', '$.datetime() < "2017-03-11".datetime()');
SELECT jsonb_path_query('"2017-03-10"', '$.datetime() < "2017-03-11 12:34:56+00".datetime()');
SELECT jsonb_path_query_tz('"2017-03-10"', '$.datetime() < "2017-03-11 12:34:56+00".datetime()'), jsonb_path_exists_tz('["12:00:00"]', '$[*].datetime() ? (@ < "13:00:00+00".datetime())');
SELECT jsonb_path_query('1', '$.datetime()'), jsonb_path_query('"12:34"', '$.datetime("HH24-MI")');
-- Arguments by name; VARIADIC.
SELECT make_date(year => 2024, month => 2, day => 29), make_interval(days => 10, hours => 5), make_interval(secs => 1.5, years => 2), jsonb_path_exists('{"a": 1}', '$.b', silent => true);
SELECT jsonb_set('{"a": 1}', '{b}', '2', create_if_missing => false), jsonb_path_query_array(path => '$.a', target => '{"a": 1}'), parse_ident('a.b', strict => false);
SELECT make_date(year => 2024, month => 2);
SELECT make_date(year => 2024, year => 2, day => 1);
SELECT make_date(year => 2024, 2, 1);
SELECT lower(x => 'A');
SELECT concat(VARIADIC ARRAY['a', NULL, 'b']), concat_ws(',', VARIADIC ARRAY[1, 2]), format('%s-%s', VARIADIC ARRAY['a', 'b']), json_build_array(VARIADIC '{1,2}'::int[]), num_nulls(VARIADIC ARRAY[1, NULL]), jsonb_extract_path('{"a": {"b": 1}}', VARIADIC ARRAY['a', 'b']);
SELECT concat(VARIADIC NULL::text[]), jsonb_build_array(VARIADIC '{}'::text[]), format('x', VARIADIC NULL::text[]);
SELECT format('x', VARIADIC NULL);
SELECT concat(VARIADIC 1);
SELECT lower(VARIADIC ARRAY['A']);
-- Documents to scalars.
SELECT 'true'::jsonb::bool, '12345.05'::jsonb::int, '12345.5'::jsonb::int8, '-7'::jsonb::int2, '1e3'::jsonb::numeric, '1.256'::jsonb::numeric(5,2), '0.1'::jsonb::float8, '0.1'::jsonb::real, NULL::jsonb::int;
SELECT '"1"'::jsonb::int;
SELECT 'null'::jsonb::bool;
SELECT '[]'::jsonb::numeric;
SELECT '100000'::jsonb::int2;
SELECT json '{ "a": "\ud83dX", "b": 1 }' -> 'b';
SELECT json '["\u0000"]' ->> 0;
SELECT json_array_length('["\ud83dX"]'), json_typeof('"\u0000"');
-- Words for times.
SELECT date 'tomorrow' - date 'today', date 'today' - date 'yesterday', timestamp 'tomorrow' - timestamp 'yesterday', timestamptz 'now' = now(), timestamp 'today' = current_date, 'now'::date = current_date, time 'now' = localtime;
SELECT count(*) FROM tim WHERE d < 'yesterday' AND ts < 'today';
-- Zones.
SELECT make_timestamptz(1973, 07, 15, 08, 15, 55.33, '+2'), make_timestamptz(1973, 07, 15, 08, 15, 55.33, '-2:30'), make_timestamptz(1973, 07, 15, 08, 15, 55.33, 'Europe/Berlin');
SELECT make_timestamptz(1973, 07, 15, 08, 15, 55.33, '2');
SELECT make_timestamptz(2014, 12, 10, 10, 10, 10, '+16');
SELECT '2011-03-27 02:30:00 MSK'::timestamptz, '2011-03-27 02:30:00'::timestamp AT TIME ZONE 'MSK', '2014-10-26 01:30:00 MSK'::timestamptz;
-- Limits and lengths.
SELECT 'toolong'::varchar(3), 'toolong'::char(3), 'a'::"char"::char(4) || '|', 123::varchar(2), true::char(2), 'ab'::bit varying;
SELECT B'101'::bit(5), B'10111'::bit(2), B'101'::varbit(2), 5::bit(4), B'0101'::int;
SELECT 12345::numeric(6,-2), 0.00123::numeric(3,5), 'NaN'::numeric, '1e5'::numeric(10,2), 99.995::numeric(4,1);
SELECT 1000::numeric(3,0);
SELECT '12:34:56.789'::time(1), '2024-01-01 12:34:56.789'::timestamp(0), '1 day 02:03:04.567'::interval(1), '1 year 2 mons 3 days 04:05:06'::interval year to month, '3 days 04:05:06'::interval hour to minute;
SELECT '1 month 2146410 days'::interval * 1000.5002;
-- Names of columns.
SELECT CASE 1 WHEN 1 THEN 2 END, CASE WHEN true THEN 1 ELSE id END, coalesce(id, 1), ARRAY[1], ROW(1), nullif(1, 2), greatest(1, 2), least(1, 2), EXISTS (SELECT 1), (SELECT 5 AS five), (VALUES (1)), ARRAY(SELECT 1), 1::int4, 'x'::varchar(3), id::text, (ARRAY[1, 2])[1], 1 + 1, -id, id IS NULL, current_date IS NULL, extract(year FROM date '2024-01-01'), position('a' IN 'ba'), trim('x'), substring('abc' FROM 2), 'a' LIKE 'b', id BETWEEN 1 AND 2, t COLLATE "C", interval '1 day', CAST(1 AS numeric(3,1)) FROM str WHERE id = 1;
-- Ambiguous and missing.
SELECT lower(1);
SELECT 1 + 'x'::text;
SELECT '1' + '2';
SELECT date '2024-01-01' + date '2024-01-02';
SELECT nosuch(1, 'x');
SELECT ARRAY[1, 'x'];
SELECT CASE WHEN true THEN 1 ELSE 'x' END;
SELECT coalesce(1, 'x');
SELECT 1 UNION SELECT 'x';
SELECT NULL::point;
SELECT '(1,2)'::point;
