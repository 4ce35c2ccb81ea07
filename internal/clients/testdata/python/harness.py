"""What the checks share: the facts of the data, connections, and a register of checks."""

import json
import sys
import traceback

from adbc_driver_flightsql import dbapi

facts = json.load(open(sys.argv[1], encoding="utf-8"))
URI = "grpc://" + facts["plain"]
_checks = []


def check(f):
    """Registers a check; a parameter cur or db is given a fresh one."""
    _checks.append(f)
    return f


def connect(**kw):
    kw.setdefault("autocommit", True)
    return dbapi.connect(URI, **kw)


def rows(cur, sql, parameters=None):
    cur.execute(sql, parameters)
    return cur.fetchall()


def one(cur, sql, parameters=None):
    [row] = rows(cur, sql, parameters)
    return row if len(row) > 1 else row[0]


def equal(got, want):
    assert got == want, f"got {got!r}\nwant {want!r}"


def raises(kind, *texts):
    """Expects an error of a DB-API class whose text has each of texts."""

    class Expect:
        def __enter__(self):
            return self

        def __exit__(self, got, error, trace):
            assert got is not None, f"no error instead of {kind.__name__}"
            assert issubclass(got, kind), f"{got.__name__} instead of {kind.__name__}: {error}"
            for text in texts:
                assert text in str(error), f"{text!r} is not in {error}"
            self.error = error
            return True

    return Expect()


def run():
    for f in _checks:
        names = f.__code__.co_varnames[: f.__code__.co_argcount]
        try:
            if not names:
                f()
            else:
                with connect() as db, db.cursor() as cur:
                    f(*({"db": db, "cur": cur}[n] for n in names))
            print("ok", f.__name__)
        except BaseException:  # polars panics with one
            print("not ok", f.__name__)
            for line in traceback.format_exc().splitlines():
                print("  " + line)
    print("done")
