-- literals
select 1
select 1, 2147483648, 9223372036854775808, 1.5, 1e3, 'a', null, true
select -2147483648, -2147483649, - 5, +5, 0.00
select 1 as a, 'x' b
select b'101', x'1f'
select e'a\nb', U&'\0061', $$dollar$$, n'nat'
select date '2020-01-01', time '12:00', timestamp '2020-01-01', timestamptz '2020-01-01', interval '1 day'
select interval '90' day, interval '3' month, interval(3) '1.2345 s', interval '1-2' year to month
select '1'::int4, cast('2' as int8), int4 '3', '4'::numeric(5,2), 'abc'::varchar(2), 'abc'::char(2), 'a'::"char"
select '{1,2}'::int[], array[1,2], array[1,2.5], array['a','b'], array[1,null], array[]::int[]
select 1::float4, 1::float8, 1::real, 1::double precision, 1::bool, 'true'::boolean
select 'x'::uuid
select 'abc'::int4
select '2020-13-01'::date
select 1::date
select 'a'::nosuchtype
select numeric(10,20) '1'
select 1::numeric(0)
select 'a'::varchar(0)
select '1'::int4(3)
-- operators
select 1 + 1, 1 + 1.5, 1 + '2', 1.5 * 2, 1 / 2, 1 % 2, 2 ^ 3, 5 - 3, -(1)
select i2 + i4, i2 + i8, i4 * f4, f4 * f8, n + i4, n2 * n2, n2 / i4, f8 + n, i2 + i2, i8 - i2 from num
select n2 + n3, n2 - n3, n2 * n3, n2 / n3, n2 % n3, -n2, abs(n2), i4 + n2 from num
select 'a' || 'b', 'a' || 1, 1 || 'a', name || note, name || id from emp
select 1 || 2
select 'a' + 'b'
select name + 1 from emp
select name = 'x', name = note, code = 'x', code = name, id = '1', id = 1.5, salary = 1 from emp
select hired = '2020-01-01', hired < now(), hired > opened, opened = changed, hired + 1, hired - hired, hired + interval '1 day', opened - opened, opened - interval '1 h' from emp, dept
select hired + '1 day' from emp
select id = 'x' from emp
select id = name from emp
select active = 1 from emp
select active and id from emp
select not id from emp
select id is true from emp
select active is true, active is not false, active is unknown, id is null, name is not null from emp
select id between 1 and 2, id not between 1 and 2, id between symmetric 3 and 1, name between 'a' and 'b' from emp
select id in (1, 2), id in (1, 2.5), id not in (1), name in ('a', 'b'), id in (1, null), id in ('1', '2'), code in ('a') from emp
select id in (1, 'x') from emp
select id in (dept_id, 1, 2), id in (boss, salary) from emp
select name like 'a%', name not like 'a', name ilike 'b', note similar to 'a', name like 'a' escape 'b' from emp
select id like 'a' from emp
select id is distinct from 1, id is not distinct from dept_id, id is distinct from null, name is distinct from note from emp
select id = any(array[1,2]), id <> all('{1,2}'), name = any(tags), id = any(array['1']) from emp
select id = any(1) from emp
select id = any(tags) from emp
select nullif(id, 1), nullif(1, 2.5), nullif('a', 'b'), nullif(name, '') from emp
select coalesce(id, 1), coalesce(id, 1.5), coalesce(name, 'x'), coalesce(null, 'a'), coalesce(name, note), coalesce(salary, 0) from emp
select coalesce(id, 'x') from emp
select coalesce(id, name) from emp
select greatest(1, 2), least(1, 2.5), greatest('a', 'b'), greatest(id, null), least(hired, '2020-01-01') from emp
select greatest(id, name) from emp
select case when active then 1 end, case id when 1 then 'a' when 2 then 'b' else note end, case when true then 1 else 2.5 end from emp
select case when id then 1 end from emp
select case when true then 1 else 'x' end
select case when true then id else name end from emp
select case name when 1 then 1 end from emp
select row(1, 'a'), (1, 2) = (3, 4), (1, 2) < (3, 4), (1, 2, 3) <> (1, 2, 3), row(1) = row(2)
select (1, 2) = (1, 2, 3)
select (1, 'a') < (2, 3)
select (id, name) in ((1, 'a'), (2, 'b')) from emp
select @ 5, |/ 4, 5 ! from num
select 1 <> 2, 1 != 2, 5 & 3, 5 | 3, 5 # 3, ~ 5, 1 << 2, 8 >> 1
select tags[1], (array[1,2])[1], 'x' = any(tags) from emp
select tags || '{x}' from emp
select array_length(tags, 1) from emp
select id[1] from emp
select tags['x'] from emp
select jb -> 'a', jb ->> 'a', j -> 1, j ->> 'b', jb #> '{a,b}', jb ? 'a', jb @> '{}' from misc
-- functions
select lower(name), upper('a'), length(name), length(code), substr(name, 1, 2), substring(name from 1 for 2), substring(name from 2), position('a' in name), trim(name), trim(leading 'x' from name), trim(both from name), overlay(name placing 'x' from 1) from emp
select abs(-1), abs(1.5), round(1.5), round(1.55, 1), round(f8), ceil(n), floor(f8), trunc(n, 2), sqrt(2), sqrt(n), power(2, 3), power(n, 2), mod(5, 3), sign(-1), exp(1.0), ln(2.0) from num
select extract(year from hired), extract(epoch from opened), extract(day from interval '1 day'), date_part('year', hired), date_trunc('month', opened), date_trunc('day', hired) from emp, dept
select now(), current_date, current_timestamp, current_timestamp(2), localtimestamp, localtime, current_time
select current_user, session_user, user, current_catalog, current_schema
select opened at time zone 'UTC', changed at time zone 'UTC' from dept
select nosuch(1)
select lower(1)
select lower()
select lower('a', 'b')
select substr('abc', 'x')
select length(id) from emp
select replace(name, 'a', 'b'), split_part(name, ',', 1), strpos(name, 'a'), left(name, 1), right(name, 2), lpad(name, 5), rpad(name, 5, 'x'), concat(name, id, null), concat_ws(',', name, id), repeat('a', 3), reverse(name), initcap(name), md5(name), ascii('a'), chr(65), to_hex(255) from emp
select to_char(now(), 'YYYY')
select to_date('2020', 'YYYY')
select age(opened), make_date(2020, 1, 1) from dept
select float8(1), text(1), int4('5'), varchar('x'), numeric('5'), int4(1.5), text(name), date('2020-01-01') from emp
select public.lower('a')
select pg_catalog.lower('a')
select lower(distinct 'a')
select lower('a') over ()
select lower(*) from emp
-- aggregates
select count(*), count(id), count(distinct name), sum(id), sum(salary), avg(id), avg(salary), min(name), max(hired), min(code), max(note) from emp
select sum(i2), sum(i4), sum(i8), sum(f4), sum(f8), sum(n), sum(n2), avg(f4), avg(f8), avg(i8), avg(n2) from num
select bool_and(active), bool_or(active), every(active), string_agg(name, ','), string_agg(name, ',' order by id), array_agg(id), array_agg(name), array_agg(id order by id desc) from emp
select stddev(id), variance(id), stddev_pop(salary), var_samp(f8) from emp, num
select corr(f8, f8) from num
select count(*) filter (where id > 1), sum(id) filter (where active) from emp
select sum(name) from emp
select sum(*) from emp
select count() from emp
select id, count(*) from emp
select dept_id, count(*) from emp group by dept_id
select dept_id, name, count(*) from emp group by dept_id
select dept_id + 1, count(*) from emp group by dept_id + 1
select dept_id + 2, count(*) from emp group by dept_id + 1
select id, name, salary from emp group by id
select e.id, e.name, d.name from emp e, dept d group by e.id
select dept_id d, count(*) from emp group by d
select dept_id id, count(*) from emp group by id
select dept_id, count(*) from emp group by 1
select dept_id, count(*) from emp group by 2
select dept_id, count(*) from emp group by 3
select dept_id from emp group by 'x'
select dept_id, count(*) from emp group by dept_id having count(*) > 1
select dept_id, count(*) from emp group by dept_id having name = 'x'
select dept_id from emp group by dept_id having sum(salary)
select 1 from emp having true
select name from emp having count(*) > 0
select count(*) from emp where count(*) > 1
select sum(count(*)) from emp
select dept_id from emp group by count(*)
select sum(id) from emp group by sum(id)
select dept_id, sum(salary) from emp group by dept_id order by sum(salary) desc
select dept_id from emp group by dept_id order by name
select dept_id, region, count(*) from emp, dept group by rollup (dept_id, region)
select dept_id, count(*), grouping(dept_id) from emp group by grouping sets ((dept_id), ())
select dept_id, region, grouping(dept_id, region) from emp, dept group by cube (dept_id, region)
select grouping(dept_id) from emp
select grouping(name), count(*) from emp group by dept_id
select count(distinct id, name) from emp
select array_agg(distinct id order by name) from emp
select string_agg(distinct name, ',' order by name) from emp
select percentile_cont(0.5) within group (order by salary) from emp
select json_agg(name) from emp
-- select list, order, limit
select * from emp
select emp.* from emp
select e.*, d.name from emp e join dept d on d.id = e.dept_id
select nosuch.* from emp
select *
select (e).name from emp e
select (e).nosuch from emp e
select name, name from emp
select id from emp order by name
select id as x from emp order by x
select id as x from emp order by x + 1
select id from emp order by 1
select id from emp order by 2
select id from emp order by 'x'
select id from emp order by nosuch
select id as a, name as a from emp order by a
select id as a, id as a from emp order by a
select distinct dept_id from emp order by dept_id
select distinct dept_id from emp order by name
select distinct on (dept_id) dept_id, name from emp order by dept_id, name
select distinct on (dept_id) dept_id, name from emp order by name
select j from misc order by j
select distinct j from misc
select j, count(*) from misc group by j
select id from emp limit 1
select id from emp limit 1 offset 2
select id from emp limit '5'
select id from emp limit 'x'
select id from emp limit id
select id from emp limit 1.5
select id from emp limit true
select id from emp offset 1 rows fetch next 5 rows only
select id from emp order by id fetch first 1 row with ties
select id from emp fetch first 1 row with ties
select id from emp limit null
select id from emp limit all
select id from emp for update
-- from
select * from nosuch
select * from emp, emp
select * from emp e, dept e
select * from emp, public.emp
select emp.id from emp e
select e.nosuch from emp e
select nosuch from emp
select nam from emp
select idd from emp
select id from emp, dept
select x.id from emp
select * from emp e join dept d on e.dept_id = d.id
select * from emp e join dept d using (id)
select id, e.name, d.name from emp e join dept d using (id)
select * from emp natural join dept
select * from emp e left join dept d using (id, name)
select * from emp e full join dept d using (id)
select e.id, d.id, id from emp e right join dept d using (id)
select * from emp join dept using (nosuch)
select * from emp join dept using (budget)
select * from emp join dept using (id, id)
select * from emp cross join dept
select * from emp join dept on true join misc on false
select * from emp join dept on id = 1
select * from emp join dept on emp.id
select * from emp join dept on count(*) > 1
select * from (emp join dept using (id)) j
select j.id, j.budget from (emp join dept using (id)) as j
select emp.id from (emp join dept using (id)) as j
select * from emp join dept using (id) as u
select u.id from emp join dept using (id) as u
select * from (select 1 as a, 'x' as b) s
select * from (select 1, 2) s(a, b)
select * from (select 1, 2) s(a)
select * from (select 1) s(a, b)
select * from (select 1)
select * from (select id, id from emp) s
select id from (select id, id from emp) s
select * from emp e, (select e.id) s
select * from emp e, lateral (select e.id as x) s
select * from emp e left join lateral (select e.id as x) s on true
select * from emp e right join lateral (select e.id as x) s on true
select * from (values (1, 'a'), (2, 'b')) v
select * from (values (1, 'a'), (2, 'b')) v(x, y)
select * from (values (1, 2), (3)) v
select * from (values (1), ('a')) v
select * from (values (1), (2.5), (null)) v
values (1, 'a'), (2, null)
values (1), (2) order by 1 desc limit 1
values (1), (2) order by column1
table emp
select * from generate_series(1, 3)
select * from generate_series(1, 3) g
select * from generate_series(1, 3) g(x)
select g, g.g from generate_series(1, 3) g
select * from generate_series(1, 10, 2) with ordinality
select * from generate_series(1, 10, 2) with ordinality t(a, b)
select * from generate_series(timestamp '2020-01-01', timestamp '2020-01-02', interval '1 hour') ts
select * from unnest(array[1,2]) u
select * from unnest(array['a']) with ordinality u(v, n)
select * from lower('A')
select * from lower('A') x
select * from nosuch(1)
select * from current_date
-- with
with c as (select 1 as a) select * from c
with c(x) as (select 1) select x from c
with c(x, y) as (select 1) select x from c
with c as (select 1 as a), d as (select a + 1 as b from c) select * from c, d
with c as (select 1), c as (select 2) select * from c
with c as materialized (select id from emp) select * from c a join c b using (id)
with emp as (select 1 as one) select * from emp
with c as (select nosuch from emp) select 1
with c as (select 1 as a) select (select a from c), a from c
with c as (insert into emp values (1) returning id) select * from c
select * from c
-- subqueries
select (select 1), (select id from emp limit 1), (select 'a')
select (select 1, 2)
select (select id from emp where emp.id = d.id) from dept d
select exists (select 1), not exists (select 1 from emp), 1 in (select id from emp), 1 = any (select id from emp), 1 > all (select id from emp)
select id from emp where id in (select id from dept)
select id from emp where id not in (select id from dept)
select id from emp where exists (select 1 from dept where dept.id = emp.dept_id)
select id from emp where (id, name) in (select id, name from dept)
select id from emp where id in (select id, name from dept)
select id from emp where (id, name) in (select id from dept)
select id from emp where id in (select name from dept)
select id from emp where id > all (select salary from emp)
select id from emp where id > (select avg(salary) from emp e2 where e2.dept_id = emp.dept_id)
select id from emp e where exists (select nosuch)
select dept_id, (select max(d.name) from dept d where d.id = emp.dept_id) from emp group by dept_id
select dept_id, (select max(d.name) from dept d where d.id = emp.boss) from emp group by dept_id
select array(select id from emp)
select (select count(*) from emp) + 1
select (select x from (select 1 as x) s)
select id, (select sum(emp.id)) from emp
-- set operations
select 1 union select 2
select 1 union select 2.5
select 1 as a union all select 'x'
select 'a' union select 'b'
select null union select 1
select null union select null
select null union all select null union all select 1
select 1 union select 'a'
select id from emp union select name from dept
select id from emp union select id, name from dept
select id, name from emp union select id, name from dept order by id
select id as x from emp union select id from dept order by x desc limit 3
select id as x from emp union select id from dept order by id
select id from emp union select id from dept order by id + 1
select id from emp intersect select id from dept
select id from emp except all select id from dept
(select id from emp order by id limit 1) union all (select id from dept limit 2)
select name from emp union select name from dept
select salary from emp union select budget from dept
select n2 from num union select n3 from num
select hired from emp union select opened from dept
select 1 union select 2 intersect select 3
select j from misc union select j from misc
select code from emp union select ch from misc
select code from emp union select 'x'
-- parameters
select $1
select $1::int4, $2::text
select $1 + 1
select id from emp where id = $1 and name = $2
select id from emp where salary > $1 and hired between $2 and $3
select id from emp where id in ($1, $2)
select id from emp where id = any($1)
select id from emp limit $1 offset $2
select coalesce($1, 'x'), coalesce($2, 1)
select $1 || 'x'
select lower($1)
select case when $1 then $2 else 1 end
select $1 = $2
select $1 is null
select $2
select $1 + $2
select $1::int4, $1::text
select $1 + 1, $1 || 'a'
select $0
select * from emp where name like $1
select extract(year from $1::date)
select now() - $1
select $1 union select 1
select * from (values ($1, 1)) v
select $1 from emp order by 1
select id + $1, salary * $2 from emp
select $1::numeric(5,2)
-- windows
select row_number() over (order by id), rank() over (partition by dept_id order by salary desc), sum(salary) over (), lag(name) over w, first_value(id) over w from emp window w as (order by id)
select row_number() from emp
select sum(id) over (order by nosuch) from emp
select id from emp where row_number() over () = 1
select sum(row_number() over ()) from emp
select row_number() over w from emp
select sum(sum(id)) over () from emp group by dept_id
select sum(id) over (rows between 1 preceding and current row) from emp
select count(distinct id) over () from emp
-- syntax
select
select from emp
selec 1
select 1 +
select 'abc
select * from emp where
select (1
select 1; select 2
select "a
select 1 frm emp
select 'äöü', * fro emp
select x.y.z.w.v
select 0x1F
select 1_000
select 1a
select json_value('{}', '$')
-- statements that are no queries
insert into emp values (1)
-- more of everything
select -i2, -i4, -i8, -f4, -n2, +i2, @ i4 from num
select i2 = i8, i4 < n2, f4 = f8, n = f8, i4 = f8, o = i4, o = 1 from num
select 1 = 1.0, 1 = '1', 1.5 < 2, 'a' < 'b', true = false, null = null, null is null, null = 1
select d = ts, d < tz, ts = tz, t = '12:00', iv > '1 day', tz = d, ts - d, d - iv, ts + iv, tz - tz, t - t, t + iv, iv * 2, iv / 2, 2 * iv, -iv, d + t, date '2020-01-01' + time '12:00' from misc
select u = '00000000-0000-0000-0000-000000000000', b = '\x00', b || b, length(b), nm = 'x', nm || 'x', v = ch, ch = 'a  ', ia = '{1}' from misc
select iv + 1 from misc
select d + d from misc
select ts + 1 from misc
select b || 'x' from misc
select b + 1 from misc
select n::int, n::text, f8::numeric, i4::bool, i4::text, i8::int2, f8::int, n2::numeric(5,1), n::float4 from num
select i4::date from num
select d::timestamp, ts::date, tz::date, d::text, iv::text, t::text, ts::time, iv::time, tz::timestamp(0) from misc
select d::int from misc
select active::int, active::text from emp
select u::text, b::text, j::jsonb, jb::text, ia::text, ia::int8[], ia::text[] from misc
select ia::date[] from misc
select name::char(3), code::varchar(2), code::text, name::name, note::char(5) from emp
select ('a' || name)::varchar(5), upper(code), length(code || 'x'), code || name, code || code from emp
select sum(i4 + i8), sum(i4 * n2), sum(n2 * n3), avg(i4 * 1.5), sum(case when i4 > 1 then n2 else 0 end), sum(distinct i4) from num
select round(n2, 2), round(n3), trunc(n2), ceil(n2), floor(n3), n2 ^ 2, sqrt(n2), mod(n2, 3), n2 % 3, greatest(n2, n3), coalesce(n2, 1), coalesce(n2, n3) from num
select max(d), min(ts), max(tz), min(t), max(iv), min(nm), max(v), min(ch) from misc
select max(ia) from misc
select max(u) from misc
select max(b) from misc
select max(j) from misc
select max(active) from emp
select count(*) as "count", count(*) as c from emp where active and hired > '2020-01-01' or note is null
select e.name, d.name as dept, e.salary * 12 as yearly from emp e left join dept d on e.dept_id = d.id where e.salary > 1000 order by yearly desc nulls last, 1 limit 10
select d.name, count(e.id), coalesce(sum(e.salary), 0) as total from dept d left join emp e on e.dept_id = d.id group by d.id order by total desc
select d.id, d.name, d.budget, count(*) from dept d join emp e on e.dept_id = d.id group by d.id having count(*) > 1
select extract(month from hired) as m, count(*) from emp group by 1 order by 1
select extract(month from hired) as m, count(*) from emp group by m order by m
select extract(month from hired), count(*) from emp group by extract(month from hired)
select date_trunc('month', hired) from emp group by date_trunc('month', hired)
select upper(name) as name, count(*) from emp group by name
select upper(name) as n, count(*) from emp group by n
select e.dept_id, name from emp e group by e.dept_id, e.name
select dept_id, salary / count(*) from emp group by dept_id
select count(*) from emp group by ()
select case when dept_id is null then 'none' else 'some' end as k, count(*) from emp group by case when dept_id is null then 'none' else 'some' end
select case when dept_id is null then 'none' else 'some' end as k, count(*) from emp group by k
select dept_id, max(salary) - min(salary) as spread, 1 + 1 from emp group by dept_id order by spread, dept_id
select e.* from emp e where e.salary = (select max(salary) from emp where dept_id = e.dept_id)
select name from emp where salary > all (select avg(salary) from emp group by dept_id)
select name from emp where dept_id = some (select id from dept where region = 'x')
select name, (select count(*) from emp s where s.boss = e.id) as subs from emp e order by subs desc
select name from emp e where not exists (select from emp s where s.boss = e.id)
select * from (select dept_id, count(*) c from emp group by dept_id) t join dept d on d.id = t.dept_id where c > 1
select * from emp a join emp b on a.boss = b.id join emp c on b.boss = c.id where a.id <> c.id
select a.id from emp a, emp b where a.id = b.boss and b.name = any (array['x','y'])
select t.* from (select 1 as a union all select 2) t where t.a > 1
with t(a, b) as (values (1, 'x'), (2, 'y')) select b, sum(a) from t group by b
with a as (select dept_id, sum(salary) s from emp group by dept_id), b as (select avg(s) m from a) select a.* from a, b where a.s > b.m
select name collate "C" from emp order by name collate "C"
select name collate "nosuch" from emp
select id collate "C" from emp
select * from emp where name = $1 or $1 is null
select $1::date + $2::interval, $1 - 1
select * from emp where (id, dept_id) = ($1, $2)
select $1::text like $2, $1 ~ 'x'
select coalesce($1::int, 0) + $2
select * from generate_series($1::int, $2) g
select substring(name, $1, $2) from emp
select position($1 in name) from emp
select count(*) from emp where hired >= $1 and hired < $1 + interval '1 month'
select name from emp where id = 1 union all select $1
select 'a' as x order by x
select 1 where 1
select 1 where 'x'
select 1 where 'true'
select 1 where null
select id from emp where salary
select id from emp where dept_id and true
select true and null, null or false, not null
select 'x' from emp group by dept_id
select distinct 'x' as a, null as b
select all id from emp
select id id, id "ID", id as "select" from emp
select "ID" from emp
select "id", "Name" from emp
select emp.ID, EMP.name from EMP
select public.emp.id from public.emp
select other.emp.id from emp
select * from other.emp
select a.b.c.d.e from emp
select * from emp as e(a, b, c)
select e.a, e.salary from emp as e(a)
select e.id from emp as e(a)
select 1 as "äöü", 'ß' || nosuch
select 'ünï', nosuch(1)
select 1e400
select 99999999999999999999, -99999999999999999999, 1.
select .5, 1.50, 0.0, 1e-5, 1.5e3
select 9223372036854775807 + 1, 9223372036854775808 + 1
select '5'::int + '6', '5' + 6, 6 + '5.5'
select '5' + 6.5, interval '1 day' * '2'
select 5 / 0
select 2147483647 + 1
select round(2.5::float8), round(2.567, '2')
select length('x'::bytea), octet_length('abc'), char_length('abc'), bit_length('a')
select substring('abc' from '[a-b]'), substring('abc' similar 'a' escape '#')
select 'abc' ~ 'a', 'abc' !~ 'a', 'abc' ~* 'A', 'abc' !~* 'a', name ~ '^a', name !~~ 'b', name ~~ 'b' from emp
select regexp_replace('a', 'b', 'c'), regexp_match('a', 'b')
select translate('a', 'b', 'c'), btrim('a'), ltrim('a'), rtrim('a', 'x'), starts_with('a', 'b'), quote_literal('a')
select pi(), degrees(1), sin(1), atan2(1, 2), cbrt(27), log(10), log(2, 8), random() < 1, div(7, 2), gcd(4, 6)
select width_bucket(1, 0, 10, 5)
select justify_days(iv), extract(hour from t), extract(second from ts), extract(dow from d), extract(epoch from iv), extract(timezone from tz) from misc
select extract(nosuch from ts) from misc
select extract(year from name) from emp
select make_interval(days => 1)
select current_setting('x'), version()
select (select 1) union (select 2) order by 1
select 1 order by 1 union select 2
(select 1 as a order by a) union all (select 2 order by 1) order by a
select 1 union all select 2 union select 3 except select 4
select 1, 'a' union all select null, null union all select 2.5, 'x'
select array[1,2] union select array[3]
select row(1) union select row(2)
select id from emp union select null
select null as a union all select id from emp
select name from emp union all select 1
select hired from emp union select '2020-01-01'
select hired from emp union select 'x'
select generate_series(1, 3)
select generate_series(1, 3) as g, id from emp order by g limit 5
select unnest(array['a', 'b']), 1
select unnest(tags) from emp
select count(*), generate_series(1, 2) from emp
select dept_id, generate_series(1, 2) from emp group by dept_id
select id from emp where generate_series(1, 2) = 1
select case when true then generate_series(1, 2) end
select sum(generate_series(1, 2))
select 1 limit generate_series(1, 2)
select 1 as one, count(*) from emp group by 1 order by 1
select 'x' as a, count(*) from emp group by a
select $1 as p, count(*) from emp group by dept_id
select max(name) || 'x', upper(min(note)) from emp
select exists (select 1 from emp where id = d.id) as e, d.id in (select dept_id from emp) from dept d
select sum(x) from (select id * 2 as x from emp) s where x > 1
select count(*) from (select distinct dept_id from emp) s
select e1.name, e2.name from emp e1, emp e2 where (e1.dept_id, e1.salary) = (e2.dept_id, e2.salary)
select coalesce(sum(salary), 0), coalesce(max(hired), '1970-01-01') from emp
select * from emp e join dept d on e.dept_id = d.id join num on num.i4 = e.id where num.n2 > d.budget
select id from emp where name = 'x' or (select true)
select id from emp group by id having (select count(*) from dept) > 1
select id from emp order by (select max(id) from dept), name
select a.id, b.id from emp a left join emp b on a.boss = b.id and b.id in (select id from dept)
