import datetime
from decimal import Decimal

import pandas
import polars

from harness import check, equal, facts

CUSTOMERS = "SELECT id, name, credit, rating, since, born, vip, ref, prefs, tags, segment FROM crm.public.customers ORDER BY id"


@check
def pandas_reads_a_table(db):
    frame = pandas.read_sql(CUSTOMERS, db)
    equal((len(frame), frame["name"][2]), (facts["customers"], facts["names"]["3"]))
    equal(str(frame["since"].dtype), "datetime64[us, UTC]")
    assert isinstance(frame["credit"][0], Decimal), frame["credit"][0]
    assert all(len(u) == 36 for u in frame["ref"]), "uuid is text"
    assert frame["prefs"].str.startswith('{"limit": ').all(), "json is text"
    equal(list(frame["tags"].map(type).unique()), [__import__("numpy").ndarray])


@check
def pandas_joins_three_sources(db):
    for q in facts["queries"]:
        frame = pandas.read_sql(q["sql"], db)
        equal((len(frame), frame.shape[1]), (len(q["answer"]), len(q["answer"][0])))
    equal(list(frame["detail"]), [row[1] for row in q["answer"]])


@check
def pandas_sees_intervals_and_wide_decimals(db):
    frame = pandas.read_sql("SELECT iv, n38 FROM crm.public.extremes WHERE id IN (2, 3) ORDER BY id", db)
    equal([v.kwds for v in frame["iv"]], [
        {"months": -12, "days": 0, "nanoseconds": 0}, {"months": 1, "days": 1, "nanoseconds": 3_600_000_001_000},
    ])
    equal(frame["n38"][1], Decimal("9999999999999999999999999999.9999999999"))
    frame = pandas.read_sql("SELECT 12345678901234567890123456789012345678901234.5::numeric(50,5) AS w", db)
    equal(frame["w"][0], Decimal("12345678901234567890123456789012345678901234.5"))


@check
def pandas_and_infinite_times(db):
    frame = pandas.read_sql("SELECT ts, ts::text AS t FROM crm.public.extremes WHERE id IN (5, 6) ORDER BY id", db)
    equal(list(frame["t"]), ["infinity", "-infinity"])
    # pandas has no infinities: one end of the range is a far year, and the other is what it marks missing values with.
    equal((frame["ts"].astype("int64")[0], frame["ts"].isna().tolist()), ((1 << 63) - 1, [False, True]))


@check
def pandas_reads_structs_and_lists(db):
    frame = pandas.read_sql("SELECT method, attempts FROM pay.payments.payments WHERE method IS NOT NULL AND attempts IS NOT NULL LIMIT 5", db)
    assert set(frame["method"][0]) == {"type", "brand"}, frame["method"][0]
    assert isinstance(frame["attempts"][0][0]["at"], datetime.datetime), frame["attempts"][0]


@check
def polars_reads_a_table(db):
    frame = polars.read_database(CUSTOMERS, db)
    equal((frame.height, frame["name"][2]), (facts["customers"], facts["names"]["3"]))
    equal(
        [str(frame.schema[c]) for c in ("id", "credit", "since", "born", "ref", "tags")],
        ["Int32", "Decimal(precision=12, scale=2)", "Datetime(time_unit='us', time_zone='UTC')", "Date", "String", "List(String)"],
    )
    by_country = polars.read_database("SELECT country, count(*) AS n FROM crm.public.customers GROUP BY country", db)
    equal(by_country["n"].sum(), facts["customers"])


@check
def polars_reads_documents(db):
    frame = polars.read_database("SELECT method, amount::numeric(12,2) AS amount FROM pay.payments.payments WHERE method IS DISTINCT FROM NULL", db)
    equal(sorted(frame["method"].struct.field("type").unique()), ["card", "transfer"])
    assert frame["amount"].sum() > 0


@check
def polars_reads_intervals_as_text(db):
    frame = polars.read_database("SELECT iv::text AS iv FROM crm.public.extremes WHERE id = 3", db)
    equal(frame["iv"][0], "1 mon 1 day 01:00:00.000001")
