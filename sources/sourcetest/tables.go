package sourcetest

import (
	"fmt"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// adversarial are values of each type, as PostgreSQL writes them: extremes, special values, and texts that collations,
// patterns, quoting and padding trip over.
var adversarial = []struct {
	name   string
	typ    *types.Type
	values []string
}{
	{"c_bool", types.BoolT, []string{"true", "false"}},
	{"c_int2", types.Int2T, []string{"0", "1", "-1", "32767", "-32768"}},
	{"c_int4", types.Int4T, []string{"0", "1", "-1", "2147483647", "-2147483648", "16777217"}},
	{"c_int8", types.Int8T, []string{"0", "1", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993"}},
	{"c_float4", types.Float4T, []string{"0", "-0", "1.5", "0.1", "NaN", "Infinity", "-Infinity", "1e-45", "3.4028235e38"}},
	{"c_float8", types.Float8T, []string{"0", "-0", "1.5", "0.1", "NaN", "Infinity", "-Infinity", "5e-324", "1.7976931348623157e308"}},
	{"c_numeric", types.NumericT, []string{
		"0", "0.00", "1.10", "1.1", "NaN", "Infinity", "-Infinity", "12345678901234567890.123456789", "-0.000001",
		"9007199254740993", "99999999999999999999999999999999999999999999",
	}},
	{"c_decimal", types.NumericOf(12, 3), []string{"0.000", "1.100", "-1.100", "999999999.999", "-999999999.999", "0.001"}},
	{"c_text", types.TextT, texts},
	{"c_varchar", types.VarcharOf(12), texts},
	{"c_bpchar", types.BpcharOf(4), []string{"", "a", "a b", "ab", "ä", "Z", "abcd"}},
	{"c_bytea", types.ByteaT, []string{`\x`, `\x00`, `\x0001ff`, `\xff`, `\x61`}},
	{"c_date", types.DateT, []string{
		"1970-01-01", "1969-12-31", "0001-01-01", "0044-03-15 BC", "9999-12-31", "2024-02-29", "infinity", "-infinity",
	}},
	{"c_time", types.TimeT, []string{"00:00:00", "12:34:56.789012", "23:59:59.999999", "24:00:00"}},
	{"c_timestamp", types.TimestampT, []string{
		"1970-01-01 00:00:00", "1969-12-31 23:59:59.999999", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999",
		"2024-02-29 12:00:00.123456", "2024-02-29 12:00:00.123", "infinity", "-infinity",
	}},
	{"c_timestamptz", types.TimestampTZT, []string{
		"1970-01-01 00:00:00+00", "1969-12-31 23:59:59.999+00", "2024-03-31 01:30:00+00", "2024-02-29 12:00:00.123456+00",
		"9999-12-31 23:59:59.999999+00", "infinity", "-infinity",
	}},
	{"c_interval", types.IntervalT, []string{"00:00:00", "1 mon", "30 days", "-1 days +00:00:01", "1 year 2 mons 3 days 04:05:06.789"}},
	{"c_uuid", types.UUIDT, []string{
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
	}},
	{"c_json", types.JSONT, []string{`{"a": 1,  "a": 2}`, `null`, `[]`, `"ä"`}},
	{"c_jsonb", types.JSONBT, []string{`{"a": 2}`, `null`, `[1, 1.0]`, `"ä"`}},
	{"c_ints", types.ArrayOf(types.Int4T), []string{"{}", "{1,NULL,3}", "{2147483647}"}},
	{"c_texts", types.ArrayOf(types.TextT), []string{"{}", `{"",NULL,"a,b"}`, `{"\"{}"}`}},
}

var texts = []string{
	"", " ", "a", "A", "a ", "ab", "abc", "a\nb", "a%b", "a_b", `\`, `a\%`, "ä", "Ä", "ß", "a\u0308", "𝄞", "it's", "$1",
	`"q"`, "-", "_", "zz", "Z", "\u007f", "ﬀ", "null", "$a.b",
}

// makeTables are the suite's tables as far as a kind holds their types and values: "every" has each type's adversarial
// values, "empty" no rows, "many" enough rows for splits, "shifting" is altered while it is read.
func makeTables(h Harness) []Table {
	return []Table{every(h), {
		Name:    "empty",
		Columns: []Column{{Name: "id", Type: types.Int4T, NotNull: true}, {Name: "v", Type: types.TextT}},
	}, many(h.Rows), {
		Name:    "shifting",
		Columns: []Column{{Name: "id", Type: types.Int4T, NotNull: true}, {Name: "v", Type: types.Int4T}},
		Rows:    [][]any{{int64(1), int64(10)}, {int64(2), nil}},
	}}
}

// every pairs the values of its columns in changing combinations; two rows are NULL in every column, two are equal.
func every(h Harness) Table {
	t := Table{Name: "every", Columns: []Column{{Name: "id", Type: types.Int4T, NotNull: true}}, Key: "id"}
	var values [][]any
	for _, c := range adversarial {
		if !h.Holds(c.typ, nil) {
			continue
		}
		t.Columns = append(t.Columns, Column{Name: c.name, Type: c.typ})
		var held []any
		for _, text := range c.values {
			if v := parse(c.typ, text); h.Holds(c.typ, v) {
				held = append(held, v)
			}
		}
		values = append(values, held)
	}
	const rows = 64
	for i := range rows {
		row := []any{int64(i)}
		for col, vs := range values {
			n := i + i/len(vs)*col
			if i < 2 || (i+col)%11 == 10 {
				row = append(row, nil)
			} else {
				row = append(row, vs[n%len(vs)])
			}
		}
		t.Rows = append(t.Rows, row)
	}
	copy(t.Rows[rows-1][1:], t.Rows[rows-2][1:])
	return t
}

func parse(t *types.Type, text string) any {
	if t.Kind == types.Varchar && len([]rune(text)) > int(t.Length()) {
		text = string([]rune(text)[:t.Length()])
	}
	v, err := datum.Parse(t, text, time.UTC)
	if err != nil {
		panic(fmt.Sprintf("sourcetest: %s %q: %v", t, text, err))
	}
	return v
}

func many(n int) Table {
	t := Table{Name: "many", Key: "id", Columns: []Column{
		{Name: "id", Type: types.Int4T, NotNull: true},
		{Name: "grp", Type: types.Int4T},
		{Name: "version", Type: types.Int8T, NotNull: true},
		{Name: "pad", Type: types.TextT},
	}}
	pad := strings.Repeat("x", 200)
	for i := range n {
		var grp any
		if i%7 != 0 {
			grp = int64(i % 100)
		}
		t.Rows = append(t.Rows, []any{int64(i), grp, int64(0), fmt.Sprint(pad, i%13)})
	}
	return t
}
