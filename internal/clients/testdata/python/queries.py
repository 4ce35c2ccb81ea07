import threading
from decimal import Decimal

import pyarrow as pa

from harness import check, connect, equal, facts, one, raises, rows


def text(value):
    """A value as PostgreSQL prints it, without the zeros behind a decimal point."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if hasattr(value, "tzinfo"):
        out = value.strftime("%Y-%m-%d %H:%M:%S")
        if value.microsecond:
            out += f".{value.microsecond:06d}".rstrip("0")
        return out + "+00"
    return str(value)


def plain(cell):
    try:
        return format(Decimal(cell).normalize(), "f")
    except ArithmeticError:
        return cell


@check
def composed_queries(cur):
    for q in facts["queries"]:
        got = [[text(v) for v in row] for row in rows(cur, q["sql"])]
        equal([[plain(c) for c in row] for row in got], [[plain(c) for c in row] for row in q["answer"]])


@check
def every_source(cur):
    for table, want in [
        ("crm.public.customers", facts["customers"]),
        ("crm.public.orders", facts["orders"]),
        ("pay.payments.payments", facts["payments"]),
        ("lake.main.events", facts["events"]),
    ]:
        equal(one(cur, f"SELECT count(*) FROM {table}"), want)
    equal(one(cur, "SELECT sum(id) FROM crm.public.orders"), facts["order_ids"])


@check
def a_view_over_two_sources(cur):
    direct = one(cur, "SELECT count(*), sum(amount) FROM pay.payments.payments WHERE status = 'settled'")
    equal(one(cur, "SELECT count(*), sum(amount) FROM shop.paid"), direct)


@check
def large_result_streams(cur):
    cur.execute("SELECT g AS n, g * 2 AS twice, repeat('x', (g % 50)::int) AS t FROM generate_series(1::bigint, 1000000) AS g")
    reader = cur.fetch_record_batch()
    assert isinstance(reader, pa.RecordBatchReader)
    count = total = length = batches = 0
    for batch in reader:
        batches += 1
        count += batch.num_rows
        total += pa.compute.sum(batch["n"]).as_py() or 0
        length += pa.compute.sum(pa.compute.utf8_length(batch["t"])).as_py() or 0
    equal((count, total, length), (1_000_000, 500_000_500_000, 20_000 * sum(range(50))))
    assert batches > 10, batches


@check
def first_rows_come_before_the_last_are_made(cur):
    cur.execute("SELECT g FROM generate_series(1, 1000000000) AS g")
    equal(cur.fetchone(), (1,))
    equal([g for (g,) in cur.fetchmany(3)], [2, 3, 4])


@check
def cancel_mid_stream(db):
    with db.cursor() as cur:
        cur.execute("SELECT g FROM generate_series(1, 1000000000) AS g")
        cur.fetchone()
        timer = threading.Timer(0.2, cur.adbc_cancel)
        timer.start()
        with raises(Exception, "ancel"):
            while cur.fetchmany(100_000):
                pass
        timer.join()
    with db.cursor() as cur:
        equal(one(cur, "SELECT 1"), 1)


@check
def a_cursor_again_and_again(cur):
    for n in range(20):
        equal(one(cur, f"SELECT {n} AS n"), n)
    cur.execute("SELECT g FROM generate_series(1, 100000) AS g")
    cur.fetchone()  # the rest stays unread
    equal(one(cur, "SELECT 'next'"), "next")


@check
def two_cursors_at_once(db):
    with db.cursor() as a, db.cursor() as b:
        a.execute("SELECT id FROM crm.public.orders ORDER BY id")
        b.execute("SELECT order_id FROM pay.payments.payments ORDER BY order_id DESC")
        first, last = a.fetchone(), b.fetchone()
        assert first < last, (first, last)
        equal(len(a.fetchall()) + 1, facts["orders"])
        equal(len(b.fetchall()) + 1, facts["payments"])


@check
def many_connections():
    failures = []

    def ask(n):
        try:
            with connect() as db, db.cursor() as cur:
                equal(one(cur, "SELECT name FROM crm.public.customers WHERE id = ?", (n,)), facts["names"][str(n)])
        except Exception as e:  # noqa: BLE001
            failures.append(e)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(1, 11)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(failures, [])


@check
def partitions_are_read_by_another_connection(cur):
    parts, schema = cur.adbc_execute_partitions("SELECT id, total FROM crm.public.orders")
    equal(schema.names, ["id", "total"])
    count = total = 0
    with connect() as other, other.cursor() as reader:
        for part in parts:
            reader.adbc_read_partition(part)
            table = reader.fetch_arrow_table()
            count += table.num_rows
            total += pa.compute.sum(table["id"]).as_py()
    equal((count, total), (facts["orders"], facts["order_ids"]))


@check
def empty_results_have_a_schema(cur):
    cur.execute("SELECT id, name FROM crm.public.customers WHERE false")
    table = cur.fetch_arrow_table()
    equal((table.num_rows, table.schema.names), (0, ["id", "name"]))
    equal(table.schema.field("id").type, pa.int32())
