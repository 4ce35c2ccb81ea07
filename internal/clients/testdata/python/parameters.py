import datetime
import uuid
from decimal import Decimal

import pyarrow as pa

from harness import check, equal, facts, one, raises, rows

UTC = datetime.timezone.utc
INSTANT = datetime.datetime(2024, 2, 29, 1, 2, 3, 4)
SCALARS = [
    ("boolean", True, True, "true"),
    ("smallint", -3, -3, "-3"),
    ("int", 7, 7, "7"),
    ("bigint", 1 << 62, 1 << 62, str(1 << 62)),
    ("real", 1.5, 1.5, "1.5"),
    ("float8", -0.1, -0.1, "-0.1"),
    ("float8", float("inf"), float("inf"), "Infinity"),
    ("numeric(12,2)", Decimal("1.25"), Decimal("1.25"), "1.25"),
    ("numeric", Decimal("-1.250"), Decimal("-1.25"), "-1.250"),
    ("text", "Ünïcödé ' \\ 🙂", "Ünïcödé ' \\ 🙂", "Ünïcödé ' \\ 🙂"),
    ("text", "", "", ""),
    ("varchar(3)", "ab", "ab", "ab"),
    ("bytea", b"\x00\xff", b"\x00\xff", "\\x00ff"),
    ("date", datetime.date(2024, 2, 29), datetime.date(2024, 2, 29), "2024-02-29"),
    ("time", datetime.time(1, 2, 3, 4), datetime.time(1, 2, 3, 4), "01:02:03.000004"),
    ("timestamp", INSTANT, INSTANT, "2024-02-29 01:02:03.000004"),
    ("timestamptz", INSTANT.replace(tzinfo=UTC), INSTANT.replace(tzinfo=UTC), "2024-02-29 01:02:03.000004+00"),
    ("interval", datetime.timedelta(days=1, seconds=3), pa.MonthDayNano([0, 0, 86_403_000_000_000]), "24:00:03"),
    ("uuid", str(uuid.UUID(int=5)), str(uuid.UUID(int=5)), str(uuid.UUID(int=5))),
    ("uuid", uuid.UUID(int=6), str(uuid.UUID(int=6)), str(uuid.UUID(int=6))),
    ("jsonb", '{"b":1,"a":[2]}', '{"a": [2], "b": 1}', '{"a": [2], "b": 1}'),
    ("int[]", [1, 2, None], [1, 2, None], "{1,2,NULL}"),
    ("text[]", ["a", "b c"], ["a", "b c"], '{a,"b c"}'),
]


@check
def scalars_go_in_and_come_back(cur):
    for kind, value, back, text in SCALARS:
        got = one(cur, f"SELECT $1::{kind} AS v, $1::{kind}::text AS t", (value,))
        assert got == (back, text), f"{kind}: got {got!r}, want {(back, text)!r}"


@check
def nulls_of_every_type(cur):
    for kind in sorted({kind for kind, *_ in SCALARS}):
        got = one(cur, f"SELECT $1::{kind} AS v, $1::{kind} IS NULL AS n", (None,))
        assert got == (None, True), f"{kind}: {got!r}"


@check
def question_marks(cur):
    got = one(cur, "SELECT name FROM crm.public.customers WHERE id = ? AND since < ?", (3, datetime.datetime(2030, 1, 1)))
    equal(got, facts["names"]["3"])
    equal(rows(cur, "SELECT name FROM crm.public.customers WHERE id = ?", (None,)), [])


@check
def parameters_reach_every_source(cur):
    got = one(
        cur,
        "SELECT (SELECT count(*) FROM crm.public.orders WHERE customer_id = $1), "
        "(SELECT count(*) FROM pay.payments.payments WHERE customer_id = $1), "
        "(SELECT count(*) FROM lake.main.events WHERE customer_id = $1)",
        (7,),
    )
    want = one(
        cur,
        "SELECT (SELECT count(*) FROM crm.public.orders WHERE customer_id = 7), "
        "(SELECT count(*) FROM pay.payments.payments WHERE customer_id = 7), "
        "(SELECT count(*) FROM lake.main.events WHERE customer_id = 7)",
    )
    equal(got, want)
    assert min(got) > 0, got


@check
def a_batch_of_parameters_runs_once_for_each_row(cur):
    batch = pa.record_batch({"id": pa.array([3, 1, None, 2]), "tag": ["x", "y", "z", None]})
    got = rows(cur, "SELECT id, name, $2::text AS tag FROM crm.public.customers WHERE id = $1", batch)
    equal(got, [(3, facts["names"]["3"], "x"), (1, facts["names"]["1"], "y"), (2, facts["names"]["2"], None)])


@check
def executemany_of_a_query_runs_it(cur):
    cur.executemany("SELECT ?::int", [(1,), (2,)])
    with raises(Exception, "division by zero", "22012"):
        cur.executemany("SELECT 1 / ?::int", [(1,), (0,)])
        cur.fetchall()


@check
def prepared_statements_know_their_parameters(cur):
    schema = cur.adbc_prepare("SELECT name FROM crm.public.customers WHERE id = $1 AND credit > $2 AND segment = $3")
    equal([f.type for f in schema], [pa.int32(), pa.string(), pa.string()])
    for n in (1, 2, 3):
        equal(one(cur, "SELECT name FROM crm.public.customers WHERE id = $1", (n,)), facts["names"][str(n)])


@check
def a_wrong_number_of_parameters(cur):
    with raises(Exception, "parameter"):
        rows(cur, "SELECT $1::int + $2::int", (1,))
    with raises(Exception, "22P02"):
        rows(cur, "SELECT $1::int", ("seven",))
    equal(one(cur, "SELECT $1::int", (7,)), 7)
