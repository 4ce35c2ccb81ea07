package eval

import (
	"math/rand/v2"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

const benchRows = 8192

// benchInput is a batch of two columns of each of some types; nulls says that one row in ten is NULL.
func benchInput(b *testing.B, nulls bool, ts ...*types.Type) (arrow.RecordBatch, []InputColumn, []expr.Expr) {
	r := rand.New(rand.NewPCG(1, 2))
	var cols []arrow.Array
	var fields []arrow.Field
	var in []InputColumn
	var refs []expr.Expr
	words := []string{"AIR", "RAIL", "TRUCK", "MAIL", "SHIP", "FOB", "REG AIR"}
	for i, t := range ts {
		vals := make([]any, benchRows)
		for k := range vals {
			x := r.Int64N(10000)
			switch {
			case nulls && r.IntN(10) == 0:
				continue
			case t.Kind == types.Numeric:
				vals[k] = apd.New(x, -t.Scale)
			case t.Kind == types.Text:
				vals[k] = words[x%7]
			case t.Kind == types.Float8:
				vals[k] = float64(x)
			default:
				vals[k] = x
			}
		}
		a, err := datum.ToArray(t, vals)
		require.NoError(b, err)
		cols, fields = append(cols, a), append(fields, arrow.Field{Name: "c", Type: a.DataType(), Nullable: true})
		in = append(in, InputColumn{expr.ColumnID(i + 1), t})
		refs = append(refs, &expr.Column{ID: expr.ColumnID(i + 1), Typ: t})
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, benchRows), in, refs
}

func call2(id string, l, r expr.Expr) expr.Expr {
	f := expr.MustFunction(id)
	return &expr.Call{Fn: f, Args: []expr.Expr{l, r}, Typ: f.ResultType([]*types.Type{l.Type(), r.Type()})}
}

func constant(t *types.Type, d any) expr.Expr { return &expr.Const{Typ: t, Value: d} }

// number is a numeric literal.
func number(s string) expr.Expr {
	d, _, err := apd.NewFromString(s)
	if err != nil {
		panic(err)
	}
	return &expr.Const{Typ: expr.NumericTypeOf(d), Value: d}
}

// startRow measures the processor's time as well: on a shared machine the clock tells more of the neighbours.
func startRow() (report func(b *testing.B)) {
	start := cpuTime()
	return func(b *testing.B) {
		b.ReportMetric(float64(cpuTime()-start)/float64(b.N)/benchRows, "cpu-ns/row")
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
	}
}

func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func BenchmarkEval(b *testing.B) {
	money, i8, text, f8, date := types.NumericOf(15, 2), types.Int8T, types.TextT, types.Float8T, types.DateT
	for _, c := range []struct {
		name  string
		nulls bool
		ts    []*types.Type
		e     func(c []expr.Expr) expr.Expr
	}{
		{"int8<int8", false, []*types.Type{i8, i8}, func(c []expr.Expr) expr.Expr { return call2("int8lt", c[0], c[1]) }},
		{"int8<int8,nulls", true, []*types.Type{i8, i8}, func(c []expr.Expr) expr.Expr { return call2("int8lt", c[0], c[1]) }},
		{"int8<const", false, []*types.Type{i8}, func(c []expr.Expr) expr.Expr { return call2("int8lt", c[0], constant(i8, int64(5000))) }},
		{"date<=const", false, []*types.Type{date}, func(c []expr.Expr) expr.Expr { return call2("date_le", c[0], constant(date, int64(5000))) }},
		{"float8<float8", false, []*types.Type{f8, f8}, func(c []expr.Expr) expr.Expr { return call2("float8lt", c[0], c[1]) }},
		{"text=const", false, []*types.Type{text}, func(c []expr.Expr) expr.Expr { return call2("text_eq", c[0], constant(text, "MAIL")) }},
		{"text=text", false, []*types.Type{text, text}, func(c []expr.Expr) expr.Expr { return call2("text_eq", c[0], c[1]) }},
		{"int8+int8", false, []*types.Type{i8, i8}, func(c []expr.Expr) expr.Expr { return call2("int8pl", c[0], c[1]) }},
		{"int8*int8", false, []*types.Type{i8, i8}, func(c []expr.Expr) expr.Expr { return call2("int8mul", c[0], c[1]) }},
		{"float8*float8", false, []*types.Type{f8, f8}, func(c []expr.Expr) expr.Expr { return call2("float8mul", c[0], c[1]) }},
		{"price*discount", false, []*types.Type{money, money}, func(c []expr.Expr) expr.Expr { return call2("numeric_mul", c[0], c[1]) }},
		{"price*(1-discount)", false, []*types.Type{money, money}, func(c []expr.Expr) expr.Expr {
			return call2("numeric_mul", c[0], call2("numeric_sub", number("1"), c[1]))
		}},
		{"price*(1-discount)*(1+tax)", false, []*types.Type{money, money, money}, func(c []expr.Expr) expr.Expr {
			return call2("numeric_mul", call2("numeric_mul", c[0], call2("numeric_sub", number("1"), c[1])), call2("numeric_add", number("1"), c[2]))
		}},
		{"money/money", false, []*types.Type{money, money}, func(c []expr.Expr) expr.Expr {
			return call2("numeric_div", c[0], call2("numeric_add", number("1"), c[1]))
		}},
		{"text in 2", false, []*types.Type{text}, func(c []expr.Expr) expr.Expr {
			return &expr.In{Arg: c[0], List: []expr.Expr{constant(text, "MAIL"), constant(text, "SHIP")}}
		}},
		{"int8 in 100", false, []*types.Type{i8}, func(c []expr.Expr) expr.Expr {
			in := &expr.In{Arg: c[0]}
			for i := range 100 {
				in.List = append(in.List, constant(i8, int64(i*77)))
			}
			return in
		}},
		{"case", false, []*types.Type{i8, i8}, func(c []expr.Expr) expr.Expr {
			return &expr.Case{Whens: []expr.When{{Cond: call2("int8lt", c[0], constant(i8, int64(5000))), Then: c[1]}}, Else: constant(i8, int64(0)), Typ: i8}
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			rec, in, refs := benchInput(b, c.nulls, c.ts...)
			p, err := NewProjection([]expr.Expr{c.e(refs)}, in)
			require.NoError(b, err)
			ev := p.Open(nil)
			report := startRow()
			for b.Loop() {
				out, err := ev.Eval(rec)
				if err != nil {
					b.Fatal(err)
				}
				out[0].Release()
			}
			report(b)
		})
	}
}

// BenchmarkSelect is TPC-H query 6's condition.
func BenchmarkSelect(b *testing.B) {
	money, date := types.NumericOf(15, 2), types.DateT
	rec, in, c := benchInput(b, false, date, money, money)
	p, err := NewPredicate([]expr.Expr{
		call2("date_ge", c[0], constant(date, int64(3000))), call2("date_lt", c[0], constant(date, int64(6000))),
		call2("numeric_ge", c[1], number("30.00")), call2("numeric_le", c[1], number("60.5")), call2("numeric_lt", c[2], number("24")),
	}, in)
	require.NoError(b, err)
	s := p.Open(nil)
	var sel []int32
	report := startRow()
	for b.Loop() {
		if sel, err = s.Select(rec, sel); err != nil {
			b.Fatal(err)
		}
	}
	report(b)
}
