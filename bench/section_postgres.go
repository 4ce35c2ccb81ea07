package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/internal/fixture"
)

const lineitemDDL = `CREATE TABLE lineitem (l_orderkey bigint NOT NULL, l_partkey int NOT NULL, l_suppkey int NOT NULL,
	l_linenumber int NOT NULL, l_quantity numeric(15,2) NOT NULL, l_extendedprice numeric(15,2) NOT NULL,
	l_discount numeric(15,2) NOT NULL, l_tax numeric(15,2) NOT NULL, l_returnflag char(1) NOT NULL,
	l_linestatus char(1) NOT NULL, l_shipdate date NOT NULL, l_commitdate date NOT NULL, l_receiptdate date NOT NULL,
	l_shipinstruct char(25) NOT NULL, l_shipmode char(10) NOT NULL, l_comment varchar(44) NOT NULL)`

const ordersDDL = `CREATE TABLE orders (o_orderkey bigint PRIMARY KEY, o_custkey int NOT NULL, o_orderstatus char(1) NOT NULL,
	o_totalprice numeric(15,2) NOT NULL, o_orderdate date NOT NULL, o_orderpriority char(15) NOT NULL,
	o_clerk char(15) NOT NULL, o_shippriority int NOT NULL, o_comment varchar(79) NOT NULL)`

// postgresData is a server with orders and lineitem.
type postgresData struct {
	url string
	// pages and rows of lineitem.
	pages, rows int64
}

func loadPostgres(ctx context.Context, l *lab, server *fixture.Postgres) (_ *postgresData, err error) {
	url, drop, err := server.NewDatabase(ctx)
	if err != nil {
		return nil, err
	}
	l.stops = append(l.stops, func() error { return drop(context.WithoutCancel(ctx)) })
	dir, err := l.temp()
	if err != nil {
		return nil, err
	}
	csv := filepath.Join(dir, "csv")
	defer func() { err = errors.Join(err, os.RemoveAll(csv)) }()
	if err := generate(ctx, "csv", "-s", fmt.Sprint(l.cfg.scale), "--tables", "orders,lineitem", "-o", csv); err != nil {
		return nil, err
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for table, ddl := range map[string]string{"orders": ordersDDL, "lineitem": lineitemDDL} {
		if err := loadTable(ctx, conn, ddl, table, filepath.Join(csv, table+".csv")); err != nil {
			return nil, fmt.Errorf("loading %s: %w", table, err)
		}
	}
	d := &postgresData{url: url}
	return d, conn.QueryRow(ctx, "SELECT relpages, (SELECT count(*) FROM lineitem) FROM pg_class WHERE oid = 'lineitem'::regclass").Scan(&d.pages, &d.rows)
}

// loadTable copies a CSV file into a new table, frozen, so that no scan writes hint bits, and analysed.
func loadTable(ctx context.Context, conn *pgx.Conn, ddl, table, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if _, err := conn.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, ddl); err != nil {
		return err
	}
	if _, err := conn.PgConn().CopyFrom(ctx, f, "COPY "+table+" FROM STDIN WITH (FORMAT csv, HEADER, FREEZE)"); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "COMMIT"); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "VACUUM ANALYZE "+table)
	return err
}

// benchPostgres scans lineitem over one and over two connections, against psql's binary COPY to nowhere.
func benchPostgres(ctx context.Context, l *lab) ([]result, error) {
	data, err := l.postgres(ctx)
	if err != nil {
		return nil, err
	}
	var out []result
	for _, n := range []int{1, 2} {
		db, err := l.open(ctx, skein.Source("pg", data.url+"&max_connections="+fmt.Sprint(n)), skein.Setting("search_path", "pg.public"))
		if err != nil {
			return nil, err
		}
		name := fmt.Sprintf("scan of PostgreSQL's lineitem, 16 columns, connections: %d", n)
		peer, limit := data.copyOut(n)
		r, err := compare(ctx, l.cfg.rounds, name, limit, embedded(db, "SELECT * FROM lineitem"), peer)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// copyOut is psql's binary COPY of lineitem to nowhere, over n connections with a range of its pages each, and how many
// times its time ours may be. Where there is no psql, the driver's COPY stands in, without a limit.
func (d *postgresData) copyOut(n int) (contender, float64) {
	psql := findPsql()
	run := func(ctx context.Context, copySQL string) (time.Duration, error) {
		return runPsql(ctx, psql, d.url, copySQL)
	}
	name, limit := "psql COPY binary", 1.5
	if psql == "" {
		name, limit = "pgx COPY binary", 0
		run = func(ctx context.Context, copySQL string) (time.Duration, error) {
			return 0, driverCopy(ctx, d.url, copySQL)
		}
	}
	return contender{name, func(ctx context.Context) (sample, error) {
		var cpu [2]time.Duration
		start := time.Now()
		g, ctx := errgroup.WithContext(ctx)
		for i := range n {
			g.Go(func() (err error) {
				cpu[i], err = run(ctx, copyRange(d.pages, i, n))
				return err
			})
		}
		err := g.Wait()
		return sample{Wall: time.Since(start), CPU: cpu[0] + cpu[1], Rows: d.rows}, err
	}}, limit
}

// driverCopy runs a COPY whose output goes nowhere.
func driverCopy(ctx context.Context, url, copySQL string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.PgConn().CopyTo(ctx, io.Discard, copySQL)
	return err
}

func copyRange(pages int64, part, parts int) string {
	if parts == 1 {
		return "COPY lineitem TO STDOUT (FORMAT binary)"
	}
	from := fmt.Sprintf("ctid >= '(%d,0)'", pages*int64(part)/int64(parts))
	if part < parts-1 {
		from += fmt.Sprintf(" AND ctid < '(%d,0)'", pages*int64(part+1)/int64(parts))
	}
	return "COPY (SELECT * FROM lineitem WHERE " + from + ") TO STDOUT (FORMAT binary)"
}

// runPsql runs a COPY whose output goes to /dev/null.
func runPsql(ctx context.Context, program, url, copySQL string) (cpu time.Duration, err error) {
	cmd := exec.CommandContext(ctx, program, "-X", url, "-c", copySQL)
	var errText strings.Builder
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	defer func() { _ = null.Close() }()
	cmd.Stdout, cmd.Stderr = null, &errText
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("psql: %s: %w", strings.TrimSpace(errText.String()), err)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// findPsql finds a psql that runs, in Debian's folders or on the path, where Debian's is a script that looks for one; ""
// where there is none.
func findPsql() string {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/psql") // the pattern is well formed
	slices.Reverse(found)
	for _, program := range append(found, "psql") {
		if exec.Command(program, "--version").Run() == nil { //nolint:noctx // instant
			return program
		}
	}
	return ""
}
