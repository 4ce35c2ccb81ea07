from adbc_driver_flightsql import dbapi
import pyarrow as pa

from harness import check, equal, one, raises, rows

WRONG = [
    ("SELECT 1 +", dbapi.ProgrammingError, ["syntax error", "42601", "character 11"]),
    ("SELECT * FROM nowhere", dbapi.ProgrammingError, ["42P01", "character 15", "HINT"]),
    ("SELECT * FROM crm.public.customer", dbapi.ProgrammingError, ["42P01", "customers"]),
    ("SELECT naame FROM crm.public.customers", dbapi.ProgrammingError, ["42703", "character 8", 'HINT: Perhaps you meant', "name"]),
    ("SELECT nofunction(1)", dbapi.ProgrammingError, ["42883", "character 8"]),
    ("SELECT 1 + 'a'::text", dbapi.ProgrammingError, ["42883"]),
    ("SELECT 'x'::int", dbapi.ProgrammingError, ["22P02", 'invalid input syntax for type integer: "x"']),
    ("SELECT 1 / 0", dbapi.ProgrammingError, ["22012", "division by zero"]),
    ("SELECT total / (id - id) FROM crm.public.orders", dbapi.ProgrammingError, ["22012"]),
    ("SELECT 2147483647 + 1", dbapi.ProgrammingError, ["22003", "integer out of range"]),
    ("SELECT i8 + 1 FROM crm.public.extremes WHERE id = 3", dbapi.ProgrammingError, ["22003", "bigint out of range"]),
    ("SELECT n FROM crm.public.extremes", dbapi.ProgrammingError, ["22003", "skein.numeric = 'text'"]),
    ("SELECT (SELECT id FROM crm.public.customers)", dbapi.ProgrammingError, ["21000"]),
    ("INSERT INTO crm.public.customers VALUES (1)", dbapi.Error, ["25006"]),
    ("DELETE FROM crm.public.customers", dbapi.Error, ["25006"]),
    ("CREATE SERVER x FOREIGN DATA WRAPPER postgres", dbapi.Error, ["42501"]),
    ("SELECT 1; SELECT 2", dbapi.Error, ["42601"]),
    ("SELECT " + "1+" * 60000 + "1", dbapi.Error, ["54001"]),
    ("", dbapi.Error, []),
]


@check
def each_mistake_is_explained_and_the_next_query_served(cur):
    for sql, kind, texts in WRONG:
        try:
            with raises(kind, *texts):
                rows(cur, sql)
        except AssertionError as e:
            raise AssertionError(f"{sql[:80]}: {e}") from e
        equal(one(cur, "SELECT 1"), 1)


@check
def details_carry_the_sqlstate(cur):
    with raises(dbapi.ProgrammingError, "division") as expected:
        rows(cur, "SELECT 1 / 0")
    details = dict(expected.error.details)
    equal(details[b"x-skein-sqlstate"], b"22012")


@check
def an_error_in_mid_stream(cur):
    cur.execute("SELECT 1 / (500000 - g) FROM generate_series(1, 1000000) AS g")
    with raises(dbapi.ProgrammingError, "22012"):
        cur.fetchall()
    equal(one(cur, "SELECT 1"), 1)


@check
def ingest_is_refused(cur):
    with raises(dbapi.NotSupportedError, "0A000"):
        cur.adbc_ingest("t", pa.table({"a": [1]}))
