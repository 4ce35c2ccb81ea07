package differential

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// oracle asks PostgreSQL over one connection. Not for concurrent use.
type oracle struct {
	url  string
	conn *pgx.Conn
	// bare is the path along which bare names of schemaFull are looked up.
	bare string
	// session are statements that every connection runs first, by what they set.
	session map[string]string
}

func newOracle(ctx context.Context, url string) (*oracle, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &oracle{url: url, conn: conn, bare: schemaFull}, nil
}

func (o *oracle) close(ctx context.Context) error { return o.conn.Close(context.WithoutCancel(ctx)) }

// live reconnects after a statement that broke the connection, and ends a block that failed.
func (o *oracle) live(ctx context.Context) error {
	if o.conn.IsClosed() {
		conn, err := connect(ctx, o.url)
		if err != nil {
			return err
		}
		o.conn = conn
		return o.prepare(ctx)
	}
	if o.conn.PgConn().TxStatus() != 'E' {
		return nil
	}
	_, err := o.conn.Exec(ctx, "ROLLBACK")
	return err
}

// reset gives the connection a new session.
func (o *oracle) reset(ctx context.Context) error {
	if err := o.live(ctx); err != nil {
		return err
	}
	if o.conn.PgConn().TxStatus() != 'I' {
		if _, err := o.conn.Exec(ctx, "ROLLBACK"); err != nil {
			return err
		}
	}
	if err := o.conn.DeallocateAll(ctx); err != nil { // which the connection's cache of statements must know of
		return err
	}
	if _, err := o.conn.Exec(ctx, "DISCARD ALL"); err != nil {
		return err
	}
	if err := configure(ctx, o.conn); err != nil {
		return err
	}
	return o.prepare(ctx)
}

func (o *oracle) prepare(ctx context.Context) error {
	for _, sql := range o.session {
		var pg *pgconn.PgError // such as the setting of a module that is not loaded any more
		if _, err := o.conn.Exec(ctx, sql); err != nil && !errors.As(err, &pg) {
			return fmt.Errorf("preparing the oracle's session: %w", err)
		}
	}
	return nil
}

// path is where names of a schema, or of its n-th shuffled copy, are looked up.
func (o *oracle) path(schema string, n int) string {
	path := schema
	if schema == schemaFull {
		path = o.bare
	}
	switch {
	case n == 0:
		return path
	case schema == schemaFull: // behind the copies for its types
		return shuffled(schema, n) + ", " + path
	}
	return shuffled(schema, n)
}

// query is ask for a statement that must not write; a script has its own blocks.
func (o *oracle) query(ctx context.Context, path, sql string, settings ...string) (*Answer, error) {
	if strings.Contains(sql, ";") {
		return o.ask(ctx, path, sql, settings...)
	}
	if err := o.live(ctx); err != nil {
		return nil, err
	}
	if _, err := o.conn.Exec(ctx, "BEGIN READ ONLY"); err != nil {
		return nil, fmt.Errorf("asking PostgreSQL: %w", err)
	}
	a, err := o.ask(ctx, path, sql, settings...)
	if err == nil && !o.conn.IsClosed() && o.conn.PgConn().TxStatus() != 'I' {
		_, err = o.conn.Exec(ctx, "ROLLBACK")
	}
	return a, err
}

// ask runs a case with bare names looked up along a path of schemas.
func (o *oracle) ask(ctx context.Context, path, sql string, settings ...string) (*Answer, error) {
	if err := o.live(ctx); err != nil {
		return nil, err
	}
	prepare := "SET search_path = " + path
	for _, s := range settings {
		prepare += "; SET " + s + " = off"
	}
	if _, err := o.conn.Exec(ctx, prepare); err != nil {
		return nil, fmt.Errorf("asking PostgreSQL: %w", err)
	}
	a := askPostgres(ctx, o.conn.PgConn(), sql)
	if !o.conn.IsClosed() && (len(settings) > 0 || strings.Contains(sql, ";")) {
		if err := o.reset(ctx); err != nil {
			return nil, err
		}
	}
	return a, ctx.Err()
}

// plans are settings that make PostgreSQL run a statement another way, by copy.
var plans = [copies][]string{
	{"enable_hashjoin", "enable_hashagg"},
	{"enable_mergejoin", "enable_nestloop", "enable_sort"},
	{"enable_hashjoin", "enable_mergejoin", "enable_indexscan", "enable_bitmapscan"},
}

// settled says whether PostgreSQL gives a statement the same answer over every shuffled copy, by other plans.
func (o *oracle) settled(ctx context.Context, schema, sql string, want *Answer) (bool, error) {
	for n := 1; n <= copies; n++ {
		again, err := o.query(ctx, o.path(schema, n), sql, plans[n-1]...)
		if err != nil {
			return false, err
		}
		if !sameAnswer(sql, again, want) {
			return false, nil
		}
	}
	return true, nil
}
