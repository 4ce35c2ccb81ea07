"""Runs peers on request: a line of JSON in, a line of JSON out. See peer.go."""
import json, os, resource, sys, time


def processor():
    u = resource.getrusage(resource.RUSAGE_SELF)
    return u.ru_utime + u.ru_stime


def timed(f):
    cpu, start = processor(), time.perf_counter()
    rows = f()
    return {"wall": time.perf_counter() - start, "cpu": processor() - cpu, "rows": rows}


class Peers:
    def __init__(self):
        self.clients = {}

    def open(self, r):
        """DuckDB with a view for each Parquet file of a folder."""
        import duckdb
        self.db = duckdb.connect()
        self.db.execute("SET threads = %d" % r["threads"])
        self.db.execute("SET enable_progress_bar = false")
        for name in sorted(os.listdir(r["folder"])):
            if name.endswith(".parquet"):
                self.db.execute("CREATE VIEW %s AS SELECT * FROM '%s'" % (name[:-8], os.path.join(r["folder"], name)))
        return {}

    def duckdb(self, r):
        return timed(lambda: self.db.sql(r["sql"]).to_arrow_table().num_rows)

    def joined(self, r):
        """The rows that the joins of DuckDB's plan put out, added up."""
        plan = json.loads(self.db.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + r["sql"]).fetchall()[0][1])

        def add(op):
            own = op["intermediate_rows"] if op["type"].endswith(("JOIN", "CROSS_PRODUCT")) else 0
            return own + sum(add(c) for c in op.get("children", []))

        return {"rows": sum(add(op) for op in plan["operator"])}

    def serve(self, r):
        """A Flight server that answers every statement with the batches of an Arrow file, from memory."""
        import pyarrow.flight as flight, pyarrow.ipc as ipc, threading
        with open(r["file"], "rb") as f:
            table = ipc.open_file(f).read_all()

        class Server(flight.FlightServerBase):
            def get_flight_info(self, context, descriptor):
                if b"CommandStatementQuery" not in descriptor.command:  # clients ask for SqlInfo when they connect
                    raise NotImplementedError("only statements")
                end = flight.FlightEndpoint(b"table", [])
                return flight.FlightInfo(table.schema, descriptor, [end], table.num_rows, -1)

            def do_get(self, context, ticket):
                return flight.RecordBatchStream(table)

        self.server = Server("grpc://127.0.0.1:0")
        threading.Thread(target=self.server.serve, daemon=True).start()
        return {"url": "grpc://127.0.0.1:%d" % self.server.port}

    def adbc(self, r):
        """Drains a statement with the ADBC client of Flight SQL."""
        import adbc_driver_flightsql, adbc_driver_manager as adbc, pyarrow
        if r["url"] not in self.clients:
            self.clients[r["url"]] = adbc.AdbcConnection(adbc_driver_flightsql.connect(r["url"]))

        def run():
            with adbc.AdbcStatement(self.clients[r["url"]]) as statement:
                statement.set_sql_query(r["sql"])
                stream, _ = statement.execute_query()
                return sum(b.num_rows for b in pyarrow.RecordBatchReader._import_from_c(stream.address))

        return timed(run)

    def close(self):
        for c in self.clients.values():
            c.close()


answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # libraries that print do not get between the answers
peers = Peers()
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = getattr(peers, request["do"])(request)
    except Exception as e:
        answer = {"error": "%s: %s" % (type(e).__name__, e)}
    print(json.dumps(answer), file=answers, flush=True)
try:
    peers.close()
finally:
    os._exit(0)  # a Flight server's threads would wait for their clients
