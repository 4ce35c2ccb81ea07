package differential

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// oracle asks PostgreSQL over one connection. Not for concurrent use.
type oracle struct {
	url  string
	conn *pgx.Conn
}

func newOracle(ctx context.Context, url string) (*oracle, error) {
	conn, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	return &oracle{url, conn}, nil
}

func (o *oracle) close(ctx context.Context) error { return o.conn.Close(context.WithoutCancel(ctx)) }

// ask runs a case with bare names looked up along a path of schemas.
func (o *oracle) ask(ctx context.Context, path, sql string, settings ...string) (*Answer, error) {
	if o.conn.IsClosed() {
		conn, err := connect(ctx, o.url)
		if err != nil {
			return nil, err
		}
		o.conn = conn
	}
	if o.conn.PgConn().TxStatus() == 'E' { // a statement of a block failed
		if _, err := o.conn.Exec(ctx, "ROLLBACK"); err != nil {
			return nil, err
		}
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
		if _, err := o.conn.Exec(ctx, "ROLLBACK"); err != nil {
			return nil, err
		}
		if err := o.conn.DeallocateAll(ctx); err != nil { // which the connection's cache of statements must know of
			return nil, err
		}
		if _, err := o.conn.Exec(ctx, "DISCARD ALL"); err != nil {
			return nil, err
		}
		if err := configure(ctx, o.conn); err != nil {
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
		path := shuffled(schema, n)
		if schema == schemaFull {
			path += ", " + schemaFull // for its types
		}
		again, err := o.ask(ctx, path, sql, plans[n-1]...)
		if err != nil {
			return false, err
		}
		if !sameAnswer(sql, again, want) {
			return false, nil
		}
	}
	return true, nil
}
