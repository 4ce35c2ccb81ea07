package e2e

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

// tpchRequirement generates TPC-H's tables as the specification has them.
const tpchRequirement = "tpchgen-cli==4.0.0"

const tpchScale = "0.01"

const tpchDDL = `
CREATE TABLE region (r_regionkey int PRIMARY KEY, r_name char(25) NOT NULL, r_comment varchar(152));
CREATE TABLE nation (n_nationkey int PRIMARY KEY, n_name char(25) NOT NULL, n_regionkey int NOT NULL, n_comment varchar(152));
CREATE TABLE supplier (s_suppkey int PRIMARY KEY, s_name char(25) NOT NULL, s_address varchar(40) NOT NULL,
  s_nationkey int NOT NULL, s_phone char(15) NOT NULL, s_acctbal numeric(15,2) NOT NULL, s_comment varchar(101) NOT NULL);
CREATE TABLE part (p_partkey int PRIMARY KEY, p_name varchar(55) NOT NULL, p_mfgr char(25) NOT NULL, p_brand char(10) NOT NULL,
  p_type varchar(25) NOT NULL, p_size int NOT NULL, p_container char(10) NOT NULL, p_retailprice numeric(15,2) NOT NULL,
  p_comment varchar(23) NOT NULL);
CREATE TABLE partsupp (ps_partkey int NOT NULL, ps_suppkey int NOT NULL, ps_availqty int NOT NULL,
  ps_supplycost numeric(15,2) NOT NULL, ps_comment varchar(199) NOT NULL, PRIMARY KEY (ps_partkey, ps_suppkey));
CREATE TABLE customer (c_custkey int PRIMARY KEY, c_name varchar(25) NOT NULL, c_address varchar(40) NOT NULL,
  c_nationkey int NOT NULL, c_phone char(15) NOT NULL, c_acctbal numeric(15,2) NOT NULL, c_mktsegment char(10) NOT NULL,
  c_comment varchar(117) NOT NULL);
CREATE TABLE orders (o_orderkey bigint PRIMARY KEY, o_custkey int NOT NULL, o_orderstatus char(1) NOT NULL,
  o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL, o_clerk char(15) NOT NULL,
  o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL);
CREATE TABLE lineitem (l_orderkey bigint NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL, l_linenumber int NOT NULL,
  l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL, l_discount numeric(15,2) NOT NULL,
  l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL, l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL,
  l_commitdate date NOT NULL, l_receiptdate date NOT NULL, l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL,
  l_comment varchar(44) NOT NULL, PRIMARY KEY (l_orderkey, l_linenumber));
`

var (
	tpchTables  = []string{"region", "nation", "supplier", "part", "partsupp", "customer", "orders", "lineitem"}
	tpchParquet = []string{"supplier", "part", "partsupp", "lineitem"}
	tpchPG      = []string{"customer", "nation", "region"}
)

// TestTPCHOverThreeSources runs TPC-H's 22 queries over its tables split over PostgreSQL, MongoDB and Parquet, and
// compares with PostgreSQL over all of them.
func TestTPCHOverThreeSources(t *testing.T) {
	db, oracle := openTPCH(t)
	configs := matrix("8192")
	if !testing.Short() {
		configs = append(configs, map[string]string{"skein.pushdown": "off", "skein.batch_rows": "257", "skein.workers": "4"})
	}
	for n := 1; n <= 22; n++ {
		t.Run(fmt.Sprintf("q%02d", n), func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "tpch", fmt.Sprintf("q%02d.sql", n)))
			require.NoError(t, err)
			want, err := postgres(t.Context(), oracle, string(text))
			require.NoError(t, err)
			require.NotEmpty(t, want.names)
			for _, c := range configs {
				got, err := ask(t.Context(), db, string(text), with(c)...)
				require.NoError(t, err, "%v", c)
				require.Empty(t, tpchDifference(got, want, string(text)), "%v", c)
			}
		})
	}
}

// tpchDifference compares by value, in the order of the ORDER BY keys: rows with equal keys stand in any order, which
// is that of all columns when both are sorted within them. The queries' keys leave few ties, and LIMIT cuts none here.
func tpchDifference(got, want *answer, sql string) string {
	if len(got.rows) != len(want.rows) {
		return fmt.Sprintf("%d rows instead of %d", len(got.rows), len(want.rows))
	}
	if !slices.Equal(got.names, want.names) {
		return fmt.Sprintf("columns %q instead of %q", got.names, want.names)
	}
	a, b := slices.Clone(got.rows), slices.Clone(want.rows)
	keys := orderKeys(sql, want.names)
	for i := range a {
		for _, k := range keys {
			if !sameValue(a[i][k], b[i][k], want.types[k]) {
				return fmt.Sprintf("row %d, sorted by %s: %q instead of %q", i+1, want.names[k], a[i], b[i])
			}
		}
	}
	sortRows(a)
	sortRows(b)
	for i := range a {
		for c := range a[i] {
			if !sameValue(a[i][c], b[i][c], want.types[c]) {
				return fmt.Sprintf("row %d, column %s: %q instead of %q", i+1, want.names[c], a[i], b[i])
			}
		}
	}
	return ""
}

// orderKeys are the ordinals of the result's columns that the statement's last ORDER BY names.
func orderKeys(sql string, names []string) []int {
	at := strings.LastIndex(sql, "order by")
	if at < 0 {
		return nil
	}
	var out []int
	for _, key := range strings.Split(sql[at+len("order by"):], ",") {
		if f := strings.Fields(key); len(f) > 0 {
			if i := slices.Index(names, f[0]); i >= 0 {
				out = append(out, i)
			}
		}
	}
	return out
}

func sortRows(rows [][]string) {
	slices.SortFunc(rows, func(a, b []string) int {
		for i := range a {
			if x, y := normal(a[i]), normal(b[i]); x != y {
				return strings.Compare(x, y)
			}
		}
		return 0
	})
}

// normal is a value's text without what char(n) or a numeric's scale add.
func normal(s string) string {
	s = strings.TrimRight(s, " ")
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(whole, "-0123456789") == "" && strings.Trim(frac, "0123456789") == "" {
		return strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// sameValue compares by value: numerics exactly, save that avg and / give at least 16 digits in either, floats to 1e-9.
func sameValue(got, want, typ string) bool {
	if normal(got) == normal(want) {
		return true
	}
	if typ != "float8" && typ != "float4" {
		return false
	}
	x, err1 := strconv.ParseFloat(got, 64)
	y, err2 := strconv.ParseFloat(want, 64)
	return err1 == nil && err2 == nil && math.Abs(x-y) <= 1e-9*math.Max(1, math.Abs(y))
}

// openTPCH generates the tables and gives a DB over three sources and a connection to PostgreSQL with all.
func openTPCH(t *testing.T) (*skein.DB, *pgx.Conn) {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	generate := filepath.Join(filepath.Dir(fixture.NeedPython(t, tpchRequirement)), "tpchgen-cli")
	runTool(t, generate, "csv", "-s", tpchScale, "-o", dir)
	lake := filepath.Join(dir, "lake")
	runTool(t, generate, "parquet", "-s", tpchScale, "--tables", strings.Join(tpchParquet, ","), "-o", lake)

	oracleURL, url := fixture.PostgresURL(t), fixture.PostgresURL(t)
	oracle := connect(t, oracleURL)
	loadTPCH(t, oracle, dir, tpchTables)
	loadTPCH(t, connect(t, url), dir, tpchPG)
	uri, database := fixture.MongoDatabase(t)
	loadOrders(t, oracle, uri, database)

	db, err := skein.Open(ctx,
		skein.Source("tp", url), skein.Source("tm", uri), skein.Source("tl", "parquet://"+lake),
		skein.CatalogSQL(fmt.Sprintf(`CREATE FOREIGN TABLE tm.%[1]s.orders (
			o_orderkey bigint NOT NULL, o_custkey int NOT NULL, o_orderstatus text NOT NULL, o_totalprice numeric(15,2) NOT NULL,
			o_orderdate date NOT NULL, o_orderpriority text NOT NULL, o_clerk text NOT NULL, o_shippriority int NOT NULL,
			o_comment text NOT NULL) SERVER tm`, database)),
		skein.Setting("search_path", "tp.public, tl.main, tm."+database))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db, oracle
}

func runTool(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// loadTPCH copies tables from CSV files; those that are not named are dropped.
func loadTPCH(t *testing.T, conn *pgx.Conn, dir string, tables []string) {
	t.Helper()
	ctx := t.Context()
	_, err := conn.Exec(ctx, tpchDDL)
	require.NoError(t, err)
	for _, table := range tpchTables {
		if !slices.Contains(tables, table) {
			_, err := conn.Exec(ctx, "DROP TABLE "+table)
			require.NoError(t, err)
			continue
		}
		f, err := os.Open(filepath.Join(dir, table+".csv"))
		require.NoError(t, err)
		_, err = conn.PgConn().CopyFrom(ctx, f, "COPY "+table+" FROM STDIN WITH (FORMAT csv, HEADER)")
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	_, err = conn.Exec(ctx, "ANALYZE")
	require.NoError(t, err)
}

// loadOrders puts the orders into MongoDB: prices as Decimal128, dates as dates at midnight.
func loadOrders(t *testing.T, from *pgx.Conn, uri, database string) {
	t.Helper()
	ctx := t.Context()
	client, err := mongo.Connect(options.Client().ApplyURI(uri))
	require.NoError(t, err)
	defer func() { _ = client.Disconnect(context.Background()) }()
	rows, err := from.Query(ctx, `SELECT o_orderkey, o_custkey, o_orderstatus, o_totalprice::text, o_orderdate, o_orderpriority,
		o_clerk, o_shippriority, o_comment FROM orders`)
	require.NoError(t, err)
	docs, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (any, error) {
		var key int64
		var cust, ship int32
		var status, total, priority, clerk, comment string
		var date time.Time
		if err := r.Scan(&key, &cust, &status, &total, &date, &priority, &clerk, &ship, &comment); err != nil {
			return nil, err
		}
		price, err := bson.ParseDecimal128(total)
		return bson.D{
			{Key: "_id", Value: key},
			{Key: "o_orderkey", Value: key},
			{Key: "o_custkey", Value: cust},
			{Key: "o_orderstatus", Value: status},
			{Key: "o_totalprice", Value: price},
			{Key: "o_orderdate", Value: bson.NewDateTimeFromTime(date)},
			{Key: "o_orderpriority", Value: strings.TrimRight(priority, " ")},
			{Key: "o_clerk", Value: clerk},
			{Key: "o_shippriority", Value: ship},
			{Key: "o_comment", Value: comment},
		}, err
	})
	require.NoError(t, err)
	for part := range slices.Chunk(docs, 2000) {
		_, err := client.Database(database).Collection("orders").InsertMany(ctx, part)
		require.NoError(t, err)
	}
}
