import pyarrow as pa

from harness import check, equal, one, raises


def objects(db, **kw):
    tree = {}
    for c in db.adbc_get_objects(**kw).read_all().to_pylist():
        tree[c["catalog_name"]] = {s["db_schema_name"]: s["db_schema_tables"] for s in c["catalog_db_schemas"] or []}
    return tree


@check
def catalogs(db):
    equal(objects(db, depth="catalogs"), {"crm": {}, "lake": {}, "memory": {}, "pay": {}, "skein": {}})
    equal(list(objects(db, depth="catalogs", catalog_filter="cr%")), ["crm"])


@check
def schemas(db):
    tree = objects(db, depth="db_schemas")
    equal({c: sorted(s) for c, s in tree.items()}, {
        "crm": ["public"], "lake": ["main"], "memory": [], "pay": ["payments"], "skein": ["public", "shop", "skein_catalog"],
    })
    equal(objects(db, depth="db_schemas", db_schema_filter="mai_")["lake"], {"main": None})


@check
def tables(db):
    tree = objects(db, depth="tables")
    kinds = {t["table_name"]: t["table_type"] for t in tree["crm"]["public"]}
    equal(kinds, {"customers": "TABLE", "extremes": "TABLE", "orders": "TABLE"})
    equal([t["table_name"] for t in tree["lake"]["main"]], ["events", "extremes"])
    equal([t["table_name"] for t in tree["pay"]["payments"]], ["extremes", "payments"])
    equal([(t["table_name"], t["table_type"]) for t in tree["skein"]["shop"]], [("paid", "VIEW")])
    only = objects(db, depth="tables", catalog_filter="crm", table_name_filter="ord%")
    equal([t["table_name"] for t in only["crm"]["public"]], ["orders"])
    views = objects(db, depth="tables", table_types_filter=["VIEW"])
    assert "customers" not in str(views), views
    equal([t["table_name"] for t in views["skein"]["shop"]], ["paid"])


@check
def columns_and_keys(db):
    tree = objects(db, depth="all", catalog_filter="crm", table_name_filter="orders")
    [orders] = tree["crm"]["public"]
    equal(
        [(c["column_name"], c["ordinal_position"], c["xdbc_type_name"]) for c in orders["table_columns"]],
        [
            ("id", 1, "bigint"), ("customer_id", 2, "integer"), ("status", 3, "public.order_status"), ("total", 4, "numeric"),
            ("placed_at", 5, "timestamp with time zone"), ("note", 6, "text"),
        ],
    )
    tree = objects(db, depth="all", catalog_filter="pay", table_name_filter="payments", column_name_filter="amo%")
    equal([c["column_name"] for c in tree["pay"]["payments"][0]["table_columns"]], ["amount"])


@check
def table_schema(db):
    schema = db.adbc_get_table_schema("orders", catalog_filter="crm", db_schema_filter="public")
    equal(schema.names, ["id", "customer_id", "status", "total", "placed_at", "note"])
    equal((schema.field("total").type, schema.field("note").nullable), (pa.decimal128(12, 2), True))
    with raises(Exception, "NOT_FOUND"):
        db.adbc_get_table_schema("no_such_table", catalog_filter="crm", db_schema_filter="public")


@check
def table_types(db):
    kinds = db.adbc_get_table_types()
    assert {"TABLE", "VIEW"} <= set(kinds), kinds


@check
def server_information(db):
    info = db.adbc_get_info()
    equal(info["vendor_name"], "Skein")
    assert info["vendor_version"] and info["vendor_arrow_version"], info


@check
def schema_without_running(cur):
    schema = cur.adbc_execute_schema("SELECT id, credit, 1 / 0 AS never FROM crm.public.customers")
    equal([(f.name, f.type) for f in schema], [("id", pa.int32()), ("credit", pa.decimal128(12, 2)), ("never", pa.int32())])


@check
def what_runs(cur):
    equal(one(cur, "SELECT count(*) FROM skein_catalog.queries WHERE statement LIKE '%skein_catalog.queries%'"), 1)
