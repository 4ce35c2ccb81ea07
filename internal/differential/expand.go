package differential

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// expander writes statements that go through tables of functions, operators, types and aggregates. PostgreSQL says which
// arguments are errors: these get statements of their own, so that they do not hide the others.
type expander struct {
	ctx    context.Context
	oracle *oracle
	rand   *rand.Rand
	out    []string
	seen   map[string]bool
}

// Expand gives the expanded statements by the name of their file.
func (d *Dataset) Expand(ctx context.Context) (map[string]string, error) {
	o, err := newOracle(ctx, d.URL)
	if err != nil {
		return nil, err
	}
	defer func() { _ = o.close(ctx) }()
	if _, err := o.conn.Exec(ctx, tryFunction); err != nil {
		return nil, err
	}
	files := map[string]func(*expander) error{
		"expanded_functions": (*expander).functions, "expanded_operators": (*expander).operators, "expanded_casts": (*expander).casts,
		"expanded_aggregates": (*expander).aggregates, "expanded_windows": (*expander).windows, "expanded_joins": (*expander).joins,
		"expanded_columns": (*expander).everyColumn, "expanded_subqueries": (*expander).subqueries,
	}
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		e := &expander{ctx: ctx, oracle: o, rand: rand.New(rand.NewPCG(1, 2)), seen: map[string]bool{}}
		if err := files[name](e); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = "-- Written by TestExpand; do not edit.\n" + strings.Join(e.out, ";\n") + ";\n"
	}
	return out, nil
}

// tryFunction gives NULL, or the SQLSTATE of a statement that fails.
const tryFunction = `CREATE SCHEMA IF NOT EXISTS expansion;
CREATE OR REPLACE FUNCTION expansion.try(q text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE q;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN RETURN SQLSTATE;
END $$`

func (e *expander) say(format string, args ...any) {
	sql := fmt.Sprintf(format, args...)
	if !e.seen[sql] {
		e.seen[sql] = true
		e.out = append(e.out, sql)
	}
}

// codes are the SQLSTATEs of statements, "" for those that succeed.
func (e *expander) codes(statements []string) ([]string, error) {
	if _, err := e.oracle.conn.Exec(e.ctx, "SET search_path = public"); err != nil {
		return nil, err
	}
	return queryNames(e.ctx, e.oracle.conn,
		"SELECT coalesce(expansion.try(q), '') FROM unnest($1::text[]) WITH ORDINALITY AS u(q, n) ORDER BY n", statements)
}

// provider is where the values of an argument come from: a column of a table, or a list.
type provider struct {
	table  string // "num", or "(VALUES (1, 'a'), (2, 'b'))"
	column string
	ids    []int
}

// from is the provider as a FROM item under an alias.
func (p provider) from(alias string) string {
	if strings.HasPrefix(p.table, "(") {
		return p.table + " " + alias + "(id, v)"
	}
	return p.table + " " + alias
}

func tableProvider(table, column string, rows int) provider {
	p := provider{table: table, column: column}
	for id := 1; id <= rows; id++ {
		p.ids = append(p.ids, id)
	}
	return p
}

// listProvider provides literals, to which the first one's cast gives the type.
func listProvider(literals ...string) provider {
	p := provider{column: "v"}
	var rows []string
	for i, l := range literals {
		p.ids = append(p.ids, i+1)
		rows = append(rows, fmt.Sprintf("(%d, %s)", i+1, l))
	}
	p.table = "(VALUES " + strings.Join(rows, ", ") + ")"
	return p
}

// columnOf are the columns that provide values of a kind.
var columnOf = map[types.Kind]provider{
	types.Bool: tableProvider("num", "b", 13), types.Int2: tableProvider("num", "i2", 13), types.Int4: tableProvider("num", "i4", 13),
	types.Int8: tableProvider("num", "i8", 13), types.Float4: tableProvider("num", "f4", 13), types.Float8: tableProvider("num", "f8", 13),
	types.Numeric: tableProvider("num", "n", 13), types.Text: tableProvider("str", "t", 16), types.Varchar: tableProvider("str", "v", 16),
	types.Bpchar: tableProvider("str", "c", 16), types.Name: tableProvider("str", "nm", 16), types.Char: tableProvider("str", "q", 16),
	types.Bytea: tableProvider("str", "b", 16), types.Date: tableProvider("tim", "d", 13), types.Time: tableProvider("tim", "tm", 13),
	types.TimeTZ: tableProvider("tim", "ttz", 13), types.Timestamp: tableProvider("tim", "ts", 13), types.TimestampTZ: tableProvider("tim", "tz", 13),
	types.Interval: tableProvider("tim", "iv", 13), types.UUID: tableProvider("doc", "u", 14), types.JSON: tableProvider("doc", "j", 14),
	types.JSONB: tableProvider("doc", "jb", 14), types.Enum: tableProvider("odd", "m", 6), types.Money: tableProvider("odd", "mo", 6),
	types.Bit: tableProvider("odd", "bi", 6), types.Inet: tableProvider("odd", "ip", 6), types.Range: tableProvider("odd", "ir", 6),
	types.OID: listProvider("0::oid", "1::oid", "4294967295::oid", "NULL"), types.AnyEnum: tableProvider("odd", "m", 6),
	types.AnyArray: tableProvider("arr", "ia", 10), types.AnyElement: tableProvider("num", "i4", 13), types.Any: tableProvider("str", "t", 16),
}

// smallInts are what functions of strings and arrays take for positions and lengths.
var smallInts = listProvider("0", "1", "2", "5", "-1", "-3", "100", "NULL::int")

// special are arguments that a function needs in order to say anything, by its name and the argument's position.
var special = map[string]provider{
	"date_trunc.0": listProvider("'year'", "'month'", "'week'", "'day'", "'hour'", "'second'", "'quarter'", "'century'", "'milliseconds'", "'nosuch'", "NULL"),
	"date_part.0":  listProvider("'year'", "'month'", "'dow'", "'doy'", "'epoch'", "'second'", "'week'", "'isoyear'", "'century'", "'microseconds'", "'nosuch'", "'timezone'"),
	"extract.0":    listProvider("'year'", "'month'", "'dow'", "'isodow'", "'epoch'", "'second'", "'week'", "'julian'", "'millennium'", "'milliseconds'", "'nosuch'"),
	"date_trunc.2": listProvider("'UTC'", "'Europe/Berlin'", "'America/New_York'", "'nosuch'"), "timezone.0": listProvider("'UTC'", "'Europe/Berlin'", "'America/New_York'", "'+05:30'", "'EST'", "'nosuch'"),
	"date_bin.0": listProvider("interval '15 minutes'", "interval '1 day'", "interval '7 days 1 us'", "interval '0'", "interval '1 month'"),
	"encode.1":   listProvider("'hex'", "'base64'", "'escape'", "'nosuch'"), "decode.0": listProvider("'6162'", "'YWJj'", "'a\\\\b'", "'zz'", "''", "NULL"),
	"decode.1": listProvider("'hex'", "'base64'", "'escape'", "'nosuch'"), "convert_from.1": listProvider("'UTF8'", "'LATIN1'", "'nosuch'"), "convert_to.1": listProvider("'UTF8'", "'LATIN1'", "'nosuch'"),
	"chr.0": listProvider("65", "233", "28450", "128578", "0", "-1", "1114112", "55296", "NULL"), "repeat.1": listProvider("0", "1", "3", "-1", "NULL::int"),
	"split_part.1": listProvider("''", "' '", "'b'", "'abc'", "NULL"), "replace.1": listProvider("''", "'b'", "'abc'", "' '", "NULL"), "translate.1": listProvider("'abc'", "''", "'aab'", "'ü漢'"),
	"lpad.2": listProvider("'xy'", "''", "'漢'", "NULL"), "rpad.2": listProvider("'xy'", "''", "'漢'", "NULL"), "string_to_array.1": listProvider("''", "' '", "'b'", "NULL"),
	"current_setting.0": listProvider("'timezone'", "'nosuch.name'", "'TimeZone'"), "like_escape.1": listProvider("'#'", "''", "'ab'"), "similar_to_escape.1": listProvider("'#'", "''", "'ab'"),
	"format.0": listProvider("'%s'", "'[%s] %I %L'", "'%2$s'", "'%10s|'", "'%-10s|'", "'%%'", "'%z'", "'%'", "NULL"), "factorial.0": listProvider("0", "1", "20", "25", "-1", "NULL::bigint"),
	"width_bucket.1": listProvider("0", "1", "-10.5"), "width_bucket.2": listProvider("10", "1", "'Infinity'"), "width_bucket.3": listProvider("5", "1", "0", "NULL::int"),
	"make_interval.0": listProvider("1", "-1", "178956970", "NULL::int"),
	"make_date.0":     listProvider("2024", "-44", "0", "294277"), "make_date.1": listProvider("2", "12", "13"), "make_date.2": listProvider("29", "1", "30"),
	"make_timestamp.0": listProvider("2024", "-44", "0"), "make_timestamp.1": listProvider("2", "13"), "make_timestamp.2": listProvider("29", "31"), "make_timestamp.3": listProvider("0", "23", "24"), "make_timestamp.4": listProvider("0", "59", "60"), "make_timestamp.5": listProvider("0::float8", "59.999999", "60", "-1"),
	"make_time.0": listProvider("0", "23", "24"), "make_time.1": listProvider("0", "59", "60"), "make_time.2": listProvider("0::float8", "59.999999", "60", "60.1"),
	"to_timestamp.0": listProvider("0::float8", "1.5", "-1e9", "1e10", "'Infinity'", "'NaN'", "1e20"), "power.1": listProvider("0", "1", "2", "0.5", "-1", "-0.5", "'NaN'", "'Infinity'"), "pow.1": listProvider("0", "2", "0.5", "-1"),
}

// patterns are regular expressions, of the functions that take them second.
var patterns = listProvider("''", "'b'", "'^a'", "'(a)(b)?'", "'[a-z]+'", "'\\d+'", "'.'", "'x*'", "'(?i)ABC'", "'\\mab'", "'('", "NULL")

// argument provides the i-th argument of a function.
func argument(f *expr.Function, i int) (provider, bool) {
	if p, ok := special[fmt.Sprintf("%s.%d", f.Name, i)]; ok {
		return p, true
	}
	t := f.Args[min(i, len(f.Args)-1)]
	switch {
	case strings.HasPrefix(f.Name, "regexp") && i == 1, f.ID == "textregexsubstr" && i == 1, f.Kind == expr.Operator && strings.Contains(f.Name, "~") && i == 1 && t.Kind == types.Text:
		return patterns, true
	case strings.HasPrefix(f.Name, "regexp") && i == len(f.Args)-1 && f.Args[i].Kind == types.Text && i > 1:
		if f.Name == "regexp_replace" && i == 2 {
			return listProvider("'-'", "'[\\1]'", "'\\&\\&'", "''"), true
		}
		return listProvider("''", "'g'", "'i'", "'x'", "'q'", "NULL"), true
	case strings.HasPrefix(f.Name, "regexp") && t.Kind == types.Text && i == 2:
		return listProvider("'-'", "'[\\1]'", "'\\&\\&'", "''"), true
	case f.Kind == expr.Scalar && t.Kind == types.Int4 && len(f.Args) > 1 && !strings.HasPrefix(f.ID, "int4"):
		return smallInts, true
	case f.Kind == expr.Operator && (f.Name == "<<" || f.Name == ">>") && i == 1:
		return smallInts, true
	case f.Kind == expr.Operator && t.Kind == types.Int4 && i == 1 && f.Args[0].Kind >= types.JSON:
		return smallInts, true
	case f.Kind == expr.Operator && t.Kind == types.Text && i == 1 && (f.Args[0].Kind == types.JSON || f.Args[0].Kind == types.JSONB):
		return listProvider("'a'", "'b'", "'ü'", "'nosuch'", "''", "NULL"), true
	case t.Kind == types.Array && t.Elem.Kind == types.Text && i == 1:
		return listProvider("'{a}'::text[]", "'{a,b,c}'", "'{}'", "'{2}'", "'{bb,0}'", "'{a,NULL}'", "NULL"), true
	case f.ID == "jsonb_delete" || t.Kind == types.Invalid:
		return provider{}, false
	case t.Kind == types.Array:
		p := map[types.Kind]provider{types.Text: tableProvider("arr", "ta", 10), types.Int4: tableProvider("arr", "ia", 10), types.Numeric: tableProvider("arr", "na", 10), types.Float8: tableProvider("arr", "fa", 10)}[t.Elem.Kind]
		return p, p.table != ""
	}
	p, ok := columnOf[t.Kind]
	return p, ok
}

// typed writes the type of an argument that nothing else fixes.
func typed(t *types.Type, arg string) string {
	switch t.Kind {
	case types.Text, types.Float8, types.Numeric, types.Int2, types.Int4, types.Int8, types.Float4, types.OID:
		return "(" + arg + ")::" + t.String()
	}
	return arg
}
