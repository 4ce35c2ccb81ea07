package parquet

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// write makes a file of rows with parquet-go, in row groups of three rows.
func write[T any](t require.TestingT, path string, rows ...T) {
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.Create(path)
	require.NoError(t, err)
	w := parquet.NewGenericWriter[T](f, parquet.MaxRowsPerRowGroup(3))
	_, err = w.Write(rows)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	require.NoError(t, f.Close())
}

type narrow struct {
	ID   int32   `parquet:"id"`
	Name *string `parquet:"name,optional"`
}

type wide struct {
	Extra float64 `parquet:"extra"`
	ID    int64   `parquet:"id"`
}

func ptr[T any](v T) *T { return &v }

func tableNames(t *testing.T, s *Source) []string {
	found, err := s.Discover(context.Background(), sources.Pattern{NamesOnly: true})
	require.NoError(t, err)
	var names []string
	for _, f := range found {
		names = append(names, f.TableName)
	}
	return names
}

func TestTablesBelowAPath(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	write(t, filepath.Join(dir, "one.parquet"), narrow{ID: 1})
	write(t, filepath.Join(dir, "many", "x", "a.parquet"), narrow{ID: 1})
	write(t, filepath.Join(dir, "many", "b.parquet"), narrow{ID: 2})
	write(t, filepath.Join(dir, "_hidden", "b.parquet"), narrow{ID: 2})
	write(t, filepath.Join(outside, "secret.parquet"), narrow{ID: 3})
	require.NoError(t, os.Mkdir(filepath.Join(dir, "empty"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "readme.txt"), []byte("x"), 0o600))
	require.NoError(t, os.Symlink(filepath.Join(outside, "secret.parquet"), filepath.Join(dir, "leak.parquet")))
	require.NoError(t, os.Symlink("one.parquet", filepath.Join(dir, "alias.parquet")))
	require.Equal(t, []string{"alias", "many", "one"}, tableNames(t, openSource(t, dir)))
	require.Equal(t, []string{"one"}, tableNames(t, openSource(t, filepath.Join(dir, "one.parquet"))))
	require.Equal(t, []string{"b"}, tableNames(t, openSource(t, filepath.Join(dir, "m*", "b.parquet"))))

	// A link out of the folder inside of a table would lose rows silently: it is an error.
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "many", "link")))
	_, err := openSource(t, dir).Discover(context.Background(), sources.Pattern{Table: "many"})
	require.Equal(t, sqlerr.IOError, sqlerr.Code(err))
	_, err = openSource(t, filepath.Join(dir, "none")).Discover(context.Background(), sources.Pattern{})
	require.Equal(t, sqlerr.UndefinedFile, sqlerr.Code(err))
	_, err = Open(context.Background(), sources.Config{Options: map[string]string{"path": dir, "pth": "x"}})
	require.Equal(t, "HV00D", sqlerr.Code(err))
	require.Contains(t, hint(err), "did you mean path?")
}

func TestFilesOfOneTable(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "t", "day=2020-01-02", "n=7", "a.parquet"), narrow{ID: 1, Name: ptr("x")}, narrow{ID: 2})
	write(t, filepath.Join(dir, "t", "day=2020-01-03", "n=__HIVE_DEFAULT_PARTITION__", "b.parquet"), wide{ID: 1 << 40, Extra: 1.5})
	s := openSource(t, dir)
	tab := discover(t, s, "t")
	var got []string
	for _, c := range tab.Cols {
		got = append(got, fmt.Sprintf("%s %s %v", c.Name, c.Type, c.Nullable))
	}
	require.Equal(t, []string{"id bigint false", "name text true", "extra double precision true", "day date false", "n bigint true"}, got)
	require.Equal(t, []any{int64(1), int64(1 << 40)}, []any{tab.Cols[0].Min, tab.Cols[0].Max})
	require.Equal(t, 3.0, tab.Rows())
	recs, _, err := readAll(t, s, scanOf(tab), 1, 0)
	require.NoError(t, err)
	require.Equal(t, [][]string{
		{"1", "x", "(null)", "2020-01-02", "7"},
		{"2", "(null)", "(null)", "2020-01-02", "7"},
		{"1099511627776", "(null)", "1.5", "2020-01-03", "(null)"},
	}, texts(recs))

	type text struct {
		ID string `parquet:"id"`
	}
	write(t, filepath.Join(dir, "t", "day=2020-01-03", "n=8", "c.parquet"), text{ID: "x"})
	_, err = s.Discover(context.Background(), sources.Pattern{Table: "t"})
	require.Equal(t, sqlerr.FDWSchemaMismatch, sqlerr.Code(err))
	require.ErrorContains(t, err, "a.parquet")
	require.ErrorContains(t, err, "c.parquet")
}

func TestReplacedFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.parquet")
	write(t, path, narrow{ID: 1})
	s := openSource(t, dir)
	tab := discover(t, s, "t")
	need := sources.Need{Tables: []plan.TableRef{tab}}
	snap, err := s.Begin(context.Background(), sources.Identity{}, need)
	require.NoError(t, err)
	defer snap.Close()
	// Another file takes its place, as writers do it: the statement goes on with the old one, the next must replan.
	write(t, filepath.Join(dir, "new"), narrow{ID: 2}, narrow{ID: 3})
	require.NoError(t, os.Rename(filepath.Join(dir, "new"), path))
	rs, err := s.Plan(plan.Fragment{Root: scanOf(tab, "id")})
	require.NoError(t, err)
	l, err := snap.Lane(context.Background(), false)
	require.NoError(t, err)
	q, err := l.Splits(context.Background(), rs, nil)
	require.NoError(t, err)
	recs, err := drain(context.Background(), l, rs, q, nil)
	require.NoError(t, err)
	require.Equal(t, [][]string{{"1"}}, texts(recs))
	var stale *sources.Stale
	_, err = s.Begin(context.Background(), sources.Identity{}, need)
	require.ErrorAs(t, err, &stale)
	require.NoError(t, os.Chtimes(path, time.Now(), time.Now().Add(time.Hour)))
}

func TestBrokenFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.parquet")
	write(t, path, narrow{ID: 1, Name: ptr("x")}, narrow{ID: 2}, narrow{ID: 3}, narrow{ID: 4, Name: ptr("y")})
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, cut := range []int{0, 3, 11, len(whole) / 2, len(whole) - 1} {
		require.NoError(t, os.WriteFile(path, whole[:cut], 0o600))
		_, err := openSource(t, dir).Discover(context.Background(), sources.Pattern{Table: "t"})
		require.Equal(t, sqlerr.DataCorrupted, sqlerr.Code(err), cut)
		require.ErrorContains(t, err, "t.parquet")
	}
	write(t, filepath.Join(dir, "good.parquet"), narrow{ID: 1})
	found, err := openSource(t, dir).Discover(context.Background(), sources.Pattern{})
	require.NoError(t, err)
	require.Len(t, found, 1)
	rapid.Check(t, func(t *rapid.T) { // whatever bytes change, there is an answer or an error with a SQLSTATE
		broken := bytes.Clone(whole)
		for range rapid.IntRange(1, 4).Draw(t, "changes") {
			broken[rapid.IntRange(0, len(whole)-1).Draw(t, "at")] ^= byte(rapid.IntRange(1, 255).Draw(t, "bits"))
		}
		require.NoError(t, os.WriteFile(path, broken, 0o600))
		s := openSource(t, dir)
		found, err := s.Discover(context.Background(), sources.Pattern{Table: "t"})
		if err == nil && len(found) == 1 {
			_, _, err = readAll(t, s, scanOf(found[0]), 1, 0)
		}
		if err != nil {
			require.NotEmpty(t, sqlerr.Code(err), err)
		}
	})
}

type values struct {
	I *int64   `parquet:"i,optional"`
	F *float64 `parquet:"f,optional"`
	S *string  `parquet:"s,optional"`
}

// TestPruningKeepsEveryMatch compares what pruned scans yield, filtered again here, with the filter over all rows.
func TestPruningKeepsEveryMatch(t *testing.T) {
	ints := []*int64{nil, ptr(int64(math.MinInt64)), ptr(int64(-1)), ptr(int64(0)), ptr(int64(1)), ptr(int64(math.MaxInt64))}
	floats := []*float64{nil, ptr(math.NaN()), ptr(math.Inf(-1)), ptr(-0.5), ptr(0.0), ptr(math.Copysign(0, -1)), ptr(math.Inf(1))}
	strs := []*string{nil, ptr(""), ptr("a"), ptr("ab"), ptr("ab\xf4\x8f\xbf\xbf"), ptr("b"), ptr("ü")}
	ops := map[string]func(c int) bool{
		"=": func(c int) bool { return c == 0 }, "<": func(c int) bool { return c < 0 },
		"<=": func(c int) bool { return c <= 0 }, ">": func(c int) bool { return c > 0 }, ">=": func(c int) bool { return c >= 0 },
	}
	names := []string{"=", "<", "<=", ">", ">="}
	dir := t.TempDir()
	prunedOnce := false
	rapid.Check(t, func(t *rapid.T) {
		rows := make([]values, rapid.IntRange(1, 12).Draw(t, "rows"))
		for i := range rows {
			rows[i] = values{rapid.SampledFrom(ints).Draw(t, "i"), rapid.SampledFrom(floats).Draw(t, "f"), rapid.SampledFrom(strs).Draw(t, "s")}
		}
		path := filepath.Join(dir, "t.parquet")
		write(t, path, rows...)
		s := openSource(t, path)
		tab := discover(t, s, "t")
		col := rapid.IntRange(0, 2).Draw(t, "column")
		op := rapid.SampledFrom(names).Draw(t, "op")
		constant := &expr.Const{Typ: tab.Cols[col].Type}
		match := func(values) bool { return false }
		switch col {
		case 0:
			v := *rapid.SampledFrom(ints[1:]).Draw(t, "value")
			constant.Value = v
			match = func(r values) bool { return r.I != nil && ops[op](order(*r.I, v)) }
		case 1:
			v := *rapid.SampledFrom(floats[1:]).Draw(t, "value")
			constant.Value = v
			match = func(r values) bool { return r.F != nil && ops[op](compareFloats(*r.F, v)) }
		case 2:
			v := *rapid.SampledFrom(strs[1:]).Draw(t, "value")
			constant.Value = v
			match = func(r values) bool { return r.S != nil && ops[op](bytes.Compare([]byte(*r.S), []byte(v))) }
		}
		n := scanOf(tab)
		cond := &expr.Call{Fn: operator(op, constant.Typ), Args: []expr.Expr{n.Cols[col].Ref(), constant}, Typ: types.BoolT}
		recs, stats, err := readAll(t, s, &plan.Filter{Input: n, Conds: []expr.Expr{cond}}, 1, 0)
		require.NoError(t, err)
		prunedOnce = prunedOnce || stats.Pruned.Load() > 0
		got := texts(recs)
		all, _, err := readAll(t, s, n, 1, 0)
		require.NoError(t, err)
		for i, row := range texts(all) {
			if match(rows[i]) {
				require.True(t, slices.ContainsFunc(got, func(g []string) bool { return slices.Equal(g, row) }), "row %v %s %v", row, op, constant.Value)
			}
		}
	})
	require.True(t, prunedOnce)
}

// operator is the comparison of two values of one type.
func operator(symbol string, t *types.Type) *expr.Function {
	for _, f := range expr.Operators(symbol) {
		if len(f.Args) == 2 && types.Same(f.Args[0], t) && types.Same(f.Args[1], t) {
			return f
		}
	}
	return nil
}

// compareFloats orders as PostgreSQL does: NaN is greatest and equal to itself.
func compareFloats(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b):
		return 0
	case math.IsNaN(a):
		return 1
	case math.IsNaN(b):
		return -1
	}
	return order(a, b)
}

func TestFoldersArePruned(t *testing.T) {
	dir := t.TempDir()
	for d := range 9 {
		write(t, filepath.Join(dir, "t", fmt.Sprintf("d=%d", d), "a.parquet"), narrow{ID: int32(d)})
	}
	s := openSource(t, dir)
	n := scanOf(discover(t, s, "t"))
	d := n.Cols[2].Ref()
	in := &expr.In{Arg: d, List: []expr.Expr{&expr.Const{Typ: types.Int8T, Value: int64(3)}, &expr.Const{Typ: types.Int8T, Value: int64(5)}, &expr.Const{Typ: types.Int8T}}}
	recs, stats, err := readAll(t, s, &plan.Filter{Input: n, Conds: []expr.Expr{in}}, 2, 0)
	require.NoError(t, err)
	require.EqualValues(t, 7, stats.Pruned.Load())
	require.Len(t, texts(recs), 2)
	null := &expr.IsNull{Arg: d}
	_, stats, err = readAll(t, s, &plan.Filter{Input: n, Conds: []expr.Expr{null}}, 1, 0)
	require.NoError(t, err)
	require.EqualValues(t, 9, stats.Pruned.Load())
}
