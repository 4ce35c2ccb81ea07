package differential

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/skeinsql/skein"
)

// The schemas of the database that is the oracle. The source's tables lie in schemaFull; schemaPortable has the same
// rows without the columns that Parquet and plain Arrow cannot hold.
const (
	schemaFull     = "public"
	schemaPortable = "portable"
)

// copies is how many shuffled copies of each schema there are.
const copies = 3

// shuffled is the name of the n-th physically shuffled copy of a schema, from 1 on.
func shuffled(schema string, n int) string { return fmt.Sprintf("%s_shuffled_%d", schema, n) }

// Dataset is a PostgreSQL database with tables in schema public, copies of them, and a DB over all placements. Safe for
// concurrent use; Close it.
type Dataset struct {
	URL string
	DB  *skein.DB
	// Portable are the tables that Parquet and memory hold, nil where only PostgreSQL does.
	Portable []string
}

// Load makes the tables of ddl in an empty database, and the portable copies of them: as Parquet files below dir, as
// Arrow tables in memory, and in PostgreSQL, which answers for those.
func Load(ctx context.Context, url, ddl, dir string) (*Dataset, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, ddl); err != nil {
		return nil, fmt.Errorf("making the tables: %w", err)
	}
	d := &Dataset{URL: url}
	tables, err := portableTables(ctx, conn)
	if err != nil {
		return nil, err
	}
	if err := copyPortable(ctx, conn, tables); err != nil {
		return nil, err
	}
	for _, schema := range []string{schemaFull, schemaPortable} {
		for n := 1; n <= copies; n++ {
			if err := shuffle(ctx, conn, schema, shuffled(schema, n)); err != nil {
				return nil, err
			}
		}
	}
	lake := filepath.Join(dir, "lake")
	d.DB, err = skein.Open(ctx, skein.Source("pg", url), skein.Source("lake", "parquet://"+lake),
		skein.Setting("skein.numeric", "text"), skein.Setting("search_path", "pg.public"))
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		rec, err := t.read(ctx, conn)
		if err == nil {
			err = errors.Join(d.DB.Register(t.name, rec), writeParquet(filepath.Join(lake, t.name+".parquet"), rec))
			rec.Release()
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("copying table %s: %w", t.name, err), d.DB.Close())
		}
		d.Portable = append(d.Portable, t.name)
	}
	return d, nil
}

// Close closes the DB; the database stays.
func (d *Dataset) Close() error { return d.DB.Close() }

func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connecting to the oracle: %w", err)
	}
	if err := configure(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

// configure sets what the oracle's answers depend on.
func configure(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "SET timezone = 'UTC'; SET lc_monetary = 'C'; SET statement_timeout = '20s'; SET max_parallel_workers_per_gather = 0")
	return err
}

func copyPortable(ctx context.Context, conn *pgx.Conn, tables []*portableTable) error {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE SCHEMA %s;\n", schemaPortable)
	for _, t := range tables {
		name := pgx.Identifier{schemaPortable, t.name}.Sanitize()
		fmt.Fprintf(&b, "CREATE TABLE %s AS SELECT %s FROM %s;\n", name, t.list(""), pgx.Identifier{schemaFull, t.name}.Sanitize())
		for _, c := range t.columns {
			if c.notNull {
				fmt.Fprintf(&b, "ALTER TABLE %s ALTER %s SET NOT NULL;\n", name, pgx.Identifier{c.name}.Sanitize())
			}
		}
	}
	_, err := conn.Exec(ctx, b.String())
	if err != nil {
		return fmt.Errorf("copying the portable columns: %w", err)
	}
	return nil
}

// shuffle copies a schema's tables with their keys, the rows in random order.
func shuffle(ctx context.Context, conn *pgx.Conn, from, to string) error {
	names, err := queryNames(ctx, conn, "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "+
		"WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') ORDER BY 1", from)
	if err != nil {
		return err
	}
	var b strings.Builder
	schema := pgx.Identifier{to}.Sanitize()
	fmt.Fprintf(&b, "DROP SCHEMA IF EXISTS %s CASCADE; CREATE SCHEMA %s;\n", schema, schema)
	for _, name := range names {
		a, z := pgx.Identifier{from, name}.Sanitize(), pgx.Identifier{to, name}.Sanitize()
		fmt.Fprintf(&b, "CREATE TABLE %s (LIKE %s INCLUDING ALL); INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM %s ORDER BY random(); ANALYZE %s;\n", z, a, z, a, z)
	}
	if _, err := conn.Exec(ctx, b.String()); err != nil {
		return fmt.Errorf("shuffling schema %s: %w", from, err)
	}
	return nil
}

func queryNames(ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
