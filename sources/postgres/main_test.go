package postgres

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(m)) }

// server is a database of its own, a source over it, and a connection beside it.
type server struct {
	t      testing.TB
	url    string
	admin  *pgx.Conn
	source *Source
	budget *sources.Connections
}

func newServer(t testing.TB, ddl string, options ...string) *server {
	t.Helper()
	s := &server{t: t, url: fixture.PostgresURL(t), budget: sources.NewConnections()}
	var err error
	s.admin, err = pgx.Connect(t.Context(), s.url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.admin.Close(context.Background()) })
	s.run(ddl)
	s.source = s.open(append([]string{"url", s.url}, options...)...)
	return s
}

func (s *server) open(options ...string) *Source {
	s.t.Helper()
	o := map[string]string{}
	for i := 0; i < len(options); i += 2 {
		o[options[i]] = options[i+1]
	}
	src, err := Open(s.t.Context(), sources.Config{Name: "pg", Options: o, Connections: s.budget})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { require.NoError(s.t, src.Close()) })
	return src
}

func (s *server) run(sql string) {
	s.t.Helper()
	_, err := s.admin.Exec(context.Background(), sql)
	require.NoError(s.t, err)
}

func (s *server) table(name string) *sources.Table {
	s.t.Helper()
	found, err := s.source.Discover(s.t.Context(), sources.Pattern{Schema: "public", Table: name})
	require.NoError(s.t, err)
	require.Len(s.t, found, 1, name)
	return found[0]
}

// scanNode reads all columns of a table; IDs count from 1.
func scanNode(t *sources.Table) *plan.Scan {
	n := &plan.Scan{Table: t}
	for i, c := range t.Cols {
		n.Cols = append(n.Cols, plan.Column{ID: expr.ColumnID(i + 1), Name: c.Name, Type: c.Type, Nullable: c.Nullable})
		n.Ordinals = append(n.Ordinals, i)
	}
	return n
}

func (s *server) plan(n plan.Node) plan.RemoteScan {
	s.t.Helper()
	rs, err := s.source.Plan(plan.Fragment{Server: "pg", Root: n})
	require.NoError(s.t, err)
	return rs
}

func (s *server) begin(ctx context.Context, lanes, most int, tables ...plan.TableRef) (sources.Snapshot, func(), error) {
	lease, err := s.budget.Acquire(ctx, map[string]int{"pg": lanes})
	require.NoError(s.t, err)
	sn, err := s.source.Begin(ctx, sources.Identity{Role: "tester", Query: "q1"}, sources.Need{
		Lanes: lanes, MaxLanes: most, Lease: lease, Tables: tables,
	})
	if err != nil {
		lease.Close()
		return nil, nil, err
	}
	return sn, func() { require.NoError(s.t, sn.Close()); lease.Close() }, nil
}

// read gives all batches of a scan, over one lane.
func (s *server) read(rs plan.RemoteScan, env *sources.Env) ([]arrow.RecordBatch, error) {
	s.t.Helper()
	ctx := s.t.Context()
	sn, end, err := s.begin(ctx, 1, 1, rs.Tables()...)
	if err != nil {
		return nil, err
	}
	defer end()
	ln, err := sn.Lane(ctx, false)
	require.NoError(s.t, err)
	defer func() { _ = ln.Close() }()
	return readLane(ctx, ln, rs, env)
}

func readLane(ctx context.Context, ln sources.Lane, rs plan.RemoteScan, env *sources.Env) (out []arrow.RecordBatch, err error) {
	if env == nil {
		env = &sources.Env{Env: &eval.Env{}}
	}
	q, err := ln.Splits(ctx, rs, env)
	if err != nil {
		return nil, err
	}
	for {
		split, err := q.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return out, err
		}
		r, err := ln.Open(ctx, rs, split, env)
		if err != nil {
			return out, err
		}
		for {
			rec, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				_ = r.Close()
				return out, err
			}
			out = append(out, rec)
		}
		if err := r.Close(); err != nil {
			return out, err
		}
	}
}

// texts are the rows of batches, each value as PostgreSQL prints it, NULL as <null>.
func texts(rs plan.RemoteScan, batches []arrow.RecordBatch) [][]string {
	var out [][]string
	for _, b := range batches {
		for i := range int(b.NumRows()) {
			row := make([]string, b.NumCols())
			for c := range row {
				row[c] = text(rs.Columns()[c].Type, b.Column(c), i)
			}
			out = append(out, row)
		}
	}
	return out
}

func text(t *types.Type, a arrow.Array, i int) string {
	v := datum.FromArray(t, a, i)
	if v == nil {
		return "<null>"
	}
	return datum.Text(t, v, time.UTC)
}

// oracle is what PostgreSQL prints for a query.
func (s *server) oracle(sql string) [][]string {
	s.t.Helper()
	results, err := s.admin.PgConn().Exec(context.Background(), sql).ReadAll()
	require.NoError(s.t, err)
	var out [][]string
	for _, r := range results[len(results)-1].Rows {
		row := make([]string, len(r))
		for i, v := range r {
			row[i] = "<null>"
			if v != nil {
				row[i] = string(v)
			}
		}
		out = append(out, row)
	}
	return out
}

type recordBatch = arrow.RecordBatch
