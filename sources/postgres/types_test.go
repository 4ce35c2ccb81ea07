package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

const typesDDL = `
CREATE TYPE mood AS ENUM ('sad', 'o''k', 'happy "x"');
CREATE DOMAIN posint AS int4 CHECK (value > 0);
CREATE DOMAIN money2 AS numeric(12,2);
CREATE TYPE pair AS (a int4, b text, m mood);
CREATE TYPE odd AS (a int4, t timetz);
CREATE TYPE floatrange AS RANGE (subtype = float8);`

// typeCases are columns and adversarial values of them.
var typeCases = []struct {
	typ    string
	values []string
}{
	{"bool", []string{"true", "false"}},
	{"int2", []string{"0", "-32768", "32767"}},
	{"int4", []string{"0", "-2147483648", "2147483647"}},
	{"int8", []string{"0", "-9223372036854775808", "9223372036854775807"}},
	{"oid", []string{"0", "4294967295"}},
	{"float4", []string{"0", "-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "1e-45", "0.1"}},
	{"float8", []string{"0", "-0", "NaN", "Infinity", "-Infinity", "1.7976931348623157e308", "5e-324", "0.1"}},
	{"numeric(15,2)", []string{"0", "0.01", "-0.01", "9999999999999.99", "-9999999999999.99", "100", "10000", "12345.60", "0.10"}},
	{"numeric(18,0)", []string{"999999999999999999", "-999999999999999999", "0", "1", "10000000000000000"}},
	{"numeric(18,18)", []string{"0.999999999999999999", "-0.000000000000000001", "0", "0.1"}},
	{"numeric(18,1)", []string{"99999999999999999.9", "-99999999999999999.9", "10000000000000000.0"}},
	{"numeric(5,5)", []string{"0.99999", "0.00001", "-0.5"}},
	{"numeric(4,1)", []string{"999.9", "-0.1"}},
	{"numeric(3,-2)", []string{"99900", "-100", "0"}},
	{"numeric(38,10)", []string{"9999999999999999999999999999.9999999999", "-0.0000000001", "0", "12345678901234567890.12"}},
	{"numeric(38,38)", []string{"0.99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001"}},
	{"numeric(38,0)", []string{"99999999999999999999999999999999999999", "-1", "10000000000000000000000000000000000000"}},
	{"numeric(20,3)", []string{"99999999999999999.999", "0.001"}},
	{"numeric(60,20)", []string{"1234567890123456789012345678901234567890.12345678901234567890", "0"}},
	{"numeric", []string{
		"0", "0.000", "NaN", "Infinity", "-Infinity", "1e-20", "1.10", "-1.100", "100000", "1e60", "0.00010000",
		"123456789012345678901234567890.123456789012345678901234567890", "-1e-1000", "9e1000", "340282366920938463463374607431768211455",
	}},
	{"text", []string{"", " ", "a ", "it's", `back\slash`, "Grüße 東京 🎉", "line\nbreak\ttab", `"q"`, "NULL"}},
	{"varchar(5)", []string{"", "abcde", "é ü 1"}},
	{"char(4)", []string{"", "ab", "abcd", "é"}},
	{"name", []string{"", "n"}},
	{`"char"`, []string{"", "a", "~"}},
	{"bytea", []string{"", `\x00ff5c27`, `\x616263`}},
	{"date", []string{"2000-01-01", "1970-01-01", "4714-11-24 BC", "5874897-12-31", "infinity", "-infinity", "0044-03-15 BC"}},
	{"time", []string{"00:00", "24:00:00", "23:59:59.999999", "12:34:56.5"}},
	{"time(3)", []string{"12:34:56.789"}},
	{"timetz", []string{"00:00+00", "24:00:00-15:59", "12:34:56.789+05:30"}},
	{"timestamp", []string{
		"2000-01-01", "1969-12-31 23:59:59.999999", "4714-11-24 00:00:00 BC", "294246-12-31 23:59:59.999999", "infinity", "-infinity",
	}},
	{"timestamptz", []string{"2000-01-01 00:00+00", "1900-01-01 12:00-05", "infinity", "-infinity", "0001-01-01 00:00:00+00 BC"}},
	{"timestamp(0)", []string{"2020-02-29 12:00:01"}},
	{"interval", []string{
		"0", "1 month", "1 mon -1 day 00:00:00.000001", "-178000000 years", "292 years 40 days 23:59:59.999999", "-2147483648 days",
	}},
	{"uuid", []string{"00000000-0000-0000-0000-000000000000", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}},
	{"json", []string{`{"b":1,  "a":[1,2,null]}`, `"x"`, "null", `{"é":"\u00e9"}`}},
	{"jsonb", []string{`{"b":1,  "a":[1,2,null]}`, `1.10`, "null", `{"k":"🎉"}`}},
	{"xml", []string{"<a>1</a>"}},
	{"money", []string{"$0.00", "-$92,233,720,368,547,758.08", "$1.23"}},
	{"bit(3)", []string{"101", "000"}},
	{"varbit", []string{"", "1", "101010101"}},
	{"inet", []string{"192.168.0.1", "10.0.0.0/8", "::1", "2001:db8::/32"}},
	{"cidr", []string{"10.0.0.0/8", "::/0"}},
	{"macaddr", []string{"08:00:2b:01:02:03"}},
	{"macaddr8", []string{"08:00:2b:01:02:03:04:05"}},
	{"int4range", []string{"[1,5)", "empty", "(,)", "[3,)"}},
	{"tstzrange", []string{`["2020-01-01 00:00:00+00","2021-01-01 00:00:00+00")`}},
	{"floatrange", []string{"[1,2.5)"}},
	{"int4multirange", []string{"{[1,3),[5,6)}"}},
	{"point", []string{"(1,2)"}},
	{"tsvector", []string{"'a' 'b'"}},
	{"regclass", []string{"pg_class"}},
	{"mood", []string{"sad", "o'k", `happy "x"`}},
	{"posint", []string{"1", "2147483647"}},
	{"money2", []string{"1.50", "-0.01"}},
	{"pair", []string{`(1,"x y",sad)`, `(,,)`, `(2,"",)`, `(3,"q""q",o'k)`}},
	{"odd", []string{`(1,12:00:00+00)`}},
	{"int4[]", []string{"{}", "{1,NULL,3}", "{2147483647}"}},
	{"text[]", []string{"{}", `{a,"b c",NULL,"NULL","","q\"q"}`}},
	{"numeric(10,2)[]", []string{"{1.00,NULL,-99999999.99}"}},
	{"numeric[]", []string{"{1.0,1.00,NaN}"}},
	{"bool[]", []string{"{t,f,NULL}"}},
	{"timestamptz[]", []string{`{"2020-01-01 00:00:00+00",infinity}`}},
	{"timetz[]", []string{"{12:00:00+00,NULL}"}},
	{"inet[]", []string{"{10.0.0.0/8,::1}"}},
	{"mood[]", []string{`{sad,NULL,"happy \"x\""}`}},
	{"pair[]", []string{`{"(1,x,sad)",NULL}`}},
	{"jsonb[]", []string{`{"{\"a\": 1}"}`}},
	{"uuid[]", []string{"{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"}},
	{"bytea[]", []string{`{"\\x00ff"}`}},
	{"varchar(3)[]", []string{`{abc,NULL}`}},
	{"date[]", []string{`{2020-01-01,-infinity}`}},
}

func quoteLiteral(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func createTypes(s *server) {
	for i, c := range typeCases {
		s.run(fmt.Sprintf(`CREATE TABLE t%d (id int4, v %s)`, i, c.typ))
		for k, v := range append([]string{"\x00"}, c.values...) {
			lit := quoteLiteral(v)
			if v == "\x00" {
				lit = "NULL"
			}
			s.run(fmt.Sprintf(`INSERT INTO t%d VALUES (%d, %s)`, i, k, lit))
		}
	}
}

// Every type, through both read paths, in batches of different sizes, comes as PostgreSQL prints it.
func TestTypesBothPaths(t *testing.T) {
	s := newServer(t, typesDDL)
	createTypes(s)
	for i, c := range typeCases {
		t.Run(c.typ, func(t *testing.T) {
			table := s.table(fmt.Sprintf("t%d", i))
			node := scanNode(table)
			want := s.oracle(fmt.Sprintf(`SET extra_float_digits = 1; SELECT id, v FROM t%d ORDER BY id`, i))
			param := &plan.Filter{Input: node, Conds: []expr.Expr{
				&expr.IsBool{Arg: &expr.Param{Index: 1, Typ: types.BoolT}, Value: true},
			}}
			for _, root := range []plan.Node{node, param} {
				rs := s.plan(root)
				for _, size := range []int{1, 3, 8192} {
					batches, err := s.read(rs, &sources.Env{Env: &eval.Env{Params: []any{true}}, BatchRows: size, Stats: &sources.ReadStats{}})
					require.NoError(t, err)
					require.Equal(t, want, texts(rs, batches), "%v rows a batch, %s", size, rs.Text())
				}
			}
		})
	}
}
