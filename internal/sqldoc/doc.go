// Package sqldoc writes docs/sql.md: what of PostgreSQL's SQL there is, from the function table itself, what differs on
// purpose, and what is not there.
//
//	go run ./internal/sqldoc/write
package sqldoc

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

//go:generate go run ./write

// prose is what is not made of tables; {{functions}} and the like stand for those.
//
//go:embed sql.md
var prose string

// Page is the text of docs/sql.md.
func Page() string {
	functions, operators, typeNames := bind.Missing()
	return strings.NewReplacer(
		"{{functions}}", families(), "{{operators}}", operatorTable(), "{{missing functions}}", code(forPeople(functions)),
		"{{missing operators}}", code(operators), "{{missing types}}", code(typeNames), "{{count}}", fmt.Sprint(len(names())),
	).Replace(prose)
}

// inner matches functions that stand behind operators, aggregates, indexes and the protocol, which people do not call.
var inner = regexp.MustCompile(`(send|recv|cmp|_larger|_smaller|_subdiff|statefunc|image|sel|_accum|_transfn|_finalfn|_support|_ops|handler|_lt|_le|_gt|_ge|_eq|_ne)$|` +
	`^(hash|bt|gin|gist|brin|spg|ts_typanalyze|range_typanalyze|array_typanalyze|amvalidate|like_escape|similar_escape|timeofday$)`)

// forPeople are the words that inner does not match.
func forPeople(words []string) []string {
	return slices.DeleteFunc(words, inner.MatchString)
}

// code is a list of words as code.
func code(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = "`" + w + "`"
	}
	return strings.Join(quoted, " ")
}

// listed says whether a function is PostgreSQL's and for people.
func listed(name string) bool { return bind.Known(name) && !inner.MatchString(name) }

// names are the functions that SQL calls, each once.
func names() []string {
	var out []string
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Operator && listed(f.Name) {
			out = append(out, f.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// families are the sections of functions, in this order.
var familyOrder = []string{
	"Aggregates", "Window functions", "Sets", "Text", "Numbers", "Dates and times", "JSON", "Arrays", "Ranges", "Networks",
	"Bytes and bits", "Enums, rows and types", "Session and catalogs",
}

func families() string {
	by := map[string]map[string][]*expr.Function{}
	for _, f := range expr.AllFunctions() {
		if f.Kind == expr.Operator || !listed(f.Name) {
			continue
		}
		family := familyOf(f)
		if by[family] == nil {
			by[family] = map[string][]*expr.Function{}
		}
		by[family][f.Name] = append(by[family][f.Name], f)
	}
	var b strings.Builder
	for _, family := range familyOrder {
		fmt.Fprintf(&b, "### %s\n\n", family)
		var list []string
		for name, fs := range by[family] {
			list = append(list, "`"+strings.Join(signatures(name, fs), "` `")+"`")
		}
		slices.Sort(list)
		b.WriteString(strings.Join(list, "\n") + "\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func familyOf(f *expr.Function) string {
	switch f.Kind {
	case expr.Aggregate:
		return "Aggregates"
	case expr.Window:
		return "Window functions"
	case expr.SetReturning:
		return "Sets"
	}
	for _, prefix := range []string{"pg_", "has_", "current_", "session_", "inet_", "to_reg", "obj_", "col_", "shobj_", "set_config", "version", "txid", "get"} {
		if strings.HasPrefix(f.Name, prefix) {
			if f.Name == "current_date" || f.Name == "current_timestamp" || f.Name == "current_time" {
				break
			}
			return "Session and catalogs"
		}
	}
	best := "Session and catalogs"
	for _, t := range append(slices.Clone(f.Args), f.Result) {
		if c := class(t); rank(c) < rank(best) {
			best = c
		}
	}
	return best
}

// rank orders the families of a signature: the rarest type names it.
func rank(family string) int {
	return slices.Index([]string{
		"JSON", "Ranges", "Dates and times", "Networks", "Bytes and bits", "Arrays", "Text", "Numbers", "Enums, rows and types", "Session and catalogs",
	}, family)
}

func class(t *types.Type) string {
	if t == nil {
		return "Enums, rows and types"
	}
	switch t.Kind {
	case types.JSON, types.JSONB:
		return "JSON"
	case types.Opaque:
		return "JSON"
	case types.Range, types.Multirange, types.AnyRange, types.AnyMultirange:
		return "Ranges"
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.Interval:
		return "Dates and times"
	case types.Inet:
		return "Networks"
	case types.Bytea, types.Bit:
		return "Bytes and bits"
	case types.Array, types.AnyArray:
		return "Arrays"
	case types.Text, types.Varchar, types.Bpchar, types.Name, types.Char:
		return "Text"
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric, types.Money:
		return "Numbers"
	case types.OID:
		return "Session and catalogs"
	}
	return "Enums, rows and types"
}

// signatures are the forms of a function; those that differ in one parameter alone are one.
func signatures(name string, fs []*expr.Function) []string {
	var forms [][][]string // of each form: the types that each parameter can have
	for _, f := range fs {
		form := make([][]string, len(f.Args))
		for i, a := range f.Args {
			form[i] = []string{typeName(a)}
			if f.Variadic && i == len(f.Args)-1 {
				form[i][0] += "…"
			}
		}
		forms = append(forms, form)
	}
	for merged := true; merged; {
		merged = false
		for i := 0; i < len(forms) && !merged; i++ {
			for j := i + 1; j < len(forms) && !merged; j++ {
				if m := merge(forms[i], forms[j]); m != nil {
					forms[i] = m
					forms, merged = slices.Delete(forms, j, j+1), true
				}
			}
		}
	}
	out := make([]string, len(forms))
	for i, form := range forms {
		parts := make([]string, len(form))
		for k, p := range form {
			slices.Sort(p)
			parts[k] = strings.Join(p, "/")
		}
		out[i] = name + "(" + strings.Join(parts, ", ") + ")"
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// merge is one form for two that differ in at most one parameter, else nil.
func merge(a, b [][]string) [][]string {
	if len(a) != len(b) {
		return nil
	}
	differs := -1
	for i := range a {
		if slices.Equal(a[i], b[i]) {
			continue
		}
		if differs >= 0 {
			return nil
		}
		differs = i
	}
	if differs < 0 {
		return a
	}
	out := slices.Clone(a)
	out[differs] = append(slices.Clone(a[differs]), b[differs]...)
	return out
}

// shortNames are types as people write them.
var shortNames = map[string]string{
	"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "time without time zone": "time",
	"time with time zone": "timetz", "double precision": "float8", "real": "float4", "integer": "int4", "bigint": "int8",
	"smallint": "int2", "character varying": "varchar", "character": "char", "bit varying": "varbit",
	"anyelement": "any", "boolean": "bool",
}

func typeName(t *types.Type) string {
	name, array := strings.CutSuffix(t.String(), "[]")
	if s, ok := shortNames[name]; ok {
		name = s
	}
	if array {
		name += "[]"
	}
	return name
}

// operatorTable says for each operator which types it takes.
func operatorTable() string {
	by := map[string][][][]string{}
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Operator || !bind.Known(f.Name) {
			continue
		}
		form := make([][]string, len(f.Args))
		for i, a := range f.Args {
			form[i] = []string{typeName(a)}
		}
		by[f.Name] = append(by[f.Name], form)
	}
	symbols := make([]string, 0, len(by))
	for s := range by {
		symbols = append(symbols, s)
	}
	slices.Sort(symbols)
	var b strings.Builder
	b.WriteString("| operator | between |\n|---|---|\n")
	for _, s := range symbols {
		fmt.Fprintf(&b, "| `%s` | %s |\n", strings.ReplaceAll(s, "|", "\\|"), operands(by[s]))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// operands are the pairs of types of an operator: first those of one type with itself, then the others.
func operands(forms [][][]string) string {
	var same, prefix, mixed []string
	for _, f := range forms {
		switch {
		case len(f) == 1:
			prefix = append(prefix, f[0][0])
		case f[0][0] == f[1][0]:
			same = append(same, f[0][0])
		default:
			mixed = append(mixed, f[0][0]+" with "+f[1][0])
		}
	}
	var out []string
	for _, list := range [][]string{same, mixed} {
		slices.Sort(list)
		out = append(out, slices.Compact(list)...)
	}
	if len(prefix) > 0 {
		slices.Sort(prefix)
		out = append(out, "before "+strings.Join(slices.Compact(prefix), ", "))
	}
	return strings.Join(out, ", ")
}
