package postgres

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// TestStatistics: what ANALYZE found becomes datums of the columns' types, some hundreds at most, and says how values are
// distributed.
func TestStatistics(t *testing.T) {
	s := newServer(t, `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
		CREATE TABLE t (i int4, big int8, r float8, d numeric(10,2), txt text COLLATE "C", loc text, day date, at timestamptz,
			m mood, flag bool, list int4[], doc jsonb, wide text, nothing int4);
		ALTER TABLE t ALTER i SET STATISTICS 2000;
		INSERT INTO t SELECT CASE WHEN g % 4 = 0 THEN 7 ELSE g END, NULLIF(g % 10, 3), g / 4.0, g / 3.0, 'k' || g % 300, 'a' || g, '2024-01-01'::date + g % 1000,
			timestamptz '2024-01-01 00:00+00' + g * interval '1 h', (ARRAY['sad', 'ok', 'happy', 'ok'])[g % 4 + 1]::mood, g % 3 = 0,
			ARRAY[g % 2, 1], '{}', repeat('x', 500) || g % 5, NULL
			FROM generate_series(1, 20000) g; ANALYZE t`)
	table := s.table("t")
	column := func(name string) plan.TableColumn { return table.Cols[table.Column(name)] }

	i := column("i").Values
	require.Equal(t, int64(7), i.Common[0])
	require.InDelta(t, 0.25, i.Frequencies[0], 0.02)
	require.Greater(t, len(i.Histogram), 90)
	require.Less(t, len(i.Histogram), 210)
	require.Greater(t, i.Correlation, 0.3)
	require.InDelta(t, 20000, column("i").Max.(int64), 500)
	require.InDelta(t, 0.1, column("big").NullFraction, 0.02)
	require.Len(t, column("big").Values.Common, 9)
	require.Equal(t, int64(0), column("big").Min)
	require.Equal(t, int64(9), column("big").Max)
	require.False(t, column("big").Exact)
	require.Equal(t, "k", column("txt").Min.(string)[:1])
	require.Len(t, column("m").Values.Common, 3)
	require.Equal(t, int64(1), column("m").Values.Common[0], "the position of ok")
	require.ElementsMatch(t, []any{true, false}, column("flag").Values.Common)
	for _, name := range []string{"list", "doc", "wide", "nothing"} {
		require.True(t, column(name).Values == nil || column(name).Values.Histogram == nil && column(name).Values.Common == nil, name)
	}
	for _, c := range table.Cols {
		if c.Values == nil {
			continue
		}
		sum := 0.0
		for _, f := range c.Values.Frequencies {
			sum += f
		}
		require.LessOrEqual(t, sum+c.NullFraction, 1.01, c.Name)
		require.Len(t, c.Values.Frequencies, len(c.Values.Common), c.Name)
		for k := 1; k < len(c.Values.Histogram); k++ {
			require.LessOrEqual(t, datum.Compare(c.Type, c.Values.Histogram[k-1], c.Values.Histogram[k]), 0, c.Name)
		}
	}
	require.False(t, math.IsNaN(column("r").Values.Correlation))
	require.Equal(t, types.Numeric, column("d").Type.Kind)
	require.NotEmpty(t, column("d").Values.Histogram)
	require.NotEmpty(t, column("day").Values)
	require.NotEmpty(t, column("at").Values.Histogram)
}
