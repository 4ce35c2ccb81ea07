package eval

import (
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// The property: evaluating a batch gives each row what evaluating the row alone, with constants in the place of its
// columns, gives; and fails exactly when some row alone fails, with such a row's SQLSTATE. Batches are plain, sliced at an offset, and
// dictionary-encoded with entries that no row has.

// generator draws expressions over columns that it adds as it goes.
type generator struct {
	t    *rapid.T
	in   []InputColumn
	pool [][]any // per column: the values of the row patterns
	rows int     // row patterns
}

var columnTypes = []*types.Type{
	types.BoolT, types.Int2T, types.Int4T, types.Int8T, types.Float4T, types.Float8T, types.NumericT, types.NumericOf(10, 2),
	types.NumericOf(30, 4), types.TextT, types.BpcharT, types.DateT, types.TimestampT, types.IntervalT, types.UUIDT,
}

func (g *generator) value(t *types.Type) any {
	if rapid.IntRange(0, 4).Draw(g.t, "null") == 0 {
		return nil
	}
	for {
		s := rapid.SampledFrom(pools[t.Kind]).Draw(g.t, "value")
		if d, err := datum.Parse(t, s, nil); err == nil && (t.Precision == 0 || s != "NaN") {
			return d
		}
	}
}

func (g *generator) column(t *types.Type) expr.Expr {
	id := expr.ColumnID(len(g.in) + 1)
	vals := make([]any, g.rows)
	for i := range vals {
		vals[i] = g.value(t)
	}
	g.in, g.pool = append(g.in, InputColumn{id, t}), append(g.pool, vals)
	return &expr.Column{ID: id, Typ: t}
}

// expression draws an expression of a type (numeric: of any storage).
func (g *generator) expression(t *types.Type, depth int) expr.Expr {
	kind := rapid.IntRange(0, 9).Draw(g.t, "form")
	switch {
	case depth == 0 || kind < 2:
		if kind == 0 {
			return &expr.Const{Typ: t, Value: g.value(t)}
		}
		return g.column(t)
	case kind == 2:
		then, other := g.expression(t, depth-1), g.expression(t, depth-1)
		e := &expr.Case{Whens: []expr.When{{Cond: g.expression(types.BoolT, depth-1), Then: then}}, Else: other, Typ: t}
		if t.Kind == types.Numeric {
			e.Typ = expr.CommonNumeric(then.Type(), other.Type())
		}
		return e
	case kind == 3:
		args := []expr.Expr{g.expression(t, depth-1), g.expression(t, depth-1)}
		e := &expr.Coalesce{Args: args, Typ: t}
		if t.Kind == types.Numeric {
			e.Typ = expr.CommonNumeric(args[0].Type(), args[1].Type())
		}
		return e
	case t.Kind == types.Bool:
		return g.condition(depth, kind)
	}
	return g.call(t, depth)
}

func (g *generator) condition(depth, kind int) expr.Expr {
	t := rapid.SampledFrom(columnTypes).Draw(g.t, "type")
	switch kind {
	case 4:
		op := rapid.SampledFrom([]expr.LogicOp{expr.And, expr.Or}).Draw(g.t, "op")
		return &expr.Logic{Op: op, Args: []expr.Expr{
			g.expression(types.BoolT, depth-1), g.expression(types.BoolT, depth-1), g.expression(types.BoolT, depth-1),
		}}
	case 5:
		return &expr.Not{Arg: g.expression(types.BoolT, depth-1)}
	case 6:
		return &expr.IsNull{Arg: g.expression(t, depth-1), Negate: depth%2 == 0}
	case 7:
		return &expr.IsDistinct{Left: g.expression(t, depth-1), Right: g.expression(t, depth-1), Negate: depth%2 == 0}
	case 8:
		in := &expr.In{Arg: g.expression(t, depth-1), Negate: depth%2 == 0}
		for range rapid.IntRange(1, 12).Draw(g.t, "list") {
			in.List = append(in.List, &expr.Const{Typ: t, Value: g.value(t)})
		}
		if depth > 1 {
			in.List = append(in.List, g.expression(t, 0))
		}
		return in
	}
	if kind == 9 && depth%2 == 0 {
		return &expr.IsBool{Arg: g.expression(types.BoolT, depth-1), Value: true}
	}
	return g.call(types.BoolT, depth)
}

// callable are the functions that the generator calls, by the kind of their result.
var callable = func() map[types.Kind][]*expr.Function {
	out := map[types.Kind][]*expr.Function{}
	for _, f := range expr.AllFunctions() {
		drawable := func(t *types.Type) bool { return len(pools[t.Kind]) > 0 && !t.IsPseudo() }
		slow := f.ID == "factorial" || slices.ContainsFunc(f.Args, func(t *types.Type) bool { return t.Kind == types.Numeric }) &&
			(f.Name == "^" || f.Name == "power" || f.Name == "pow" || f.Name == "exp" || f.Name == "log")
		if f.Kind > expr.Operator || f.Variadic || f.Result == nil || f.Volatility != expr.Immutable || !Implemented(f.ID) || slow ||
			slices.ContainsFunc(f.Args, func(t *types.Type) bool { return !drawable(t) }) {
			continue
		}
		out[f.Result.Kind] = append(out[f.Result.Kind], f)
	}
	return out
}

func (g *generator) call(t *types.Type, depth int) expr.Expr {
	fs := callable()[t.Kind]
	if len(fs) == 0 {
		return g.column(t)
	}
	f := rapid.SampledFrom(fs).Draw(g.t, "function")
	e := &expr.Call{Fn: f}
	var ts []*types.Type
	for _, p := range f.Args {
		if p.Kind == types.Numeric && rapid.Bool().Draw(g.t, "fixed") {
			p = rapid.SampledFrom(fixedNumerics).Draw(g.t, "numeric")
		}
		a := g.expression(p, depth-1)
		e.Args, ts = append(e.Args, a), append(ts, a.Type())
	}
	e.Typ = f.ResultType(ts)
	return e
}

// alone is the answer of one row pattern.
func (g *generator) alone(e expr.Expr, row int) (any, error) {
	return Constant(expr.Rewrite(e, func(e expr.Expr) expr.Expr {
		if c, ok := e.(*expr.Column); ok {
			return &expr.Const{Typ: c.Typ, Value: g.pool[c.ID-1][row]}
		}
		return e
	}), &Env{})
}

// batch makes the record of n rows, whose i-th has pattern i mod the number of patterns.
func (g *generator) batch(n int) arrow.RecordBatch {
	cols, fields := make([]arrow.Array, len(g.in)), make([]arrow.Field, len(g.in))
	for c, in := range g.in {
		form := rapid.IntRange(0, 2).Draw(g.t, "layout")
		if len(pools[in.Type.Kind]) == 0 { // no dictionaries of arrays and rows
			form = min(form, 1)
		}
		offset := 0
		if form == 1 {
			offset = rapid.IntRange(1, 70).Draw(g.t, "offset")
		}
		vals := make([]any, 0, n+offset)
		for range offset {
			vals = append(vals, g.pool[c][len(g.pool[c])-1])
		}
		for i := range n {
			vals = append(vals, g.pool[c][i%g.rows])
		}
		if form == 2 {
			cols[c] = dictionaryOf(g.t, in.Type, vals)
		} else {
			arr, err := datum.ToArray(in.Type, vals)
			require.NoError(g.t, err)
			cols[c] = array.NewSlice(arr, int64(offset), int64(offset+n))
		}
		fields[c] = arrow.Field{Name: "c", Type: cols[c].DataType(), Nullable: true}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(n))
}

// dictionaryOf encodes vals over a dictionary that holds every value of the pool, NULL among them.
func dictionaryOf(t *rapid.T, typ *types.Type, vals []any) arrow.Array {
	var entries []any
	for _, s := range pools[typ.Kind] {
		if d, err := datum.Parse(typ, s, nil); err == nil && (typ.Precision == 0 || s != "NaN") {
			entries = append(entries, d)
		}
	}
	entries = append(entries, nil)
	dict, err := datum.ToArray(typ, entries)
	require.NoError(t, err)
	b := array.NewInt16Builder(memory.DefaultAllocator)
	for i, v := range vals {
		if v == nil && i%2 == 0 {
			b.AppendNull()
			continue
		}
		at := slices.IndexFunc(entries, func(d any) bool {
			return v == nil && d == nil || v != nil && d != nil && datum.Text(typ, d, nil) == datum.Text(typ, v, nil)
		})
		b.Append(int16(at))
	}
	return array.NewDictionaryArray(&arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int16, ValueType: typ.Arrow()}, b.NewArray(), dict)
}

func TestBatchesAnswerAsRowsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t, rows: rapid.IntRange(1, 9).Draw(t, "patterns")}
		typ := rapid.SampledFrom(columnTypes).Draw(t, "result")
		e := g.expression(typ, rapid.IntRange(1, 3).Draw(t, "depth"))
		g.column(types.Int4T)
		want, codes := make([]any, g.rows), map[string]bool{}
		for i := range want {
			v, err := g.alone(e, i)
			if err != nil {
				codes[sqlerr.Code(err)] = true
			}
			want[i] = v
		}
		p, err := NewProjection([]expr.Expr{e}, g.in)
		require.NoError(t, err)
		ev := p.Open(nil)
		for range 2 { // the scratch of one batch must not be seen in the next
			n := rapid.SampledFrom([]int{0, 1, 63, 64, 65, 130, 8192}).Draw(t, "rows")
			g.check(e, ev, n, want, codes)
		}
	})
}

func (g *generator) check(e expr.Expr, ev *Evaluator, n int, want []any, codes map[string]bool) {
	out, err := ev.Eval(g.batch(n))
	if err != nil {
		require.True(g.t, codes[sqlerr.Code(err)], "%v, rows alone: %v", err, codes)
		return
	}
	require.True(g.t, len(codes) == 0 || n < g.rows, "no error, rows alone: %v", codes)
	require.Equal(g.t, n, out[0].Len())
	for i := range n {
		w := want[i%g.rows]
		got := datumOf(g.t, e.Type(), out[0], i)
		require.Equal(g.t, datum.Text(e.Type(), w, nil), datum.Text(e.Type(), got, nil), "row %d of %d", i, n)
	}
}

// datumOf reads one value of a result, whose dictionary is kept when it is a bare column.
func datumOf(t *rapid.T, typ *types.Type, arr arrow.Array, i int) any {
	if arr.IsNull(i) {
		return nil
	}
	if d, ok := arr.(*array.Dictionary); ok {
		return datumOf(t, typ, d.Dictionary(), d.GetValueIndex(i))
	}
	require.True(t, arrow.TypeEqual(arr.DataType(), typ.Arrow()), "%s came as %s", typ, arr.DataType())
	return datum.FromArray(typ, arr, i)
}

func TestPredicatesSelectAsRowsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := &generator{t: t, rows: rapid.IntRange(1, 9).Draw(t, "patterns")}
		var conds []expr.Expr
		for range rapid.IntRange(0, 4).Draw(t, "conjuncts") {
			conds = append(conds, g.expression(types.BoolT, 2))
		}
		g.column(types.Int4T)
		pass, codes := make([]bool, g.rows), map[string]bool{}
		for i := range pass {
			pass[i] = true
			for _, c := range conds {
				v, err := g.alone(c, i)
				if err != nil {
					codes[sqlerr.Code(err)] = true
				}
				if pass[i] = err == nil && v == true; !pass[i] {
					break // later conjuncts do not see the row
				}
			}
		}
		p, err := NewPredicate(conds, g.in)
		require.NoError(t, err)
		s := p.Open(nil)
		n := rapid.SampledFrom([]int{0, 1, 63, 64, 65, 130, 8192}).Draw(t, "rows")
		got, err := s.Select(g.batch(n), nil)
		if err != nil {
			require.True(t, codes[sqlerr.Code(err)], "%v, rows alone: %v", err, codes)
			return
		}
		require.True(t, len(codes) == 0 || n < g.rows, "no error, rows alone: %v", codes)
		want := []int32{}
		for i := range n {
			if pass[i%g.rows] {
				want = append(want, int32(i))
			}
		}
		require.Equal(t, want, append([]int32{}, got...))
	})
}
