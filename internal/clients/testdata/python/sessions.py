import warnings

from adbc_driver_flightsql import dbapi

from harness import URI, check, connect, equal, facts, one, raises, rows


@check
def pythons_default_warns_and_works():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        with dbapi.connect(URI) as db, db.cursor() as cur:
            equal(one(cur, "SELECT 1"), 1)
            db.commit()
            db.rollback()
            equal(one(cur, "SELECT count(*) FROM crm.public.customers"), facts["customers"])
    assert any("autocommit" in str(w.message) for w in seen), seen


@check
def settings_last_for_the_connection(db):
    with db.cursor() as cur:
        cur.execute("SET timezone = 'Europe/Zurich'")
    with db.cursor() as cur:
        equal(one(cur, "SHOW timezone"), "Europe/Zurich")
        equal(one(cur, "SELECT '2024-07-01 00:00+00'::timestamptz::text"), "2024-07-01 02:00:00+02")
    with connect() as other, other.cursor() as cur:
        equal(one(cur, "SHOW timezone"), "UTC")


@check
def search_path(cur):
    cur.execute("SET search_path = 'crm.public', 'pay.payments'")
    equal(one(cur, "SELECT count(*) FROM customers"), facts["customers"])
    equal(one(cur, "SELECT count(*) FROM payments"), facts["payments"])


@check
def catalog_and_schema_of_the_connection(db):
    db.adbc_current_catalog, db.adbc_current_db_schema = "crm", "public"
    equal((db.adbc_current_catalog, db.adbc_current_db_schema), ("crm", "public"))
    with db.cursor() as cur:
        equal(one(cur, "SELECT count(*) FROM customers"), facts["customers"])


@check
def statement_timeout(cur):
    cur.execute("SET statement_timeout = '200ms'")
    with raises(Exception, "57014", "statement timeout"):
        rows(cur, "SELECT count(*) FROM generate_series(1, 100000000000) AS g")
    equal(one(cur, "SELECT 1"), 1)


@check
def a_setting_that_is_none(cur):
    with raises(dbapi.ProgrammingError, "42704", "SHOW ALL"):
        cur.execute("SET skein.colour = 'red'")
    with raises(dbapi.ProgrammingError, "22023"):
        cur.execute("SET skein.numeric = 'roman'")
