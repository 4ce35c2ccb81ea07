package eval_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// functionCase is one line of testdata/functions.jsonl.gz, answers of PostgreSQL 15.18 (C.UTF-8, UTC): [function ID,
// argument types, argument texts or null, "ok <output>", "null" or "err <SQLSTATE> <message>"].
type functionCase struct {
	id    string
	types []string
	args  []*string
	want  string
	zone  *time.Location
}

func (c *functionCase) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&c.id, &c.types, &c.args, &c.want})
}

// zonedCase is one line of testdata/functions_zone.jsonl.gz, where the session's time zone comes first; the function
// "cast" is none, but the value itself.
type zonedCase struct {
	zone string
	functionCase
}

func (c *zonedCase) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&c.zone, &c.id, &c.types, &c.args, &c.want})
}

// functionCases are those of the adversarial values and of random regular expressions, template patterns and documents.
func functionCases(t *testing.T) []functionCase {
	return slices.Concat(recorded[functionCase](t, "testdata/functions.jsonl.gz"),
		recorded[functionCase](t, "testdata/functions_regexp.jsonl.gz"),
		recorded[functionCase](t, "testdata/functions_format.jsonl.gz"),
		recorded[functionCase](t, "testdata/functions_json.jsonl.gz"),
		recorded[functionCase](t, "testdata/functions_jsonpath.jsonl.gz"),
		recorded[functionCase](t, "testdata/functions_families.jsonl.gz"))
}

func recorded[T any](t *testing.T, path string) []T {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	z, err := gzip.NewReader(f)
	require.NoError(t, err)
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	var out []T
	for lines.Scan() {
		var c T
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		out = append(out, c)
	}
	require.NoError(t, lines.Err())
	require.NotEmpty(t, out)
	return out
}

func TestFunctionsInZonesAsPostgreSQL(t *testing.T) {
	for _, c := range recorded[zonedCase](t, "testdata/functions_zone.jsonl.gz") {
		loc, err := datum.LoadZone(c.zone)
		require.NoError(t, err)
		c.functionCase.zone = loc
		if c.id == "cast" {
			typ := types.ByName(c.types[0])
			v, err := datum.Parse(typ, *c.args[0], loc)
			require.NoError(t, err)
			require.Equal(t, c.want, "ok "+datum.Text(typ, v, loc), "%s in %s", *c.args[0], c.zone)
			continue
		}
		for _, column := range []bool{false, true} {
			if got := c.run(t, expr.MustFunction(c.id), column); got != c.want && !c.refused(got) {
				t.Errorf("%s: %s(%s) column %v: got %s, want %s", c.zone, c.id, c.text(), column, got, c.want)
			}
		}
	}
}

// TestFunctionsAsPostgreSQL calls each function with constants and with columns. Where the engine refuses (0A000)
// there is no answer to compare; the log says how often.
func TestFunctionsAsPostgreSQL(t *testing.T) {
	cases := functionCases(t)
	refused := map[string]int{}
	for _, c := range cases {
		fn := expr.FunctionByID(c.id)
		if fn == nil || !eval.Implemented(c.id) {
			t.Errorf("%s is not implemented", c.id)
			continue
		}
		for _, column := range []bool{false, true} {
			if column && nullFails(c.id) {
				continue // columns have a NULL
			}
			got := c.run(t, fn, column)
			if degreesAgree(c.id, got, c.want) {
				continue
			}
			if got != c.want && c.refused(got) {
				refused[c.id]++
				if os.Getenv("SHOW_REFUSED") == c.id {
					t.Logf("%s(%s): got %s, want %s", c.id, c.text(), got, c.want)
				}
				continue
			}
			if got != c.want {
				t.Errorf("%s(%s) column %v: got %s, want %s", c.id, c.text(), column, got, c.want)
			}
		}
	}
	for id, n := range refused {
		t.Logf("refused: %s %d", id, n)
	}
}

// nullFails says whether a function makes an error of a NULL argument.
func nullFails(id string) bool {
	return strings.HasSuffix(id, "_build_object") || strings.HasSuffix(id, "range_constructor3") || strings.HasSuffix(id, "multirange_constructor2")
}

// degreesAgree compares the functions of degrees, whose last digits are the mathematics library's.
func degreesAgree(id, got, want string) bool {
	switch id {
	case "dsind", "dcosd", "dtand", "dcotd", "dasind", "dacosd", "datand", "datan2d":
		g, err1 := strconv.ParseFloat(strings.TrimPrefix(got, "ok "), 64)
		w, err2 := strconv.ParseFloat(strings.TrimPrefix(want, "ok "), 64)
		return err1 == nil && err2 == nil && math.Abs(g-w) <= 1e-14*math.Abs(w)
	}
	return false
}

// refused says whether got is an error where PostgreSQL has an answer, of the kinds that are known: features that
// are refused, results beyond the storage's range or where PostgreSQL itself wraps around, and patterns that end in \.
func (c *functionCase) refused(got string) bool {
	if strings.HasSuffix(c.want, " of jsonpath input") { // which token a wrong path is blamed on is the parser's business
		return strings.HasPrefix(got, "err 42601")
	}
	if strings.HasPrefix(c.want, "err") && got != c.want {
		return strings.HasPrefix(got, "err 0A000")
	}
	if strings.HasPrefix(got, "err 0A000") && !strings.HasPrefix(c.want, "err") {
		return true
	}
	switch c.id {
	case "make_interval", "timestamp_age", "timestamptz_age", "timestamptz_mi", "timestamptz_trunc_zone", "interval_mul":
		return strings.HasPrefix(got, "err 22008") && strings.Contains(got, "out of range")
	case "int4_to_char":
		return got == "err 22003 integer out of range"
	}
	return strings.HasPrefix(got, "err 22025 LIKE pattern must not end")
}

func (c *functionCase) text() string {
	parts := make([]string, len(c.args))
	for i, a := range c.args {
		parts[i] = "NULL::" + c.types[i]
		if a != nil {
			parts[i] = "'" + *a + "'::" + c.types[i]
		}
	}
	return strings.Join(parts, ", ")
}

// run gives the answer in the form of want.
func (c *functionCase) run(t *testing.T, fn *expr.Function, column bool) string {
	t.Helper()
	call := &expr.Call{Fn: fn}
	argTypes := make([]*types.Type, len(c.args))
	var in []eval.InputColumn
	var arrays []arrow.Array
	for i, a := range c.args {
		typ := types.ByName(c.types[i])
		if c.types[i] == types.JSONPathT.Name {
			typ = types.JSONPathT
		}
		require.NotNil(t, typ, c.types[i])
		argTypes[i] = typ
		var v any
		if a != nil {
			var err error
			v, err = datum.Parse(typ, *a, c.zone)
			if err != nil {
				return failureText(err)
			}
		}
		if !column {
			call.Args = append(call.Args, &expr.Const{Typ: typ, Value: v})
			continue
		}
		arr, err := datum.ToArray(typ, []any{nil, v, v})
		if err != nil {
			return "err 0A000 " + err.Error() // beyond the storage's range
		}
		in, arrays = append(in, eval.InputColumn{ID: expr.ColumnID(i), Type: typ}), append(arrays, arr)
		call.Args = append(call.Args, &expr.Column{ID: expr.ColumnID(i), Typ: typ})
	}
	call.Typ = rangeResult(fn.ResultType(argTypes), argTypes)
	v, err := evaluate(call, in, arrays, c.zone)
	switch {
	case err != nil:
		return failureText(err)
	case v == nil:
		return "null"
	}
	return "ok " + string(datum.Append(nil, call.Typ, v, c.zone))
}

// rangeResult is what a result that is any range, any multirange or an element of one means for the arguments.
func rangeResult(result *types.Type, args []*types.Type) *types.Type {
	var rng *types.Type
	for _, a := range args {
		switch a.Kind {
		case types.Range:
			rng = a
		case types.Multirange:
			rng = a.Elem
		}
	}
	switch {
	case rng == nil:
	case result.Kind == types.AnyRange:
		return rng
	case result.Kind == types.AnyMultirange:
		return types.MultirangeFor(rng)
	case result.Kind == types.AnyElement:
		return rng.Elem
	}
	return result
}

func evaluate(call *expr.Call, in []eval.InputColumn, arrays []arrow.Array, zone *time.Location) (any, error) {
	env := &eval.Env{
		Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).UnixMicro(), Zone: zone,
		User: "tester", Catalog: "skein", Schema: "shop",
		Setting: func(name string) (string, bool) { return "15.0", name == "server_version" },
	}
	if in == nil {
		return eval.Constant(call, env)
	}
	fields := make([]arrow.Field, len(arrays))
	for i, a := range arrays {
		fields[i] = arrow.Field{Name: "c", Type: a.DataType(), Nullable: true}
	}
	rec := array.NewRecordBatch(arrow.NewSchema(fields, nil), arrays, 3)
	p, err := eval.NewProjection([]expr.Expr{call}, in)
	if err != nil {
		return nil, err
	}
	out, err := p.Open(env).Eval(rec)
	if err != nil {
		return nil, err
	}
	return datum.FromArray(call.Typ, out[0], 1), nil
}

func failureText(err error) string {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return "err " + e.Code + " " + e.Message
	}
	return "err " + err.Error()
}
