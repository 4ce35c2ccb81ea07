CREATE TABLE emp (id int4 NOT NULL PRIMARY KEY, name varchar(20) NOT NULL, dept_id int4, salary numeric(10,2), hired date, boss int4, tags text[], active bool, note text, code char(3));
CREATE TABLE dept (id int4 NOT NULL PRIMARY KEY, name varchar(30) NOT NULL, budget numeric, region text, opened timestamp, changed timestamptz);
CREATE TABLE num (i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric, n2 numeric(12,4), n3 numeric(8,3), o oid);
CREATE TABLE misc (b bytea, u uuid, j json, jb jsonb, iv interval, t time, ttz timetz, ts timestamp, tz timestamptz, d date, nm name, ia int4[], v varchar, ch char(5), bi bit(3), ip inet);
