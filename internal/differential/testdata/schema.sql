-- Tables of adversarial values, and a few with keys for joins. Every table is small: cross joins stay cheap.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'Happy', 'elated');
CREATE DOMAIN posint AS int CHECK (value > 0);
CREATE DOMAIN word AS text;
CREATE TYPE pair AS (a int, b text);

CREATE TABLE num (
	id int PRIMARY KEY, i2 smallint, i4 int, i8 bigint, f4 real, f8 double precision, n numeric, n2 numeric(12,4), nw numeric(38,10), b boolean
);
INSERT INTO num VALUES
	(1, 0, 0, 0, 0, 0, 0, 0, 0, true),
	(2, 1, 1, 1, 1, 1, 1.0, 1, 1, false),
	(3, -1, -1, -1, -1.5, -1.5, -1.5, -1.5, -1.5, NULL),
	(4, 32767, 2147483647, 9223372036854775807, 3.4028235e38, 1.7976931348623157e308, 99999999999999999999999999999.999999999, 99999999.9999, 9999999999999999999999999999.9999999999, true),
	(5, -32768, -2147483648, -9223372036854775808, -3.4028235e38, -1.7976931348623157e308, -99999999999999999999999999999.999999999, -99999999.9999, -9999999999999999999999999999.9999999999, false),
	(6, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(7, 7, 42, 1000000007, 'NaN', 'NaN', 'NaN', 0.0001, 0.0000000001, true),
	(8, 2, 100, 4294967296, 'Infinity', 'Infinity', 'Infinity', 100, 100.10, false),
	(9, -7, -42, -4294967297, '-Infinity', '-Infinity', '-Infinity', -0.5, -0.5, NULL),
	(10, 10, 10, 10, '-0', '-0', 0.000, 2.5, 2.5, true),
	(11, 2, 2, 2, 1.17549435e-38, 5e-324, 1e-30, 3.1416, 3.1415926536, false),
	(12, 10, 10, 10, 0.1, 0.1, 12345678901234567890, 12345.6789, 12345678901234567890.1234567890, true),
	(13, 3, 3, 3, 2.5, 2.5, 2.50, 2.5, 2.5000000000, false);

CREATE TABLE str (id int PRIMARY KEY, t text, v varchar(8), c char(5), nm name, q "char", b bytea, k text NOT NULL);
INSERT INTO str VALUES
	(1, '', '', '', '', '', '', 'a'),
	(2, 'abc', 'abc', 'abc', 'abc', 'a', '\x616263', 'a'),
	(3, 'ABC', 'ABC', 'ABC', 'ABC', 'A', '\x414243', 'b'),
	(4, 'abc  ', 'abc  ', 'abc  ', 'abc  ', ' ', '\x00', 'b'),
	(5, NULL, NULL, NULL, NULL, NULL, NULL, 'B'),
	(6, 'Ünïcödé 漢字 🙂', 'Äß漢🙂', 'é漢', 'naïve', 'z', '\xff00ff', 'a '),
	(7, 'a%b_c\d', 'a%b_c\d', 'a_%', 'x%', '%', '\x5c', 'c'),
	(8, '  lead', '  lead', ' a', ' b', '0', '\x20', 'a'),
	(9, 'quote '' " \', '''', '"', '"', '"', '\x27', 'ü'),
	(10, '42', '42', '42', '42', '4', '\x3432', 'c'),
	(11, '-1.5e2', '-1.5e2', '-1.5', '-1.5', '-', '\xdeadbeef', 'b'),
	(12, E'line\nbreak\ttab', E'a\nb', E'a\tb', 'x y', 'x', '\x0a09', 'd'),
	(13, 'The quick brown fox jumps over the lazy dog', 'The quic', 'The q', 'The', 'T', '\x000102030405060708090a0b0c0d0e0f', 'e'),
	(14, 'true', 'true', 'true', 'true', 't', '\x74', 'a'),
	(15, '2024-02-29', '2024', '2024', '2024', '2', '\x32', 'c'),
	(16, 'abc', 'abc', 'abc', 'abc', 'a', '\x616263', 'a');

CREATE TABLE tim (id int PRIMARY KEY, d date, tm time, ttz timetz, ts timestamp, ts0 timestamp(0), tz timestamptz, iv interval);
INSERT INTO tim VALUES
	(1, '1970-01-01', '00:00', '00:00+00', '1970-01-01', '1970-01-01', '1970-01-01 00:00+00', '0'),
	(2, '2024-02-29', '12:34:56.789', '12:34:56.789+02', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:57', '2024-02-29 12:34:56.789012+00', '1 day'),
	(3, '1999-12-31', '23:59:59.999999', '23:59:59.999999-08', '1999-12-31 23:59:59.999999', '1999-12-31 23:59:59', '1999-12-31 23:59:59.999999+00', '24:00:00'),
	(4, 'infinity', '24:00:00', '24:00:00+00', 'infinity', 'infinity', 'infinity', '1 mon'),
	(5, '-infinity', '00:00:00.000001', '00:00+15:59', '-infinity', '-infinity', '-infinity', '30 days'),
	(6, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(7, '0001-01-01', '01:02:03', '01:02:03+05:30', '0001-01-01 00:00:00.5', '0001-01-01', '0001-01-01 00:00:00.5+00', '-1 mon 29 days -00:00:00.5'),
	(8, '9999-12-31', '12:00', '12:00-12', '9999-12-31 23:59:59', '9999-12-31 23:59:59', '9999-12-31 23:59:59+00', '1 year 2 mons 3 days 04:05:06.789'),
	(9, '2000-02-29', '06:30', '06:30-03:30', '2000-02-29 06:30:15.25', '2000-02-29 06:30:15', '2000-02-29 06:30:15.25+00', '-178000000 years'),
	(10, '4713-01-01 BC', '18:45:00.5', '18:45:00.5+01', '4713-01-01 00:00:00 BC', '4713-01-01 BC', '4713-01-02 00:00:00+00 BC', '178000000 years'),
	(11, '2024-02-29', '12:34:56.789', '10:34:56.789+00', '2024-02-29 12:34:56.789012', '2024-02-29 12:34:57', '2024-02-29 12:34:56.789012+00', '1 mon'),
	(12, '2023-03-26', '02:30', '02:30+01', '2023-03-26 02:30:00', '2023-03-26 02:30', '2023-03-26 01:00+00', '10 days 12:00'),
	(13, '1969-12-31', '11:59:59.5', '11:59:59.5+00', '1969-12-31 23:59:59.5', '1969-12-31 23:59:59', '1969-12-31 23:59:59.5+00', '00:00:00.000001');

CREATE TABLE doc (id int PRIMARY KEY, j json, jb jsonb, u uuid);
INSERT INTO doc VALUES
	(1, '{}', '{}', '00000000-0000-0000-0000-000000000000'),
	(2, '[]', '[]', 'ffffffff-ffff-ffff-ffff-ffffffffffff'),
	(3, 'null', 'null', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'),
	(4, '1', '1', 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'),
	(5, '"text"', '"text"', '12345678-1234-1234-1234-123456789abc'),
	(6, NULL, NULL, NULL),
	(7, '{"a": 1, "b": "x", "a": 2, "c": null}', '{"a": 1, "b": "x", "a": 2, "c": null}', '00000000-0000-0000-0000-000000000001'),
	(8, '{"a":{"b":{"c":[1,2,{"d":"deep"}]}},"bb":[true,false,null]}', '{"a":{"b":{"c":[1,2,{"d":"deep"}]}},"bb":[true,false,null]}', '00000000-0000-0000-0000-000000000002'),
	(9, '[1, 2.50, "three", null, true, [4], {"five": 5}]', '[1, 2.50, "three", null, true, [4], {"five": 5}]', '00000000-0000-0000-0000-000000000003'),
	(10, '{"ü": "漢字", "esc": "a\"b\\c\n\u00e9"}', '{"ü": "漢字", "esc": "a\"b\\c\n\u00e9"}', '00000000-0000-0000-0000-000000000004'),
	(11, ' {"n" : 12345678901234567890.123, "e":1e3, "neg": -0.0} ', ' {"n" : 12345678901234567890.123, "e":1e3, "neg": -0.0} ', '00000000-0000-0000-0000-000000000005'),
	(12, '[{"k":1,"v":"one"},{"k":2,"v":"two"},{"k":2}]', '[{"k":1,"v":"one"},{"k":2,"v":"two"},{"k":2}]', '12345678-1234-1234-1234-123456789abc'),
	(13, 'true', 'true', NULL),
	(14, '{"a": 1, "b": "x"}', '{"b": "x", "a": 1.0}', '00000000-0000-0000-0000-000000000001');

CREATE TABLE arr (id int PRIMARY KEY, ia int[], ta text[], na numeric[], fa double precision[], ba boolean[], da date[], i int);
INSERT INTO arr VALUES
	(1, '{}', '{}', '{}', '{}', '{}', '{}', 1),
	(2, '{1}', '{a}', '{1.0}', '{1}', '{t}', '{1970-01-01}', 2),
	(3, '{1,2,3}', '{a,b,c}', '{1,2.50,3.000}', '{1,2.5,NaN}', '{t,f,NULL}', '{2024-02-29,infinity}', 3),
	(4, '{1,NULL,3}', '{a,NULL,""}', '{NaN,NULL}', '{NULL,-0}', '{NULL}', '{NULL}', NULL),
	(5, NULL, NULL, NULL, NULL, NULL, NULL, 0),
	(6, '{NULL}', '{NULL,"NULL"}', '{NULL}', '{Infinity}', '{f}', '{-infinity}', -1),
	(7, '{3,2,1}', '{"a b","c,d","e\"f","{}"}', '{3,2,1}', '{3,2,1}', '{f,t}', '{1999-12-31,1999-12-31}', 1),
	(8, '{1,1,2,2}', '{A,a,"A "}', '{1,1.0,1.00}', '{0,0}', '{t,t}', '{0001-01-01}', 4),
	(9, '{2147483647,-2147483648}', '{ü,漢字,""}', '{1e30,-1e-30}', '{1e308,-1e308}', '{t}', '{9999-12-31}', 2),
	(10, '{1,2,3}', '{a,b,c}', '{1.0,2.5,3}', '{1,2.5,3}', '{t,f}', '{2024-02-29}', 2);

CREATE TABLE odd (
	id int PRIMARY KEY, m mood, p posint, w word, pr pair, ir int4range, nr numrange, dr daterange, tr tsrange, bi bit(4), vb varbit, ip inet, mo money, ma mood[],
	nn numeric(6,-2), ns numeric(3,5)
);
INSERT INTO odd VALUES
	(1, 'sad', 1, 'w', (1,'x'), '[1,5)', '[1.5,2.5]', '[2024-01-01,2024-02-01)', '[2024-01-01,2024-01-02)', B'0101', B'01', '10.0.0.1', 12.34, '{sad,ok}', 12345, 0.00123),
	(2, 'ok', 2147483647, '', (NULL,'y'), 'empty', 'empty', 'empty', 'empty', B'1111', B'', '10.0.0.0/8', -0.01, '{}', 50, 0),
	(3, 'Happy', 3, 'W ', (2,NULL), '(,)', '(,)', '(,)', '(,)', B'0000', B'1', '::1', 0, '{NULL}', -150, -0.00999),
	(4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
	(5, 'elated', 5, 'é', (NULL,NULL), '[3,8]', '(1.5,2.5)', '[2024-01-15,)', '[2024-01-01 12:00,infinity)', B'1000', B'101010101', '192.168.1.5/24', 99999999.99, '{Happy,elated}', 99949, 0.00001),
	(6, 'ok', 2, 'w', (1,'x'), '(1,4]', '[1.50,2.50]', '(,2024-01-10]', '(,2024-01-01]', B'0101', B'0101', '192.168.1.4/24', 12.34, '{ok}', 12345, 0.00123);

CREATE TABLE dup (a int, b int, t text);
INSERT INTO dup VALUES (1, 1, 'x'), (1, 1, 'x'), (1, 2, 'y'), (NULL, 1, 'x'), (NULL, NULL, NULL), (NULL, NULL, NULL), (2, NULL, 'z'), (2, 3, ''), (3, 3, 'x'), (1, 1, 'X');
CREATE TABLE dup2 (b int, a int, u text);
INSERT INTO dup2 VALUES (1, 1, 'x'), (1, 1, 'p'), (2, 1, 'q'), (1, NULL, 'x'), (NULL, NULL, NULL), (3, 2, 's'), (3, 2, 's'), (4, 4, 'none');
CREATE TABLE empty (id int, a int, t text, n numeric(10,2), f8 double precision, d date);

CREATE TABLE dept (id int PRIMARY KEY, name text NOT NULL, region text, budget numeric(14,2), parent int);
INSERT INTO dept VALUES
	(1, 'board', 'EU', 1000000, NULL), (2, 'sales', 'EU', 250000.50, 1), (3, 'research', 'US', 990000.99, 1), (4, 'support', NULL, NULL, 2),
	(5, 'empty', 'US', 0, 3), (6, 'lab', 'EU', 5000, 3), (7, 'loop a', NULL, 1, 8), (8, 'loop b', NULL, 2, 7);
CREATE TABLE emp (
	id int PRIMARY KEY, name text NOT NULL, dept_id int REFERENCES dept, boss int, salary numeric(10,2), bonus double precision, hired date, active boolean NOT NULL, skills text[]
);
INSERT INTO emp VALUES
	(1, 'Ann', 1, NULL, 9000, 0.1, '2010-01-15', true, '{go,sql}'), (2, 'Bob', 2, 1, 5000.50, NULL, '2012-06-01', true, '{sql}'),
	(3, 'Cid', 2, 2, 3000, 0.05, '2015-02-28', false, '{}'), (4, 'Dee', 2, 2, 3000, 0.05, '2016-02-29', true, NULL),
	(5, 'Eve', 3, 1, 7000.25, 0.2, '2011-11-11', true, '{go,rust,c}'), (6, 'Fay', 3, 5, 4000, 0, '2019-07-01', true, '{c}'),
	(7, 'Gus', 3, 5, NULL, NULL, NULL, false, '{NULL}'), (8, 'Hal', NULL, NULL, 100, 1, '2024-01-01', true, '{sql,go}'),
	(9, 'Ida', 4, 3, 2500, 0.01, '2020-02-29', true, '{}'), (10, 'ann', 6, 99, 2500, NULL, '2020-02-29', true, '{sql}'),
	(11, 'Jon', 6, 10, 2500.00, 0.5, '2021-12-31', false, '{go}'), (12, 'Kim', 1, 1, 8999.99, 0.1, '2010-01-15', true, '{}');
CREATE TABLE proj (id int PRIMARY KEY, name text, dept_id int, starts date, ends date, cost numeric(12,2));
INSERT INTO proj VALUES
	(10, 'alpha', 2, '2023-01-01', '2023-12-31', 1000), (11, 'beta', 3, '2023-06-01', NULL, 2500.75), (12, 'gamma', 3, '2022-01-01', '2022-03-01', NULL),
	(13, 'alpha', NULL, NULL, NULL, 0), (14, NULL, 5, '2024-01-01', '2024-01-01', 10.10), (15, 'omega', 9, '2025-01-01', '2024-01-01', -5);
CREATE TABLE work (emp_id int NOT NULL, proj_id int NOT NULL, hours numeric(6,2), rate double precision, role text, PRIMARY KEY (emp_id, proj_id));
INSERT INTO work VALUES
	(1, 10, 10, 100.5, 'lead'), (2, 10, 120.25, 50, 'dev'), (3, 10, 0, 40, NULL), (4, 10, NULL, 40, 'dev'), (5, 11, 200, 80, 'lead'), (6, 11, 150.75, NULL, 'dev'),
	(7, 11, 1, 1, 'dev'), (5, 12, 33.33, 80, 'lead'), (6, 12, 66.67, 45.5, ''), (9, 13, 5, 20, 'dev'), (2, 13, 7.5, 50, 'Dev'), (99, 15, 1, 1, 'ghost'), (12, 14, 8, 99.99, 'lead');
CREATE TABLE many (id int PRIMARY KEY, g int, k int, x double precision, n numeric(10,2), t text, d date);
INSERT INTO many SELECT i, CASE WHEN i % 17 = 0 THEN NULL ELSE i % 7 END, i * 7919 % 101, (i * 31 % 97) / 8.0, CASE WHEN i % 23 = 0 THEN NULL ELSE (i * 53 % 1000) / 100.0 END,
	CASE WHEN i % 19 = 0 THEN NULL ELSE chr(97 + i % 26) || (i % 11) END, date '2020-01-01' + i % 400 FROM generate_series(1, 600) i;
ANALYZE;
