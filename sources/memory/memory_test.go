package memory

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

var schema = arrow.NewSchema([]arrow.Field{
	{Name: "id", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "name", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, Nullable: true},
}, nil)

func numbers(mem memory.Allocator, from, n int) arrow.RecordBatch {
	b := array.NewRecordBuilder(mem, schema)
	defer b.Release()
	for i := range n {
		b.Field(0).(*array.Uint32Builder).Append(uint32(from + i))
		if i%3 == 0 {
			b.Field(1).AppendNull()
		} else if err := b.Field(1).(*array.BinaryDictionaryBuilder).AppendString(fmt.Sprint("n", i%2)); err != nil {
			panic(err)
		}
	}
	return b.NewRecordBatch()
}

// scanOf plans a scan of a table's columns in the order given.
func scanOf(t *testing.T, s *Source, table string, ordinals ...int) (plan.RemoteScan, *sources.Table) {
	t.Helper()
	found, err := s.Discover(context.Background(), sources.Pattern{Table: table})
	require.NoError(t, err)
	require.Len(t, found, 1)
	n := &plan.Scan{Table: found[0], Ordinals: ordinals}
	for i, o := range ordinals {
		c := found[0].Cols[o]
		n.Cols = append(n.Cols, plan.Column{ID: expr.ColumnID(i + 1), Name: c.Name, Type: c.Type, Nullable: c.Nullable})
	}
	rs, err := s.Plan(plan.Fragment{Server: s.name, Root: n})
	require.NoError(t, err)
	return rs, found[0]
}

func read(t *testing.T, snap sources.Snapshot, rs plan.RemoteScan, rows int) [][]string {
	t.Helper()
	ctx := context.Background()
	l, err := snap.Lane(ctx, false)
	require.NoError(t, err)
	defer l.Close()
	env := &sources.Env{BatchRows: rows, Stats: &sources.ReadStats{}}
	q, err := l.Splits(ctx, rs, env)
	require.NoError(t, err)
	var out [][]string
	for {
		sp, err := q.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		r, err := l.Open(ctx, rs, sp, env)
		require.NoError(t, err)
		for {
			rec, err := r.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			require.LessOrEqual(t, int(rec.NumRows()), rows)
			for i := range int(rec.NumRows()) {
				row := []string{}
				for _, c := range rec.Columns() {
					row = append(row, c.ValueStr(i))
				}
				out = append(out, row)
			}
			rec.Release()
		}
		require.NoError(t, r.Close())
	}
	require.EqualValues(t, len(out), env.Stats.Rows.Load())
	return out
}

func TestScanGivesEveryRowOnce(t *testing.T) {
	s := New("")
	require.NoError(t, s.Register("t", schema, numbers(memory.DefaultAllocator, 0, 5), numbers(memory.DefaultAllocator, 5, 0),
		numbers(memory.DefaultAllocator, 5, splitRows+3)))
	rs, tab := scanOf(t, s, "t", 1, 0)
	require.Equal(t, []*types.Type{types.Int8T, types.TextT}, []*types.Type{tab.Cols[0].Type, tab.Cols[1].Type})
	require.Equal(t, []any{int64(0), int64(splitRows + 7)}, []any{tab.Cols[0].Min, tab.Cols[0].Max})
	require.False(t, tab.Cols[0].Nullable)
	snap, err := s.Begin(context.Background(), sources.Identity{}, sources.Need{Tables: rs.Tables()})
	require.NoError(t, err)
	defer snap.Close()
	for _, rows := range []int{3, 8192} {
		got := read(t, snap, rs, rows)
		require.Len(t, got, splitRows+8)
		require.Equal(t, [][]string{{"(null)", "0"}, {"n1", "1"}, {"n0", "2"}}, got[:3])
		for i, row := range got {
			require.Equal(t, fmt.Sprint(i), row[1])
		}
	}
}

func TestReplacingATableLeavesRunningStatementsAlone(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	s := New("mem")
	defer s.Close()
	register := func(b arrow.RecordBatch) {
		require.NoError(t, s.Register("t", b.Schema(), b))
		b.Release()
	}
	register(numbers(mem, 0, 3))
	rs, tab := scanOf(t, s, "t", 0)
	need := sources.Need{Tables: []plan.TableRef{tab}}
	old, err := s.Begin(context.Background(), sources.Identity{}, need)
	require.NoError(t, err)
	register(numbers(mem, 100, 2))
	now, err := s.Begin(context.Background(), sources.Identity{}, need)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"0"}, {"1"}, {"2"}}, read(t, old, rs, 2))
	require.Equal(t, [][]string{{"100"}, {"101"}}, read(t, now, rs, 2))
	require.NoError(t, old.Close())
	require.NoError(t, old.Close())
	require.NoError(t, now.Close())

	other := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.BinaryTypes.String}}, nil)
	require.NoError(t, s.Register("t", other))
	var stale *sources.Stale
	_, err = s.Begin(context.Background(), sources.Identity{}, need)
	require.ErrorAs(t, err, &stale)
	require.True(t, s.Drop("t"))
	require.False(t, s.Drop("t"))
	_, err = s.Begin(context.Background(), sources.Identity{}, need)
	require.ErrorAs(t, err, &stale)
}

func TestRegisterRefusesWhatItCannotHold(t *testing.T) {
	s := New("")
	twice := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.BinaryTypes.String}, {Name: "a", Type: arrow.BinaryTypes.String}}, nil)
	require.Equal(t, sqlerr.DuplicateColumn, sqlerr.Code(s.Register("t", twice)))
	require.ErrorContains(t, s.Register("t", twice, numbers(memory.DefaultAllocator, 0, 1)), "t")
	found, err := s.Discover(context.Background(), sources.Pattern{})
	require.NoError(t, err)
	require.Empty(t, found)
}

func TestRegisterTableAndRefusals(t *testing.T) {
	s := New("")
	tab := array.NewTableFromRecords(schema, []arrow.RecordBatch{numbers(memory.DefaultAllocator, 0, 2), numbers(memory.DefaultAllocator, 2, 2)})
	require.NoError(t, s.RegisterTable("t", tab))
	rs, _ := scanOf(t, s, "t", 0)
	_, err := s.Plan(plan.Fragment{Root: &plan.Filter{Input: &plan.Scan{}}})
	var refused *sources.Refused
	require.ErrorAs(t, err, &refused)
	require.NoError(t, s.Close())
	_, err = s.Begin(context.Background(), sources.Identity{}, sources.Need{Tables: rs.Tables()})
	require.Equal(t, sqlerr.CannotConnectNow, sqlerr.Code(err))
}
