select 1 as one, 'x'
select * from dept
select id, id from emp
select e.name, d.name from emp e join dept d on e.dept_id = d.id where e.salary > 100 and d.region = 'x'
select e.name, d.name from emp e left join dept d on e.dept_id = d.id and d.budget > 0
select id, emp.name from emp full join dept using (id)
select dept_id, count(*), sum(salary) from emp group by dept_id having count(*) > 1 order by 2 desc limit 5 offset 1
select dept_id + 1 as k, avg(salary) filter (where active) from emp group by dept_id + 1
select d.id, d.name, count(*) from dept d join emp e on e.dept_id = d.id group by d.id
select distinct dept_id from emp order by dept_id
select name from emp order by salary desc nulls last, id
select id from emp where dept_id in (select id from dept) and exists (select 1 from dept where dept.id = emp.boss)
select id from emp where dept_id not in (select id from dept)
select id from emp where not exists (select 1 from dept d where d.id = emp.dept_id)
select id from emp where salary > all (select budget from dept)
select id from emp where dept_id in (select id from dept) or salary is null
select name, (select d.name from dept d where d.id = e.dept_id) from emp e
select id from emp e where salary > (select avg(salary) from emp where dept_id = e.dept_id)
select dept_id, (select max(d.name) from dept d where d.id = emp.dept_id) from emp group by dept_id
select id from emp union select id from dept order by 1 limit 3
select id, 'a' from emp union all select null, 'b' union all select 1.5, name from dept
with c as (select dept_id, sum(salary) s from emp group by dept_id) select * from c where s > (select avg(s) from c)
with c as (select id from dept) select * from c
select * from emp e, lateral (select d.name as dn from dept d where d.id = e.dept_id limit 1) x
select g from generate_series(1, 10) g where g > 5
select count(*) over (partition by dept_id), sum(salary) over (order by id desc rows 2 preceding) from emp
select dept_id, region, count(*), grouping(dept_id, region) from emp, dept group by rollup (dept_id, region)
select case dept_id when 1 then 'a' else 'b' end, coalesce(salary, 0), nullif(name, ''), salary * 2 from emp where hired between '2020-01-01' and $1
select (id, name) < (1, 'x'), (id, name) = (1, 'y'), id in (1, 2, 3), name like 'a%' from emp
select * from heads
values (1, 'a'), (2, null)
