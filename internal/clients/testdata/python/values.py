import datetime
from decimal import Decimal
import math

import pyarrow as pa

from harness import check, equal, one, rows

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
UTC = datetime.timezone.utc


def column(cur, sql):
    cur.execute(sql)
    return cur.fetch_arrow_table().column(0).combine_chunks()


@check
def arrow_types(cur):
    cur.execute("SELECT * FROM crm.public.customers LIMIT 0")
    got = {f.name: f.type for f in cur.fetch_arrow_table().schema}
    equal(
        got,
        {
            "id": pa.int32(), "name": pa.string(), "email": pa.string(), "country": pa.string(), "segment": pa.string(),
            "credit": pa.decimal128(12, 2), "rating": pa.float64(), "tags": pa.list_(pa.string()),
            "since": pa.timestamp("us", "UTC"), "born": pa.date32(), "vip": pa.bool_(), "ref": pa.string(), "prefs": pa.string(),
        },
    )


@check
def nullability_and_type_names(cur):
    cur.execute("SELECT * FROM crm.public.customers LIMIT 0")
    schema = cur.fetch_arrow_table().schema
    equal([f.name for f in schema if f.nullable], ["email", "rating", "born"])
    meta = schema.field("segment").metadata
    equal(meta[b"ARROW:FLIGHT:SQL:TYPE_NAME"], b"public.segment")


@check
def integers(cur):
    got = rows(cur, "SELECT i2, i4, i8 FROM crm.public.extremes WHERE id IN (2, 3) ORDER BY id")
    equal(got, [(-(1 << 15), -(1 << 31), INT64_MIN), ((1 << 15) - 1, (1 << 31) - 1, INT64_MAX)])


@check
def floats(cur):
    got = [v for (v,) in rows(cur, "SELECT f8 FROM crm.public.extremes WHERE id BETWEEN 2 AND 6 ORDER BY id")]
    equal(got[:2], [-math.inf, math.inf])
    assert math.isnan(got[2]), got
    equal((got[3], math.copysign(1, got[3]), got[4]), (0.0, -1.0, 5e-324))


@check
def numerics(cur):
    equal(one(cur, "SELECT n38 FROM crm.public.extremes WHERE id = 3"), Decimal("9999999999999999999999999999.9999999999"))
    wide = column(cur, "SELECT 12345678901234567890123456789012345678901234.5::numeric(50,5)")
    equal((wide.type, wide[0].as_py()), (pa.decimal256(50, 5), Decimal("12345678901234567890123456789012345678901234.50000")))
    free = column(cur, "SELECT n FROM crm.public.extremes WHERE id = 7")
    equal((free.type, free[0].as_py()), (pa.decimal256(76, 38), Decimal("1.5")))


@check
def numeric_settings(cur):
    cur.execute("SET skein.numeric = 'text'")
    got = [v for (v,) in rows(cur, "SELECT n FROM crm.public.extremes ORDER BY id")]
    equal(got, [None, "-1" + "0" * 40, "1" + "0" * 40, "NaN", "0." + "0" * 37 + "1", "1.50", "1.5"])
    cur.execute("SET skein.numeric = 'double'")
    got = [v for (v,) in rows(cur, "SELECT n FROM crm.public.extremes WHERE id IN (2, 6) ORDER BY id")]
    equal(got, [-1e40, 1.5])
    cur.execute("SET skein.numeric = 'decimal(20,4)'")
    equal(column(cur, "SELECT n FROM crm.public.extremes WHERE id = 6").type, pa.decimal128(20, 4))


@check
def uuid_settings(cur):
    sql = "SELECT u FROM crm.public.extremes WHERE id = 4"
    equal(one(cur, sql), "12345678-1234-1234-1234-123456789abc")
    cur.execute("SET skein.uuid = 'arrow'")
    equal(column(cur, sql).type, pa.uuid())
    cur.execute("SET skein.uuid = 'binary'")
    equal((column(cur, sql).type, one(cur, sql).hex()), (pa.binary(16), "12345678123412341234123456789abc"))


@check
def json_settings(cur):
    sql = "SELECT j FROM crm.public.extremes WHERE id = 3"
    text = '{"a": {"x": "ü"}, "b": [1, 2.50, null]}'
    equal(one(cur, sql), text)
    cur.execute("SET skein.json = 'arrow'")
    cur.execute(sql)
    equal(cur.fetch_arrow_table().column(0).to_pylist(), [text])


@check
def text_is_bytes_for_bytes(cur):
    got = rows(cur, "SELECT t, v, c, b FROM crm.public.extremes WHERE id IN (4, 5, 7) ORDER BY id")
    equal(
        got,
        [
            ("trailing  ", "trail  ", "ab    ", b"\x00"),
            ("Ünïcödé 漢字 🙂", "Ärger", "ß     ", b"abc"),
            ("quote ' back\\slash %_\n", "a%", "a_    ", b"\\"),
        ],
    )


@check
def dates_and_times(cur):
    got = one(cur, "SELECT d, ts, tz, tm FROM crm.public.extremes WHERE id = 7")
    moment = datetime.datetime(2024, 2, 29, 12, 34, 56, 789000)
    equal(got, (moment.date(), moment, moment.replace(tzinfo=UTC), moment.time()))
    got = one(cur, "SELECT d, ts FROM crm.public.extremes WHERE id = 2")
    equal(got, (datetime.date(1, 1, 1), datetime.datetime(1, 1, 1)))


@check
def infinite_times_are_the_ends_of_their_types(cur):
    times = column(cur, "SELECT tz FROM crm.public.extremes WHERE id IN (5, 6) ORDER BY id")
    equal((times.null_count, times.cast(pa.int64()).to_pylist()), (0, [INT64_MAX, INT64_MIN]))
    days = column(cur, "SELECT d FROM crm.public.extremes WHERE id IN (5, 6) ORDER BY id")
    equal((days.null_count, days.cast(pa.int32()).to_pylist()), (0, [(1 << 31) - 1, -(1 << 31)]))
    equal(one(cur, "SELECT d::text, tz::text FROM crm.public.extremes WHERE id = 6"), ("-infinity", "-infinity"))


@check
def midnight_at_the_end_of_the_day(cur):
    got = column(cur, "SELECT tm FROM crm.public.extremes WHERE id = 3")
    equal((got.type, got.cast(pa.int64()).to_pylist()), (pa.time64("us"), [86_400_000_000]))


@check
def intervals(cur):
    got = [v for (v,) in rows(cur, "SELECT iv FROM crm.public.extremes ORDER BY id")]
    nano = pa.MonthDayNano
    equal(
        got,
        [
            None, nano([-12, 0, 0]), nano([1, 1, 3_600_000_001_000]), nano([0, 30, 0]), nano([1, 0, 0]), nano([0, 0, -1000]),
            nano([0, 1, -3_600_000_000_000]),
        ],
    )


@check
def arrays(cur):
    got = [v for (v,) in rows(cur, "SELECT a FROM crm.public.extremes ORDER BY id")]
    equal(got, [None, [], [1, None, 3], [0], None, [None], [1, 1]])


@check
def rows_ranges_and_the_rest(cur):
    got = one(
        cur,
        "SELECT ROW(1, 'a'::text, NULL::date), '[1,5)'::int4range, '10.0.0.1/8'::inet, B'101', '12:00+02'::timetz, "
        "12.34::money, 1::oid",
    )
    equal(got, ({"f1": 1, "f2": "a", "f3": None}, "[1,5)", "10.0.0.1/8", "101", "12:00:00+02", Decimal("12.34"), 1))


@check
def null_tests_of_rows(cur):
    sql = "SELECT r IS NULL, r IS NOT NULL, r IS DISTINCT FROM NULL, r IS NOT DISTINCT FROM NULL FROM (SELECT ROW(1, NULL) AS r) AS x"
    equal(one(cur, sql), (False, False, True, False))
    whole, fields = one(
        cur,
        "SELECT count(*) FILTER (WHERE method IS DISTINCT FROM NULL), count(*) FILTER (WHERE method IS NOT NULL) "
        "FROM pay.payments.payments",
    )
    assert whole > fields > 0, (whole, fields)


@check
def documents(cur):
    cur.execute("SELECT method, attempts FROM pay.payments.payments LIMIT 0")
    schema = cur.fetch_arrow_table().schema
    equal(schema.field("method").type, pa.struct([("type", pa.string()), ("brand", pa.string())]))
    moments = pa.list_(pa.struct([("at", pa.timestamp("us", "UTC")), ("ok", pa.bool_())]))
    equal(schema.field("attempts").type, moments)
    got = one(cur, "SELECT i, f, t, at FROM pay.payments.extremes WHERE _id = 3")
    equal(got, (INT64_MAX, math.inf, "", datetime.datetime(1970, 1, 1, tzinfo=UTC)))
    equal(one(cur, "SELECT i, f, t FROM pay.payments.extremes WHERE _id = 1"), (None, None, None))


@check
def files(cur):
    got = one(cur, "SELECT i, f, t, b, n, d, l FROM lake.main.extremes WHERE id = 3")
    want = (INT64_MAX, math.inf, "Ünïcödé 漢字 🙂", b"\xff\x00", Decimal("9999999999999999.99"), datetime.date(9999, 12, 31), [1, 2])
    equal(got, want)
