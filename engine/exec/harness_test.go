package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

func TestMain(m *testing.M) {
	relationHook = func(r *run, rel relation) relation { return &checked{relation: rel, run: r} }
	goleak.VerifyTestMain(m)
}

// faults make the nth Next of any stream of an execution fail or cancel.
type faults struct {
	left   atomic.Int64
	err    error
	cancel context.CancelFunc
}

var faultsOf sync.Map // *Runtime → *faults

var errInjected = errors.New("an injected failure")

// checked holds streams to the contract of batch.Reader and of package exec.
type checked struct {
	relation
	run *run
}

func (c *checked) open(part int) batch.Reader {
	return &checkedStream{Reader: c.relation.open(part), c: c}
}

type checkedStream struct {
	batch.Reader
	c      *checked
	busy   atomic.Bool
	closed bool
	ended  bool
}

func (s *checkedStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if !s.busy.CompareAndSwap(false, true) {
		panic("two goroutines use one stream")
	}
	defer s.busy.Store(false)
	if s.closed {
		panic("Next after Close")
	}
	if f, ok := faultsOf.Load(s.c.run.rt); ok {
		f := f.(*faults)
		if f.left.Add(-1) == 0 {
			if f.cancel == nil {
				return nil, f.err
			}
			f.cancel()
		}
	}
	rec, err := s.Reader.Next(ctx)
	if err != nil {
		s.ended = errors.Is(err, io.EOF)
		return nil, err
	}
	if s.ended {
		panic("a batch after the end")
	}
	if int(rec.NumRows()) > s.c.run.rows {
		panic(fmt.Sprintf("%T gave %d rows at once, at most %d may be", s.c.relation, rec.NumRows(), s.c.run.rows))
	}
	if err := checkColumns(fmt.Sprintf("%T", s.c.relation), rec, s.c.relation.schema()); err != nil {
		panic(err)
	}
	for _, col := range rec.Columns() {
		if col.Len() != int(rec.NumRows()) {
			panic(fmt.Sprintf("%T gave a column of another length", s.c.relation))
		}
	}
	return rec, nil
}

func (s *checkedStream) Close() error {
	if !s.busy.CompareAndSwap(false, true) {
		panic("Close while Next runs")
	}
	defer s.busy.Store(false)
	s.closed = true
	if err := s.Reader.Close(); err != nil {
		return err
	}
	return s.Reader.Close() // idempotent
}

// table is test data: batches in splits.
type table struct {
	cols   []plan.Column
	splits [][]arrow.RecordBatch
	single bool
	est    float64
}

var _ plan.RemoteScan = (*table)(nil)

func (t *table) Server() string          { return "mem" }
func (t *table) Columns() []plan.Column  { return t.cols }
func (t *table) Residual() []expr.Expr   { return nil }
func (t *table) Estimate() plan.Estimate { return plan.Estimate{Rows: t.est} }
func (t *table) Ordering() []plan.SortKey {
	return nil
}
func (t *table) Splittable() bool        { return !t.single }
func (t *table) Inputs() plan.Inputs     { return plan.Inputs{} }
func (t *table) Text() string            { return "test" }
func (t *table) Tables() []plan.TableRef { return nil }
func (t *table) node() plan.Node         { return &plan.Remote{Scan: t} }

// snapshot gives one leased lane at a time, and as many extras as allowed.
type snapshot struct {
	t      testing.TB
	leased atomic.Int32
	lanes  atomic.Int32
	extras int32
	calm   bool // nobody ever wants extras back
}

func (s *snapshot) Lane(_ context.Context, extra bool) (sources.Lane, error) {
	if extra {
		if s.lanes.Load() > s.extras {
			return nil, nil
		}
	} else if s.leased.Add(1) > 1 {
		s.t.Error("two leased lanes are open at once")
	}
	s.lanes.Add(1)
	return &lane{s: s, extra: extra}, nil
}

func (s *snapshot) Close() error { return nil }

type lane struct {
	s      *snapshot
	extra  bool
	closed bool
	asked  int
}

type split int

func (s split) String() string { return fmt.Sprint(int(s)) }

type queue struct {
	n, end atomic.Int64
}

func (q *queue) Next(context.Context) (sources.Split, error) {
	n := q.n.Add(1) - 1
	if n >= q.end.Load() {
		return nil, io.EOF
	}
	return split(n), nil
}

func (l *lane) Splits(_ context.Context, s plan.RemoteScan, _ *sources.Env) (sources.SplitQueue, error) {
	q := &queue{}
	q.end.Store(int64(len(s.(*table).splits)))
	return q, nil
}

func (l *lane) Open(_ context.Context, s plan.RemoteScan, sp sources.Split, _ *sources.Env) (batch.Reader, error) {
	recs := s.(*table).splits[int(sp.(split))]
	for _, r := range recs {
		r.Retain()
	}
	return batch.FromRecords(schemaOf(s.Columns()), slices.Clone(recs)...), nil
}

func (l *lane) Lookup(context.Context, plan.RemoteScan, arrow.RecordBatch, *sources.Env) (batch.Reader, error) {
	return nil, errors.New("no lookup")
}

// Wanted gives extras up now and then.
func (l *lane) Wanted() bool { l.asked++; return l.asked%3 == 0 && !l.s.calm }

func (l *lane) Close() error {
	if !l.closed {
		l.closed = true
		l.s.lanes.Add(-1)
		if !l.extra {
			l.s.leased.Add(-1)
		}
	}
	return nil
}

// config is one point of the matrix that operators are tested over.
type config struct {
	rows, workers int
	extras        int32
}

var matrix = []config{{1, 1, 0}, {2, 4, 3}, {3, 4, 1}, {8192, 1, 0}, {8192, 4, 3}}

func (c config) String() string { return fmt.Sprintf("rows=%d workers=%d", c.rows, c.workers) }

func runtimeFor(t testing.TB, c config) (*Runtime, *budget.Pool) {
	pool := budget.NewPool(0)
	return &Runtime{
		Env: &eval.Env{}, Memory: pool.Query(0), Workers: c.workers, BatchRows: c.rows, Stats: &Stats{},
		Snapshots: map[string]sources.Snapshot{"mem": &snapshot{t: t, extras: c.extras}},
	}, pool
}

// rowsOf runs a plan and gives its rows as text, in order.
func rowsOf(t testing.TB, n plan.Node, c config) []string {
	t.Helper()
	rows, err := tryRows(t, n, c)
	require.NoError(t, err)
	return rows
}

func tryRows(t testing.TB, n plan.Node, c config) ([]string, error) {
	t.Helper()
	rt, pool := runtimeFor(t, c)
	rd, err := Open(context.Background(), n, rt)
	if err != nil {
		return nil, err
	}
	defer func() {
		require.NoError(t, rd.Close())
		require.NoError(t, rd.Close())
		require.Zero(t, pool.Used(), "memory is still reserved")
		s := rt.Snapshots["mem"].(*snapshot)
		require.Zero(t, s.lanes.Load(), "lanes are still open")
	}()
	recs, err := batch.ReadAll(context.Background(), rd)
	if err != nil {
		return nil, err
	}
	_, err = rd.Next(context.Background())
	require.ErrorIs(t, err, io.EOF)
	var out []string
	for _, rec := range recs {
		out = append(out, textRows(t, rec, n.Columns())...)
		rec.Release()
	}
	return out, nil
}

func textRows(t testing.TB, rec arrow.RecordBatch, cols []plan.Column) []string {
	plain, err := batch.PlainRecord(rec)
	require.NoError(t, err)
	out := make([]string, plain.NumRows())
	for i := range out {
		cells := make([]string, len(cols))
		for c := range cols {
			cells[c] = cell(plain.Column(c), cols[c].Type, i)
		}
		out[i] = strings.Join(cells, "|")
	}
	return out
}

func cell(a arrow.Array, t *types.Type, i int) string {
	switch {
	case a.IsNull(i):
		return "NULL"
	case t.Kind == types.Numeric:
		return numericAt(a, t, i).Apd().String()
	}
	return a.ValueStr(i)
}

// sameBag compares as multisets.
func sameBag(t testing.TB, want, got []string, msg ...any) {
	t.Helper()
	want, got = slices.Clone(want), slices.Clone(got)
	sort.Strings(want)
	sort.Strings(got)
	if len(want) == 0 && len(got) == 0 {
		return
	}
	require.Equal(t, want, got, msg...)
}

// value is a cell of test data: nil, bool, int64, float64, string or numeric.Num.
type value = any

var nextColumn atomic.Int32

func column(name string, t *types.Type) plan.Column {
	return plan.Column{ID: expr.ColumnID(nextColumn.Add(1)), Name: name, Type: t, Nullable: true}
}

// tableOf builds a table of rows. Batches have one to four rows, stand in three splits, and are slices of larger ones,
// so that offsets are not zero.
func tableOf(t testing.TB, cols []plan.Column, rows [][]value) *table {
	tb := &table{cols: cols, splits: make([][]arrow.RecordBatch, 3), est: -1}
	for at, n := 0, 1; at < len(rows); n = n%4 + 1 {
		to := min(at+n, len(rows))
		padded := append([][]value{rows[0]}, rows[at:to]...)
		padded = append(padded, rows[len(rows)-1])
		rec := recordOf(t, cols, padded)
		if at%2 == 1 {
			rec = encoded(t, rec)
		}
		tb.splits[at%3] = append(tb.splits[at%3], rec.NewSlice(1, int64(1+to-at)))
		at = to
	}
	return tb
}

// encoded is rec with its text columns dictionary-encoded.
func encoded(t testing.TB, rec arrow.RecordBatch) arrow.RecordBatch {
	cols := slices.Clone(rec.Columns())
	for i, c := range cols {
		s, ok := c.(*array.String)
		if !ok {
			continue
		}
		b := array.NewDictionaryBuilder(allocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String})
		for r := range s.Len() {
			if s.IsNull(r) {
				b.AppendNull()
			} else {
				require.NoError(t, b.(*array.BinaryDictionaryBuilder).AppendString(s.Value(r)))
			}
		}
		cols[i] = b.NewArray()
	}
	return batch.NewRecord(rec.Schema(), cols, int(rec.NumRows()))
}

func recordOf(t testing.TB, cols []plan.Column, rows [][]value) arrow.RecordBatch {
	out := make([]arrow.Array, len(cols))
	for c, col := range cols {
		vals := make([]value, len(rows))
		for r := range rows {
			vals[r] = rows[r][c]
		}
		out[c] = arrayOf(t, col.Type, vals)
	}
	return batch.NewRecord(schemaOf(cols), out, len(rows))
}

func arrayOf(t testing.TB, typ *types.Type, vals []value) arrow.Array {
	b := array.NewBuilder(allocator, typ.Arrow())
	for _, v := range vals {
		switch v := v.(type) {
		case nil:
			b.AppendNull()
		case numeric.Num:
			if typ.NumericStorage() == types.VarNumeric {
				b.(*array.BinaryBuilder).Append(numeric.Append(nil, v))
			} else {
				require.NoError(t, b.AppendValueFromString(v.Apd().String()))
			}
		case float64:
			b.(*array.Float64Builder).Append(v)
		case bool:
			b.(*array.BooleanBuilder).Append(v)
		case int64:
			switch b := b.(type) {
			case *array.Int64Builder:
				b.Append(v)
			case *array.Int32Builder:
				b.Append(int32(v))
			case *array.Int16Builder:
				b.Append(int16(v))
			case *array.Decimal64Builder:
				require.NoError(t, b.AppendValueFromString(numeric.FromInt64(v, typ.Scale).Apd().Text('f')))
			case *array.Decimal128Builder:
				require.NoError(t, b.AppendValueFromString(numeric.FromInt64(v, typ.Scale).Apd().Text('f')))
			default:
				t.Fatalf("no int64 in %s", typ)
			}
		case string:
			b.(*array.StringBuilder).Append(v)
		}
	}
	return b.NewArray()
}

// canon is equal for values that SQL groups together.
func canon(v value) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case float64:
		if v == 0 {
			v = 0
		}
		if math.IsNaN(v) {
			return "fNaN"
		}
		return fmt.Sprintf("f%v", v+0)
	case numeric.Num:
		return "n" + v.Canonical().Apd().String()
	case string:
		return "s" + v
	}
	return fmt.Sprint(v)
}

// show is a cell as rowsOf prints it.
func show(t testing.TB, v value, typ *types.Type) string {
	a := arrayOf(t, typ, []value{v})
	defer a.Release()
	return cell(a, typ, 0)
}

func showRow(t testing.TB, row []value, cols []plan.Column) string {
	cells := make([]string, len(cols))
	for i := range cols {
		cells[i] = show(t, row[i], cols[i].Type)
	}
	return strings.Join(cells, "|")
}
