package engine

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	arrowmemory "github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/catalog"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/memory"
)

// register makes a table of one column x, of integers or of text.
func register(t *testing.T, m *memory.Source, dt arrow.DataType, values ...string) {
	t.Helper()
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: dt, Nullable: true}}, nil)
	b := array.NewRecordBuilder(arrowmemory.DefaultAllocator, schema)
	defer b.Release()
	for _, v := range values {
		require.NoError(t, b.Field(0).AppendValueFromString(v))
	}
	rec := b.NewRecordBatch()
	defer rec.Release()
	require.NoError(t, m.Register("t", schema, rec))
}

// TestPlansOfChangedTablesAreDropped: a plan whose table changed at its source is made again, once, and takes the old one's
// place in the cache; where the result would have another type the client is told, and a new statement is right.
func TestPlansOfChangedTablesAreDropped(t *testing.T) {
	e, s := open(t, Config{})
	m := memory.New("memory")
	require.NoError(t, e.Catalog().Attach("memory", m))
	register(t, m, arrow.PrimitiveTypes.Int32, "1", "2")
	const star, count = "SELECT * FROM memory.main.t ORDER BY 1", "SELECT count(*) FROM memory.main.t WHERE x::text <> '2'"
	require.Equal(t, []string{"1", "2"}, mustRows(t, s, star))
	require.Equal(t, []string{"1"}, mustRows(t, s, count))
	mustRows(t, s, "PREPARE q AS "+star)
	mustRows(t, s, "PREPARE n AS "+count)
	oldStar, oldCount := e.plans.get(s.planKey(star)), e.plans.get(s.planKey(count))
	require.NotNil(t, oldStar)
	prepared, err := s.Prepare(t.Context(), star)
	require.NoError(t, err)

	register(t, m, arrow.BinaryTypes.String, "a", "b", "c")
	require.Equal(t, []string{"3"}, mustRows(t, s, count), "the same type of result: planned again")
	fresh := e.plans.get(s.planKey(count))
	require.NotNil(t, fresh)
	require.NotSame(t, oldCount, fresh)
	require.Equal(t, []string{"3"}, mustRows(t, s, count))
	require.Same(t, fresh, e.plans.get(s.planKey(count)), "once")
	require.Equal(t, []string{"3"}, mustRows(t, s, "EXECUTE n"))

	_, err = prepared.Execute(t.Context(), nil, 0)
	require.Equal(t, sqlerr.FeatureNotSupported, sqlerr.Code(err))
	require.ErrorContains(t, err, "cached plan must not change result type")
	require.Nil(t, e.plans.get(s.planKey(star)), "the stale plan is dropped")
	require.Equal(t, []string{"a", "b", "c"}, mustRows(t, s, star))
	require.Equal(t, sqlerr.FeatureNotSupported, codeOf(s, "EXECUTE q"))
	mustRows(t, s, "DEALLOCATE q")
	mustRows(t, s, "PREPARE q AS "+star)
	require.Equal(t, []string{"a", "b", "c"}, mustRows(t, s, "EXECUTE q"))

	analyze := "EXPLAIN ANALYZE " + count
	explained, err := s.Prepare(t.Context(), analyze)
	require.NoError(t, err)
	register(t, m, arrow.PrimitiveTypes.Int64, "5")
	r, err := explained.Execute(t.Context(), nil, 0)
	require.NoError(t, err, "EXPLAIN ANALYZE plans again too")
	require.NoError(t, r.Close())
	require.Nil(t, e.plans.get(s.planKey(analyze)), "its plan is no statement's")
	again, err := s.Prepare(t.Context(), analyze)
	require.NoError(t, err)
	require.Equal(t, "EXPLAIN", again.Tag())
	require.Zero(t, e.Running())
	require.Zero(t, e.Memory().Used())
}

// TestPlansBelongToDeclarations: engines over other declarations share nothing, and a catalog's version keys its plans.
func TestPlansBelongToDeclarations(t *testing.T) {
	_, s := open(t, Config{})
	b := catalog.NewBuilder(nil)
	require.NoError(t, b.Script("other.sql", "CREATE SCHEMA shop; CREATE VIEW shop.numbers AS SELECT g AS n FROM generate_series(1, 9) g"))
	other, err := New(t.Context(), Config{Definitions: b.Build(), Registry: sources.NewRegistry()})
	require.NoError(t, err)
	defer func() { require.NoError(t, other.Close()) }()
	o, err := other.NewSession(s.identity)
	require.NoError(t, err)
	const sql = "SELECT count(*) FROM shop.numbers"
	require.Equal(t, []string{"3"}, mustRows(t, s, sql))
	require.Equal(t, []string{"9"}, mustRows(t, o, sql))
	require.NotEqual(t, s.planKey(sql), o.planKey(sql))
}
