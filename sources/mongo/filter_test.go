package mongo

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

func operator(name string, left, right expr.Expr) expr.Expr {
	f := &expr.Function{
		ID: name, Name: name, Kind: expr.Operator, Args: []*types.Type{left.Type(), right.Type()}, Result: types.BoolT, Strict: true,
	}
	return &expr.Call{Fn: f, Args: []expr.Expr{left, right}, Typ: types.BoolT}
}

func constant(t *types.Type, v any) expr.Expr { return &expr.Const{Typ: t, Value: v} }

// truth is SQL's three-valued logic: 1, 0, -1 for NULL.
type truth int

func (t truth) not() truth {
	if t < 0 {
		return t
	}
	return 1 - t
}

// reference evaluates conditions over one row, independently of what is sent to a server.
type reference struct {
	row    map[expr.ColumnID]any
	params []any
}

func (r reference) value(e expr.Expr) any {
	switch e := e.(type) {
	case *expr.Const:
		return e.Value
	case *expr.Param:
		return r.params[e.Index-1]
	case *expr.Column:
		return r.row[e.ID]
	case *expr.Cast:
		return r.value(e.Arg)
	case *expr.Field:
		if kids, ok := r.value(e.Arg).([]any); ok {
			return kids[e.Index]
		}
	}
	return nil
}

func (r reference) truth(e expr.Expr) truth {
	switch e := e.(type) {
	case *expr.Logic:
		out := truth(1)
		for _, a := range e.Args {
			t := r.truth(a)
			if e.Op == expr.Or {
				t = t.not()
			}
			if t == 0 || out == 0 {
				out = 0
			} else if t < 0 {
				out = -1
			}
		}
		if e.Op == expr.Or {
			return out.not()
		}
		return out
	case *expr.Not:
		return r.truth(e.Arg).not()
	case *expr.IsNull:
		if (r.value(e.Arg) == nil) != e.Negate {
			return 1
		}
		return 0
	case *expr.In:
		out := truth(0)
		for _, v := range e.List {
			out = max(out, 0, r.compare("=", e.Arg, v))
			if r.compare("=", e.Arg, v) < 0 && out != 1 {
				out = -1
				break
			}
		}
		for _, v := range e.List {
			if r.compare("=", e.Arg, v) == 1 {
				out = 1
			}
		}
		if e.Negate {
			return out.not()
		}
		return out
	case *expr.Call:
		return r.compare(e.Fn.Name, e.Args[0], e.Args[1])
	}
	switch r.value(e) {
	case true:
		return 1
	case false:
		return 0
	}
	return -1
}

func (r reference) compare(op string, left, right expr.Expr) truth {
	a, b := r.value(left), r.value(right)
	if a == nil || b == nil {
		return -1
	}
	if op == "~~" {
		prefix, rest := likePrefix(b.(string))
		s := a.(string)
		return truth(btoi(len(s) >= len(prefix) && s[:len(prefix)] == prefix && (rest != "" || len(s) == len(prefix))))
	}
	c := order(a, b)
	return truth(btoi(map[string]bool{"=": c == 0, "<>": c != 0, "<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]))
}

func order(a, b any) int {
	switch a := a.(type) {
	case string:
		return cmp.Compare(a, b.(string))
	case bool:
		return btoi(a) - btoi(b.(bool))
	case [16]byte:
		bb := b.([16]byte)
		return slices.Compare(a[:], bb[:])
	}
	return num(a).Cmp(num(b))
}

func num(v any) numeric.Num {
	switch v := v.(type) {
	case int64:
		return numeric.FromInt64(v, 0)
	case float64:
		return floatNum(v)
	case *apd.Decimal:
		return numeric.FromApd(v)
	}
	return v.(numeric.Num)
}

// datumAt is a value of a batch.
func datumAt(a arrow.Array, i int, t *types.Type) any {
	if a.IsNull(i) {
		return nil
	}
	switch a := a.(type) {
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	case *array.Timestamp:
		return int64(a.Value(i))
	case *array.Float64:
		return a.Value(i)
	case *array.Boolean:
		return a.Value(i)
	case *array.String:
		return a.Value(i)
	case *array.Binary:
		return numeric.Decode(a.Value(i))
	case *array.FixedSizeBinary:
		return [16]byte(a.Value(i))
	case *array.Struct:
		out := make([]any, a.NumField())
		for k := range out {
			out[k] = datumAt(a.Field(k), i, t.Fields[k].Type)
		}
		return out
	}
	return a.ValueStr(i)
}

// passing are the _ids of the scan's rows for which conds are true.
func (b *testbed) passing(scan *Scan, conds []expr.Expr, params []any) ([]string, error) {
	ctx := b.t.Context()
	env := &sources.Env{Env: &eval.Env{Params: params}, BatchRows: 7}
	snap, err := b.source.Begin(ctx, sources.Identity{}, sources.Need{Lanes: 1, Tables: scan.Tables()})
	require.NoError(b.t, err)
	defer func() { require.NoError(b.t, snap.Close()) }()
	lane, err := snap.Lane(ctx, false)
	require.NoError(b.t, err)
	r, err := lane.Open(ctx, scan, whole{}, env)
	if err != nil {
		return nil, err
	}
	defer func() { require.NoError(b.t, r.Close()) }()
	var out []string
	for {
		rec, err := r.Next(ctx)
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return nil, err
			}
			slices.Sort(out)
			return out, nil
		}
		for i := range int(rec.NumRows()) {
			ref := reference{row: map[expr.ColumnID]any{}, params: params}
			for j, c := range scan.cols {
				ref.row[c.ID] = datumAt(rec.Column(j), i, c.Type)
			}
			keep := true
			for _, c := range conds {
				keep = keep && ref.truth(c) == 1
			}
			if keep {
				out = append(out, rec.Column(0).ValueStr(i))
			}
		}
	}
}

var (
	ids   = []bson.ObjectID{{0}, {0x50, 0xff}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {0xab, 0xcd}}
	texts = []string{"", " ", "a", "a ", "ab", "a.b", "A", "é", "z", "\U0010ffff", "a%", "a_", "^a", "日本", "a\nb"}
	// adversarial values by column; the columns of the table of the tests.
	adversarial = map[string][]any{
		"i":   {int32(0), int32(-5), int32(7), int64(7), 7.0, dec("7.0"), int32(math.MaxInt32), int32(math.MinInt32)},
		"f":   {0.0, math.Copysign(0, -1), 1.5, math.NaN(), math.Inf(1), math.Inf(-1), int32(1), int64(3), -2.5},
		"n":   {dec("0.1"), dec("-0"), dec("1.50"), dec("NaN"), dec("Infinity"), dec("-Infinity"), int32(2), 0.5, dec("1E+30")},
		"s":   {texts[0], texts[1], texts[2], texts[3], texts[4], texts[5], texts[6], texts[7], texts[8], texts[9], texts[10], texts[14]},
		"b":   {true, false},
		"t":   {bson.DateTime(0), bson.DateTime(-1), bson.DateTime(1700000000123)},
		"o":   {ids[0], ids[1], ids[2], ids[3]},
		"u":   {bson.Binary{Subtype: 4, Data: make([]byte, 16)}, bson.Binary{Subtype: 4, Data: []byte("0123456789abcdef")}},
		"j":   {bson.A{nil}, bson.A{}, "x", int32(1), bson.D{}},
		"arr": {bson.A{nil, "x"}, bson.A{}, bson.A{"y"}},
		"d":   {bson.D{{Key: "x", Value: int32(1)}}, bson.D{{Key: "x", Value: nil}}, bson.D{}, bson.D{{Key: "x", Value: int32(9)}}},
	}
	columnTypes = map[string]string{
		"i": "integer", "f": "double precision", "n": "numeric", "s": "text", "b": "boolean", "t": "timestamptz", "o": "text",
		"u": "uuid", "j": "json", "arr": "text[]",
	}
	names = []string{"i", "f", "n", "s", "b", "t", "o", "u", "j", "arr", "d"}
	// strangers are of types that the columns do not hold.
	strangers = []any{"stranger", bson.A{int32(7), "a", nil}, bson.D{{Key: "y", Value: 1}}, true, int32(7), bson.DateTime(5), bson.MaxKey{}, 2.25}
)

// declare gives the table's columns their types; like, if not nil, is a table whose columns are declared as a whole.
func declare(b *testbed, name, mode string, like *sources.Table) *sources.Table {
	options := map[string]map[string]string{}
	for c, t := range columnTypes {
		options[c] = map[string]string{"type": t, "on_mismatch": mode}
	}
	options["o"]["bson"] = "objectId"
	options["d"] = map[string]string{"on_mismatch": mode}
	declared := b.options(name, options)
	if like != nil {
		declared.Cols = like.Cols
	}
	return b.table(name, declared)
}

// fill inserts documents with adversarial values, NULLs and missing fields; every other of them, when mixed, with a
// stranger. It begins with one that shows every column.
func fill(b *testbed, name string, mixed bool) {
	docs := []any{}
	for k := range 60 {
		doc := bson.D{{Key: "_id", Value: int32(k)}}
		for c, n := range names {
			v := adversarial[n][(k*(c+3)+k/7)%len(adversarial[n])]
			switch {
			case k > 0 && (k+c)%6 == 1:
				continue
			case k > 0 && (k+c)%6 == 2:
				v = nil
			case mixed && k > 0 && (k*5+c)%9 == 3:
				v = strangers[(k+c)%len(strangers)]
			}
			doc = append(doc, bson.E{Key: n, Value: v})
		}
		docs = append(docs, doc)
	}
	b.insert(name, docs...)
}

// condition draws a condition over the table.
func drawCondition(t *rapid.T, table *sources.Table, depth int) expr.Expr {
	kind := rapid.IntRange(0, 9).Draw(t, "kind")
	if depth > 0 && kind < 4 {
		args := make([]expr.Expr, rapid.IntRange(2, 3).Draw(t, "arms"))
		for i := range args {
			args[i] = drawCondition(t, table, depth-1)
		}
		switch kind {
		case 0, 1:
			return &expr.Logic{Op: expr.LogicOp(kind), Args: args}
		case 2:
			return &expr.Not{Arg: args[0]}
		}
	}
	name := rapid.SampledFrom(names).Draw(t, "column")
	var arg expr.Expr = col(table, name)
	if kind == 4 && name != "d" {
		return &expr.IsNull{Arg: arg, Negate: rapid.Bool().Draw(t, "not")}
	}
	if name == "d" {
		i := slices.IndexFunc(arg.Type().Fields, func(f types.Field) bool { return f.Name == "x" })
		arg = &expr.Field{Arg: arg, Index: i}
	}
	if name == "j" || name == "arr" {
		return &expr.IsNull{Arg: arg, Negate: rapid.Bool().Draw(t, "not")}
	}
	if kind == 5 {
		list := make([]expr.Expr, rapid.IntRange(1, 3).Draw(t, "values"))
		for i := range list {
			list[i] = drawValue(t, arg.Type(), name)
		}
		return &expr.In{Arg: arg, List: list, Negate: rapid.Bool().Draw(t, "not")}
	}
	if kind == 6 && name == "s" {
		return operator("~~", arg, constant(types.TextT, rapid.SampledFrom([]string{"a%", "%", "a", "", "\\%", "a\\_%", "\U0010ffff%", "é%", "z%%"}).Draw(t, "pattern")))
	}
	ops := []string{"=", "<>", "<", "<=", ">", ">="}
	if name == "b" || name == "u" {
		ops = ops[:2]
	}
	op, value := rapid.SampledFrom(ops).Draw(t, "op"), drawValue(t, arg.Type(), name)
	if rapid.Bool().Draw(t, "flip") {
		return operator(op, value, arg)
	}
	return operator(op, arg, value)
}

func drawValue(t *rapid.T, typ *types.Type, name string) expr.Expr {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return constant(typ, nil)
	}
	switch typ.Kind {
	case types.Int4:
		return constant(types.Int8T, rapid.SampledFrom([]int64{0, 7, -5, 1, 9, math.MaxInt32, math.MaxInt64}).Draw(t, "int"))
	case types.Float8:
		return constant(typ, rapid.SampledFrom([]float64{0, 1.5, -2.5, math.NaN(), math.Inf(1), math.Inf(-1), 3}).Draw(t, "float"))
	case types.Numeric:
		d, _, err := apd.NewFromString(rapid.SampledFrom([]string{"0.1", "0", "1.5", "NaN", "Infinity", "2", "12345678901234567890123456789012345678"}).Draw(t, "numeric"))
		if err != nil {
			panic(err)
		}
		return constant(typ, d)
	case types.Bool:
		return constant(typ, rapid.Bool().Draw(t, "bool"))
	case types.TimestampTZ:
		return constant(typ, rapid.SampledFrom([]int64{0, -1000, -1500, 1700000000123000, 1700000000123001, math.MaxInt64, math.MinInt64}).Draw(t, "time"))
	case types.UUID:
		return constant(typ, rapid.SampledFrom([][16]byte{{}, [16]byte([]byte("0123456789abcdef"))}).Draw(t, "uuid"))
	}
	if name == "o" {
		return constant(typ, rapid.SampledFrom([]string{
			ids[1].Hex(), ids[2].Hex(), "", "5", "50fg", "zz", "ABCD", ids[3].Hex() + "0", ids[2].Hex() + "0", "/", "ab:", "50ff00000000000000000000 ",
		}).Draw(t, "hex"))
	}
	return constant(typ, rapid.SampledFrom(texts).Draw(t, "text"))
}

// TestFiltersAnswerAsTheEngineWould sends random filters and compares with their evaluation here over all documents:
// where every value fits its column, and where values that do not fit are NULL.
func TestFiltersAnswerAsTheEngineWould(t *testing.T) {
	b := newTestbed(t, nil)
	fill(b, "clean", false)
	fill(b, "mixed", true)
	clean := declare(b, "clean", "error", nil)
	tables := map[string]*sources.Table{"clean": clean, "mixed": declare(b, "mixed", "null", clean)}
	pushed := 0
	rapid.Check(t, func(rt *rapid.T) {
		table := tables[rapid.SampledFrom([]string{"clean", "mixed"}).Draw(rt, "table")]
		scan := scanOf(table)
		all, err := b.source.Plan(plan.Fragment{Root: scan})
		require.NoError(rt, err)
		conds := []expr.Expr{drawCondition(rt, table, 2), drawCondition(rt, table, 1)}
		remote, err := b.source.Plan(plan.Fragment{Root: &plan.Filter{Input: scan, Conds: conds}})
		if err != nil {
			require.IsType(rt, &sources.Refused{}, err)
			rt.Skip(err)
		}
		pushed++
		want, err := b.passing(all.(*Scan), conds, nil)
		require.NoError(rt, err)
		got, err := b.passing(remote.(*Scan), remote.Residual(), nil)
		require.NoError(rt, err)
		require.Equal(rt, want, got, remote.Text())
	})
	require.Greater(t, pushed, 30)
}

// TestNoFilterHidesAMismatch: a document whose value is of another type than its column raises its error whatever the
// filter on that column, even when the column is not wanted.
func TestNoFilterHidesAMismatch(t *testing.T) {
	b := newTestbed(t, nil)
	for i, stranger := range []any{"x", bson.A{int32(1)}, bson.D{}, true, bson.DateTime(1), bson.MinKey{}} {
		name := fmt.Sprintf("c%d", i)
		b.insert(name, bson.D{{Key: "_id", Value: 1}, {Key: "v", Value: int32(1)}}, bson.D{{Key: "_id", Value: "two"}, {Key: "v", Value: stranger}})
		options := map[string]map[string]string{"v": {"type": "integer"}, "_id": {"type": "json"}}
		table := b.table(name, b.options(name, options))
		v := col(table, "v")
		for _, cond := range []expr.Expr{
			operator("=", v, constant(types.Int4T, int64(1))), operator("<>", v, constant(types.Int4T, int64(1))),
			operator(">", v, constant(types.Int4T, int64(5))), &expr.IsNull{Arg: v}, &expr.IsNull{Arg: v, Negate: true},
			&expr.In{Arg: v, List: []expr.Expr{constant(types.Int4T, int64(8))}},
			&expr.In{Arg: v, List: []expr.Expr{constant(types.Int4T, int64(8))}, Negate: true},
		} {
			_, scan, err := b.read(&plan.Filter{Input: scanOf(table, "_id"), Conds: []expr.Expr{cond}})
			if scan == nil {
				// The filter's column is read by the scan, but not wanted above it.
				wide := scanOf(table, "_id", "v")
				project := &plan.Project{
					Input: &plan.Filter{Input: wide, Conds: []expr.Expr{cond}},
					Items: []plan.Item{{Column: wide.Cols[0], Expr: wide.Cols[0].Ref()}},
				}
				_, scan, err = b.read(project)
			}
			require.True(t, sqlerr.Is(err, sqlerr.FDWSchemaMismatch), "%v: %v", stranger, err)
			require.Contains(t, err.Error(), `_id "two"`)
			require.Len(t, scan.cols, 1)
		}
	}
}

func TestMismatchModes(t *testing.T) {
	b := newTestbed(t, nil)
	b.insert("payment", bson.D{{Key: "_id", Value: int32(1)}, {Key: "amount", Value: int32(5)}},
		bson.D{{Key: "_id", Value: int32(2)}, {Key: "amount", Value: "7 €"}})
	declared := func(options map[string]string) *sources.Table {
		return b.options("payment", map[string]map[string]string{"amount": options})
	}
	table := b.table("payment", declared(map[string]string{"type": "integer"}))
	_, _, err := b.read(scanOf(table, "amount"))
	var e *sqlerr.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, sqlerr.FDWSchemaMismatch, e.Code)
	require.Equal(t, "pay", e.Source)
	require.Equal(t, "collection "+b.database+".payment: field amount of the document with _id 2 is a value of BSON type string; "+
		"the column is integer", e.Message)
	require.Contains(t, e.Hint, "ALTER FOREIGN TABLE pay."+b.database+".payment ALTER COLUMN amount TYPE json")
	require.Contains(t, e.Hint, "OPTIONS (ADD on_mismatch 'null')")

	table = b.table("payment", declared(map[string]string{"type": "integer", "on_mismatch": "null"}))
	rows, _, err := b.read(scanOf(table, "amount"))
	require.NoError(t, err)
	require.ElementsMatch(t, [][]string{{"5"}, {"(null)"}}, rows)

	table = b.table("payment", declared(map[string]string{"type": "integer", "on_mismatch": "json"}))
	rows, _, err = b.read(scanOf(table, "amount"))
	require.NoError(t, err)
	require.ElementsMatch(t, [][]string{{"5"}, {`"7 €"`}}, rows)
}

func TestLimits(t *testing.T) {
	b := newTestbed(t, nil)
	for k := range 30 {
		b.insert("c", bson.D{{Key: "_id", Value: int32(k)}, {Key: "n", Value: dec("1")}})
	}
	table := b.table("c")
	count := func(n int, limit *plan.Limit, params ...any) {
		t.Helper()
		rows, scan, err := b.read(limit, params...)
		require.NoError(t, err)
		require.Len(t, rows, n)
		require.NotNil(t, scan.limit)
	}
	id := col(table, "_id")
	exact := &plan.Filter{Input: scanOf(table), Conds: []expr.Expr{operator(">=", id, constant(types.Int4T, int64(10)))}}
	i8 := func(n int64) expr.Expr { return constant(types.Int8T, n) }
	count(5, &plan.Limit{Input: exact, Count: i8(5)})
	count(0, &plan.Limit{Input: exact, Count: i8(0)})
	count(3, &plan.Limit{Input: exact, Count: i8(5), Offset: i8(17)})
	count(20, &plan.Limit{Input: exact, Count: constant(types.Int8T, nil)})
	count(4, &plan.Limit{Input: exact, Count: &expr.Param{Index: 1, Typ: types.Int8T}}, int64(4))
	_, _, err := b.read(&plan.Limit{Input: exact, Count: &expr.Param{Index: 1, Typ: types.Int8T}}, int64(-1))
	require.True(t, sqlerr.Is(err, sqlerr.InvalidLimit), err)

	n := col(table, "n")
	inexact := &plan.Filter{Input: scanOf(table), Conds: []expr.Expr{operator("=", n, constant(types.NumericT, apd.New(1, 0)))}}
	for _, refused := range []plan.Node{
		&plan.Limit{Input: inexact, Count: i8(5)},
		&plan.Filter{Input: &plan.Limit{Input: scanOf(table), Count: i8(5)}, Conds: exact.Conds},
		&plan.Limit{Input: exact, Count: i8(5), Keys: []plan.SortKey{{Expr: id}}},
		&plan.Sort{Input: exact, Keys: []plan.SortKey{{Expr: id}}},
		&plan.Aggregate{Input: exact},
		&plan.SecurityBarrier{Input: exact},
	} {
		_, err := b.source.Plan(plan.Fragment{Root: refused})
		require.IsType(t, &sources.Refused{}, err)
	}
}

// TestLegacyUUIDIsNotMissed: equal bytes under another subtype are an error, not a row that a filter loses.
func TestLegacyUUIDIsNotMissed(t *testing.T) {
	b := newTestbed(t, nil)
	bytes := [16]byte([]byte("0123456789abcdef"))
	b.insert("c", bson.D{{Key: "_id", Value: 1}, {Key: "u", Value: bson.Binary{Subtype: 4, Data: bytes[:]}}})
	table := b.table("c")
	for _, cond := range []expr.Expr{
		operator("=", col(table, "u"), constant(types.UUIDT, bytes)),
		&expr.In{Arg: col(table, "u"), List: []expr.Expr{constant(types.UUIDT, bytes)}},
	} {
		rows, _, err := b.read(&plan.Filter{Input: scanOf(table, "u"), Conds: []expr.Expr{cond}})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		b.insert("c", bson.D{{Key: "u", Value: bson.Binary{Subtype: 3, Data: bytes[:]}}})
		_, _, err = b.read(&plan.Filter{Input: scanOf(table, "u"), Conds: []expr.Expr{cond}})
		require.True(t, sqlerr.Is(err, sqlerr.FDWSchemaMismatch), err)
		_, err = b.db().Collection("c").DeleteOne(t.Context(), bson.D{{Key: "_id", Value: bson.D{{Key: "$ne", Value: 1}}}})
		require.NoError(t, err)
	}
}

// TestCountingRows reads no column at all.
func TestCountingRows(t *testing.T) {
	b := newTestbed(t, nil)
	b.insert("c", bson.D{{Key: "", Value: "the empty key"}}, bson.D{}, bson.D{{Key: "a", Value: 1}})
	table := b.table("c")
	require.Equal(t, []string{"_id text", "a integer", "_document json"}, columns(table))
	rows, _, err := b.read(&plan.Scan{Table: table})
	require.NoError(t, err)
	require.Len(t, rows, 3)
}
