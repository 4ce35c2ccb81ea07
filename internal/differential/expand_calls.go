package differential

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// clocks are functions whose value no two servers share.
var clocks = []string{
	"now", "age1", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "statement_timestamp", "transaction_timestamp", "clock_timestamp",
	"current_user", "session_user", "user", "current_role", "current_catalog", "current_database", "current_schema", "version", "pg_cancel_backend", "gen_random_uuid",
}

func (e *expander) functions() error {
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Scalar || f.Volatility == expr.Volatile || slices.Contains(clocks, f.Name) || strings.HasSuffix(f.ID, "_now") {
			continue
		}
		n := len(f.Args)
		if f.Variadic {
			n++
		}
		if err := e.calls(f, n); err != nil {
			return fmt.Errorf("%s: %w", f.ID, err)
		}
	}
	return nil
}

func (e *expander) operators() error {
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Operator {
			continue
		}
		if err := e.calls(f, len(f.Args)); err != nil {
			return fmt.Errorf("%s: %w", f.ID, err)
		}
	}
	return nil
}

// mostCalls is how many combinations of arguments a function is tried with.
const mostCalls = 200

// calls writes the statements of one function: over all arguments that are no error, in the select list and in a filter;
// one for each way to fail; and over constants.
func (e *expander) calls(f *expr.Function, n int) error {
	var args []provider
	for i := range n {
		p, ok := argument(f, i)
		if !ok {
			return nil
		}
		args = append(args, p)
	}
	if n == 0 {
		e.say("SELECT %s()", f.Name)
		return nil
	}
	if n > 3 {
		return e.literalCalls(f, args)
	}
	aliases := []string{"a", "b", "c", "d", "e", "f", "g", "h"}[:n]
	var from, ids, refs []string
	for i, p := range args {
		from = append(from, p.from(aliases[i]))
		ids = append(ids, aliases[i]+".id")
		ref := aliases[i] + "." + p.column
		if strings.HasPrefix(p.table, "(") && !f.Variadic {
			ref = typed(f.Args[min(i, len(f.Args)-1)], ref)
		}
		refs = append(refs, ref)
	}
	call := written(f, refs)
	tuples := e.tuples(args)
	var tries []string
	for _, t := range tuples {
		tries = append(tries, fmt.Sprintf("SELECT %s FROM %s WHERE %s", call, strings.Join(from, ", "), equals(ids, t)))
	}
	codes, err := e.codes(tries)
	if err != nil {
		return err
	}
	var good, bad [][]int
	failures := map[string][]string{}
	for i, code := range codes {
		if code == "" {
			good = append(good, tuples[i])
			continue
		}
		bad = append(bad, tuples[i])
		if len(failures[code]) < 2 {
			failures[code] = append(failures[code], tries[i])
		}
	}
	all := 1
	for _, p := range args {
		all *= len(p.ids)
	}
	if len(good) > 0 {
		where := guard(ids, good, bad, all > len(tuples))
		e.say("SELECT %s, %s AS r FROM %s%s ORDER BY %s", strings.Join(ids, ", "), call, strings.Join(from, ", "), where, positions(n))
		if f.Kind == expr.Operator && f.Result != nil && f.Result.Kind == types.Bool && n == 2 {
			// PostgreSQL may test the conditions in any order: only where nothing fails
			if len(bad) == 0 {
				e.say("SELECT %s FROM %s ON %s ORDER BY %s", strings.Join(ids, ", "), strings.Join(from, " JOIN "), call, positions(n))
				e.say("SELECT a.id FROM %s WHERE NOT %s AND b.id = %d ORDER BY 1", strings.Join(from, ", "), call, good[len(good)/2][1])
			}
		} else if len(bad) == 0 && f.Kind == expr.Scalar && n == 1 {
			e.say("SELECT count(*), count(%s) FROM %s WHERE %s IS NOT NULL", call, from[0], call)
		}
	}
	for _, code := range sortedKeys(failures) {
		for _, sql := range failures[code] {
			e.say("%s", sql)
		}
	}
	return nil
}

// literalCalls calls a function of many arguments with constants, a few at once.
func (e *expander) literalCalls(f *expr.Function, args []provider) error {
	var calls, tries []string
	for _, t := range e.tuples(args) {
		var values []string
		for i, p := range args {
			values = append(values, fmt.Sprintf("(SELECT %s FROM %s WHERE id = %d)", p.column, p.from("x"), t[i]))
		}
		call := written(f, values)
		calls, tries = append(calls, call), append(tries, "SELECT "+call)
		if len(calls) == 40 {
			break
		}
	}
	codes, err := e.codes(tries)
	if err != nil {
		return err
	}
	failures := map[string]bool{}
	var good []string
	for i, code := range codes {
		switch {
		case code == "":
			good = append(good, calls[i])
		case !failures[code]:
			failures[code] = true
			e.say("SELECT %s", calls[i])
		}
	}
	for part := range slices.Chunk(good, 4) {
		e.say("SELECT %s", strings.Join(part, ", "))
	}
	return nil
}

// written is a call as SQL has it.
func written(f *expr.Function, args []string) string {
	name := f.Name
	switch {
	case name == "extract":
		return fmt.Sprintf("date_part(%s)", strings.Join(args, ", "))
	case name == "position" && len(args) == 2:
		return fmt.Sprintf("position(%s IN %s)", args[0], args[1])
	case f.Kind == expr.Operator && len(args) == 1:
		return fmt.Sprintf("(%s %s)", name, args[0])
	case f.Kind == expr.Operator:
		return fmt.Sprintf("(%s %s %s)", args[0], name, args[1])
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(args, ", "))
}

// tuples are combinations of rows of the providers: all, or as many as mostCalls by chance.
func (e *expander) tuples(args []provider) [][]int {
	out := [][]int{nil}
	for _, p := range args {
		var longer [][]int
		for _, t := range out {
			for _, id := range p.ids {
				longer = append(longer, append(slices.Clone(t), id))
			}
		}
		out = longer
	}
	if len(out) > mostCalls+100 {
		e.rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		out = out[:mostCalls/4]
		slices.SortFunc(out, slices.Compare)
	}
	return out
}

func equals(ids []string, t []int) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = fmt.Sprintf("%s = %d", id, t[i])
	}
	return strings.Join(parts, " AND ")
}

// guard keeps a statement to the tuples that are good; sampled says that there are others, which nobody tried.
func guard(ids []string, good, bad [][]int, sampled bool) string {
	if len(bad) == 0 && !sampled {
		return ""
	}
	list, in := bad, "NOT IN"
	if sampled || len(good) < len(bad) {
		list, in = good, "IN"
	}
	rows := make([]string, len(list))
	for i, t := range list {
		rows[i] = strings.Trim(strings.ReplaceAll(fmt.Sprint(t), " ", ", "), "[]")
		if len(ids) > 1 {
			rows[i] = "(" + rows[i] + ")"
		}
	}
	left := strings.Join(ids, ", ")
	if len(ids) > 1 {
		left = "(" + left + ")"
	}
	return fmt.Sprintf(" WHERE %s %s (%s)", left, in, strings.Join(rows, ", "))
}

func positions(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprint(i + 1)
	}
	return strings.Join(parts, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// columns are every column with the cases of its type.
var columns = []struct{ table, name string }{
	{"num", "b"},
	{"num", "i2"},
	{"num", "i4"},
	{"num", "i8"},
	{"num", "f4"},
	{"num", "f8"},
	{"num", "n"},
	{"num", "n2"},
	{"num", "nw"},
	{"str", "t"},
	{"str", "v"},
	{"str", "c"},
	{"str", "nm"},
	{"str", "q"},
	{"str", "b"},
	{"tim", "d"},
	{"tim", "tm"},
	{"tim", "ttz"},
	{"tim", "ts"},
	{"tim", "ts0"},
	{"tim", "tz"},
	{"tim", "iv"},
	{"doc", "j"},
	{"doc", "jb"},
	{"doc", "u"},
	{"arr", "ia"},
	{"arr", "ta"},
	{"arr", "na"},
	{"arr", "fa"},
	{"arr", "ba"},
	{"arr", "da"},
	{"odd", "m"},
	{"odd", "p"},
	{"odd", "w"},
	{"odd", "pr"},
	{"odd", "ir"},
	{"odd", "nr"},
	{"odd", "dr"},
	{"odd", "tr"},
	{"odd", "bi"},
	{"odd", "vb"},
	{"odd", "ip"},
	{"odd", "mo"},
	{"odd", "ma"},
	{"odd", "nn"},
	{"odd", "ns"},
}

// castTargets are the types that every column is cast to.
var castTargets = []string{
	"bool", "int2", "int4", "int8", "float4", "float8", "numeric", "numeric(5,1)", "numeric(30,3)", "text", "varchar", "varchar(3)", "char(4)", `"char"`, "name", "bytea", "date", "timestamp",
	"timestamp(1)", "timestamptz", "time", "timetz", "interval", "uuid", "jsonb", "json", "int[]", "text[]", "numeric[]", "mood", "money", "bit(4)", "varbit", "int4range", "oid", "inet",
}

// casts casts every column to every type; where some rows fail, the others and the failures.
func (e *expander) casts() error {
	for _, c := range columns {
		ids := 16
		for _, to := range castTargets {
			var tries []string
			for id := 1; id <= ids; id++ {
				tries = append(tries, fmt.Sprintf("SELECT %s::%s FROM %s WHERE id = %d", c.name, to, c.table, id))
			}
			codes, err := e.codes(tries)
			if err != nil {
				return err
			}
			var bad []string
			failures := map[string]string{}
			for i, code := range codes {
				if code != "" {
					bad = append(bad, fmt.Sprint(i+1))
					if failures[code] == "" {
						failures[code] = tries[i]
					}
				}
			}
			for _, code := range sortedKeys(failures) {
				e.say("%s", failures[code])
			}
			switch {
			case len(bad) == ids:
			case len(bad) > 0:
				e.say("SELECT id, %s::%s FROM %s WHERE id NOT IN (%s) ORDER BY id", c.name, to, c.table, strings.Join(bad, ", "))
			default:
				e.say("SELECT id, %s::%s, %s::%s::text FROM %s ORDER BY id", c.name, to, c.name, to, c.table)
			}
		}
	}
	return nil
}

// everyColumn sorts, groups, compares and counts each column.
func (e *expander) everyColumn() error {
	for _, c := range columns {
		n, t := c.name, c.table
		for _, order := range []string{"", " DESC", " NULLS FIRST", " DESC NULLS LAST"} {
			e.say("SELECT id, %s FROM %s ORDER BY %s%s, id", n, t, n, order)
		}
		e.say("SELECT id, %s FROM %s ORDER BY id", n, t)
		e.say("SELECT id FROM %s ORDER BY %s DESC, id LIMIT 3 OFFSET 1", t, n)
		e.say("SELECT %s, count(*), min(id), max(id) FROM %s GROUP BY %s ORDER BY min(id)", n, t, n)
		e.say("SELECT count(%s), count(DISTINCT %s), count(*) FROM %s", n, n, t)
		e.say("SELECT DISTINCT %s FROM %s", n, t)
		e.say("SELECT DISTINCT %s FROM %s ORDER BY 1", n, t)
		e.say("SELECT min(%s), max(%s) FROM %s", n, n, t)
		e.say("SELECT id FROM %s WHERE %s IS NULL ORDER BY id", t, n)
		e.say("SELECT a.id, b.id FROM %s a JOIN %s b ON a.%s = b.%s ORDER BY 1, 2", t, t, n, n)
		e.say("SELECT a.id, b.id FROM %s a LEFT JOIN %s b ON a.%s = b.%s AND a.id <> b.id ORDER BY 1, 2", t, t, n, n)
		e.say("SELECT id FROM %s WHERE %s = (SELECT %s FROM %s WHERE id = 2) ORDER BY id", t, n, n, t)
		e.say("SELECT id FROM %s WHERE %s > (SELECT %s FROM %s WHERE id = 2) ORDER BY id", t, n, n, t)
		e.say("SELECT id FROM %s WHERE %s IN (SELECT %s FROM %s WHERE id > 2) ORDER BY id", t, n, n, t)
		e.say("SELECT id FROM %s WHERE %s NOT IN (SELECT %s FROM %s WHERE id > 9) ORDER BY id", t, n, n, t)
		e.say("SELECT id FROM %s x WHERE %s IS DISTINCT FROM (SELECT y.%s FROM %s y WHERE y.id = x.id + 1) ORDER BY id", t, n, n, t)
		e.say("SELECT id, coalesce(%s, (SELECT %s FROM %s WHERE id = 1)), nullif(%s, %s) FROM %s ORDER BY id", n, n, t, n, n, t)
		e.say("SELECT a.id, greatest(a.%s, b.%s), least(a.%s, b.%s) FROM %s a, %s b WHERE b.id = 2 ORDER BY a.id", n, n, n, n, t, t)
		e.say("SELECT id, lag(%s) OVER (ORDER BY id), rank() OVER (ORDER BY %s) FROM %s ORDER BY id", n, n, t)
		e.say("SELECT id, count(*) OVER (PARTITION BY %s) FROM %s ORDER BY id", n, t)
		e.say("SELECT array_agg(%s ORDER BY id) FROM %s", n, t)
		e.say("SELECT %s FROM %s UNION SELECT %s FROM %s ORDER BY 1", n, t, n, t)
		e.say("SELECT %s FROM %s WHERE id < 9 INTERSECT SELECT %s FROM %s WHERE id > 3", n, t, n, t)
		e.say("SELECT %s FROM %s EXCEPT ALL SELECT %s FROM %s WHERE id > 5", n, t, n, t)
		e.say("SELECT id, CASE WHEN id %% 2 = 0 THEN %s END, to_jsonb(%s), pg_typeof(%s) FROM %s ORDER BY id", n, n, n, t)
		e.say("SELECT DISTINCT ON (%s) %s, id FROM %s ORDER BY %s, id DESC", n, n, t, n)
		e.say("SELECT %s, count(*) FROM %s GROUP BY ROLLUP (%s) ORDER BY 2 DESC, min(id)", n, t, n)
		e.say("SELECT row_to_json(x) FROM (SELECT id, %s FROM %s) x ORDER BY id", n, t)
	}
	return nil
}
