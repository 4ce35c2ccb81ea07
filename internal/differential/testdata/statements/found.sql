-- Found by random statements and elsewhere, made small.
-- An aggregate belongs to the query whose columns its ORDER BY and FILTER name.
SELECT DISTINCT (SELECT string_agg('a', ',' ORDER BY r2.name) FROM work r5) AS c2 FROM emp r2;
SELECT (SELECT max(date '2024-02-29') FILTER (WHERE 1 IS DISTINCT FROM r1.id) FROM empty r12) AS c2 FROM str r1;
-- The arguments of array functions find one element type.
SELECT array_remove('{}'::int[], count('')) FROM dept r3;
SELECT array_append(ARRAY[1, 2], 2.5), array_prepend(1::bigint, ARRAY[1]), array_position(ARRAY[1, 2], 2::bigint), ARRAY[1] || 2.5, array_cat(ARRAY[1], ARRAY[2.5]);
-- A query that a false filter shuts off is not run.
WITH r1 AS MATERIALIZED (SELECT (SELECT r3.ia FROM tim r5) AS c2 FROM arr r3) SELECT 1.5 AS c1 FROM r1 r6 WHERE NULL::bool;
