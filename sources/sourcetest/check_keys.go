package sourcetest

import (
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// lookup: every key gives its rows under its ordinal; unmatched keys and NULLs give none.
func (s *suite) lookup(t *testing.T) {
	tried := 0
	for _, columns := range s.lookupColumns(t) {
		n := s.scan(t, "every", columns...)
		rs := s.must(t, n)
		if rs.Inputs().Lookup == nil {
			continue
		}
		tried++
		s.lookupIn(t, n, rs)
	}
	if tried == 0 {
		t.Log("lookups are claimed, but not for the columns of this table")
	}
}

// lookupColumns are choices of columns, for sources that look up by the first, by keys, or by any.
func (s *suite) lookupColumns(t *testing.T) [][]string {
	out := [][]string{{"id"}}
	if s.server.Key != "" {
		out = append(out, []string{"c_text", s.server.Key})
	}
	for _, c := range s.scan(t, "every").Cols[1:] {
		out = append(out, []string{c.Name, "id"})
	}
	return out
}

func (s *suite) lookupIn(t *testing.T, n *plan.Scan, rs plan.RemoteScan) {
	t.Helper()
	ids := rs.Inputs().Lookup
	keyCols := make([]plan.Column, len(ids))
	for i, id := range ids {
		at := slices.IndexFunc(rs.Columns(), func(c plan.Column) bool { return c.ID == id })
		require.GreaterOrEqual(t, at, 0, "a lookup column that the scan does not give")
		keyCols[i] = rs.Columns()[at]
	}
	full := s.all(t, rs, 0, nil)
	keys := distinctKeys(t, keyCols, rs.Columns(), full)
	want := sorted(matchedRows(keyCols, rs.Columns(), full, keys))
	v, err := s.begin(t.Context(), t, 1, rs.Tables()...)
	require.NoError(t, err)
	defer v.end(t)
	lane, err := v.Lane(t.Context(), false)
	require.NoError(t, err)
	for _, size := range []int{2, 0} {
		r, err := lane.Lookup(t.Context(), rs, keys, v.env(size, nil))
		require.NoError(t, err)
		require.Equal(t, want, s.lookedUp(t, r, rs), "by %v in batches of %d", keyCols, size)
	}
	none := keys.NewSlice(0, 0)
	r, err := lane.Lookup(t.Context(), rs, none, v.env(0, nil))
	require.NoError(t, err)
	require.Empty(t, s.lookedUp(t, r, rs), "no keys")
	require.NoError(t, lane.Close())
}

// matchedRows are the rows that a lookup gives: those of each key, behind its ordinal.
func matchedRows(keyCols, cols []plan.Column, full []arrow.RecordBatch, keys arrow.RecordBatch) (out []string) {
	values := make([][]any, len(keyCols))
	for i, c := range keyCols {
		values[i] = keysOf(c, cols, full)
	}
	for row, line := range lines(cols, full, cols) {
		for k := range int(keys.NumRows()) {
			same := true
			for i, c := range keyCols {
				key := datum.FromArray(c.Type, keys.Column(i), k)
				same = same && key != nil && values[i][row] != nil && datum.Equal(c.Type, key, values[i][row])
			}
			if same {
				out = append(out, strconv.Itoa(k)+"|"+line)
			}
		}
	}
	return out
}

// lookedUp are the rows of a lookup's reader, ordinal first, sorted by it.
func (s *suite) lookedUp(t *testing.T, r batch.Reader, rs plan.RemoteScan) []string {
	t.Helper()
	recs, err := batch.ReadAll(t.Context(), r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	var out []string
	for _, rec := range recs {
		rec, err := batch.PlainRecord(rec)
		require.NoError(t, err)
		ordinals, ok := rec.Column(0).(*array.Int64)
		require.True(t, ok, "column 0 is the key's ordinal, an int64")
		require.Equal(t, len(rs.Columns())+1, int(rec.NumCols()))
		rest := batch.NewRecord(arrow.NewSchema(rec.Schema().Fields()[1:], nil), rec.Columns()[1:], int(rec.NumRows()))
		for i, line := range lines(rs.Columns(), []arrow.RecordBatch{rest}, rs.Columns()) {
			out = append(out, strconv.Itoa(int(ordinals.Value(i)))+"|"+line)
		}
	}
	return sorted(out)
}

// distinctKeys are the different keys of rows, a NULL among them where there is one. Of int4 keys one is left out, and
// one that matches nothing and a NULL are put in.
func distinctKeys(t *testing.T, keyCols, cols []plan.Column, recs []arrow.RecordBatch) arrow.RecordBatch {
	t.Helper()
	values := make([][]any, len(keyCols))
	for i, c := range keyCols {
		values[i] = keysOf(c, cols, recs)
	}
	kept := make([][]any, len(keyCols))
	for row := range values[0] {
		known := false
		for k := range kept[0] {
			same := true
			for i, c := range keyCols {
				same = same && datum.Equal(c.Type, kept[i][k], values[i][row])
			}
			known = known || same
		}
		for i := range keyCols {
			if !known {
				kept[i] = append(kept[i], values[i][row])
			}
		}
	}
	if len(keyCols) == 1 && keyCols[0].Type.Kind == types.Int4 {
		kept[0] = append(kept[0], int64(1<<20), nil)
		if len(kept[0]) > 3 && kept[0][1] != nil {
			kept[0] = slices.Delete(kept[0], 1, 2)
		}
	}
	fields := make([]arrow.Field, len(keyCols))
	arrays := make([]arrow.Array, len(keyCols))
	for i, c := range keyCols {
		a, err := datum.ToArray(c.Type, kept[i])
		require.NoError(t, err)
		arrays[i], fields[i] = a, arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	return batch.NewRecord(arrow.NewSchema(fields, nil), arrays, len(kept[0]))
}

// dynamicFilters: what matches is never missing, whatever else comes; a filter that was given up lets everything pass.
func (s *suite) dynamicFilters(t *testing.T) {
	tried := 0
	n := s.scan(t, "every")
	rs := s.must(t, n)
	full := s.all(t, rs, 0, nil)
	for _, id := range rs.Inputs().Filters {
		at := slices.IndexFunc(n.Cols, func(c plan.Column) bool { return c.ID == id })
		if at < 0 {
			continue
		}
		tried++
		s.dynamicFilter(t, n, rs, full, n.Cols[at])
	}
	if tried == 0 {
		t.Log("dynamic filters are claimed, but not for the columns of this table")
	}
}

func (s *suite) dynamicFilter(t *testing.T, n *plan.Scan, rs plan.RemoteScan, full []arrow.RecordBatch, c plan.Column) {
	t.Helper()
	values := slices.DeleteFunc(keysOf(c, rs.Columns(), full), func(v any) bool { return v == nil })
	slices.SortFunc(values, func(a, b any) int { return datum.Compare(c.Type, a, b) })
	values = slices.CompactFunc(values, func(a, b any) bool { return datum.Equal(c.Type, a, b) })
	if len(values) == 0 {
		return
	}
	some := values[len(values)/3 : len(values)/3+1+len(values)/3]
	keys, err := datum.ToArray(c.Type, some)
	require.NoError(t, err)
	low, high := some[0], some[len(some)-1]
	inList := func(v any) bool {
		return v != nil && slices.ContainsFunc(some, func(k any) bool { return datum.Equal(c.Type, k, v) })
	}
	inBounds := func(v any) bool {
		return v != nil && datum.Compare(c.Type, v, low) >= 0 && datum.Compare(c.Type, v, high) <= 0
	}
	for _, f := range []struct {
		name string
		set  *eval.KeySet
		pass func(v any) bool
	}{
		{"values", &eval.KeySet{Values: keys, Min: low, Max: high}, inList},
		{"bounds", &eval.KeySet{Min: low, Max: high}, inBounds},
		{"empty", &eval.KeySet{Empty: true}, func(any) bool { return false }},
		{"given up", nil, func(any) bool { return true }},
	} {
		filter := eval.NewDynamicFilter(c.ID)
		filter.Publish(f.set)
		got := lines(rs.Columns(), s.all(t, rs, 0, &eval.Env{Filters: map[int]*eval.DynamicFilter{1: filter}}), n.Cols)
		have := map[string]int{}
		for _, l := range got {
			have[l]++
		}
		rows := lines(rs.Columns(), full, n.Cols)
		for i, v := range keysOf(c, rs.Columns(), full) {
			if f.pass(v) {
				require.Positive(t, have[rows[i]], "%s on %s lost %s", f.name, c.Name, rows[i])
			}
			have[rows[i]]--
		}
		for l, extra := range have {
			require.LessOrEqual(t, extra, 0, "%s on %s made up %s", f.name, c.Name, l)
		}
	}
	unpublished := eval.NewDynamicFilter(c.ID)
	got := s.all(t, rs, 0, &eval.Env{Filters: map[int]*eval.DynamicFilter{1: unpublished}})
	require.Equal(t, count(full), count(got), "a filter that was not published yet")
}
