package sqltext_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/sources/sqltext"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(m)) }

// generators draw adversarial datums of each type that has literals.
func generators() map[*types.Type]*rapid.Generator[any] {
	text := rapid.OneOf(
		rapid.StringOf(rapid.RuneFrom([]rune(`'"\$;-/*% aA`+"\n\t\rßé東🎉"))),
		rapid.String(), rapid.SampledFrom([]string{"", " ", "NULL", `\`, `\'`, "'", "$1", "--", "/*", "E'", "'; DROP TABLE x; --"}),
	).Filter(func(s string) bool { return !strings.Contains(s, "\x00") && validUTF8(s) })
	micros := rapid.OneOf(
		rapid.Int64Range(-210866803200000000, 9223371331199999999),
		rapid.SampledFrom([]int64{math.MaxInt64, math.MinInt64, 0, -1, 1, 946684800000000, -62135596800000000, -62167219200000000}),
	)
	days := rapid.OneOf(rapid.Int64Range(-2440588, 2145042905), rapid.SampledFrom([]int64{math.MaxInt32, math.MinInt32, -719528, -719162, 0}))
	float := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{
		math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1), math.MaxFloat64, math.SmallestNonzeroFloat64, 0.1,
	}))
	numeric := rapid.Custom(func(t *rapid.T) *apd.Decimal {
		s := rapid.OneOf(
			rapid.StringMatching(`-?[0-9]{1,60}(\.[0-9]{1,60})?`),
			rapid.SampledFrom([]string{"NaN", "Infinity", "-Infinity", "0.000", "-0.1", "1e30", "1e-30"}),
		).Draw(t, "numeric")
		d, _, err := apd.NewFromString(s)
		if err != nil {
			t.Fatal(err)
		}
		if d.Form == apd.Finite && d.Exponent > 0 {
			d.Coeff.Mul(&d.Coeff, apd.NewBigInt(1).Exp(apd.NewBigInt(10), apd.NewBigInt(int64(d.Exponent)), nil))
			d.Exponent = 0
		}
		if d.IsZero() {
			d.Negative = false
		}
		return d
	})
	bytes := rapid.SliceOf(rapid.Byte())
	g := map[*types.Type]*rapid.Generator[any]{
		types.BoolT: rapid.Bool().AsAny(), types.Int2T: ints(math.MinInt16, math.MaxInt16), types.Int4T: ints(math.MinInt32, math.MaxInt32),
		types.Int8T: ints(math.MinInt64, math.MaxInt64), types.OIDT: ints(0, math.MaxUint32), types.Float8T: float.AsAny(),
		types.Float4T:  rapid.Map(rapid.Float32(), func(f float32) any { return float64(f) }),
		types.NumericT: rapid.Map(numeric, func(d *apd.Decimal) any { return d }),
		types.TextT:    text.AsAny(), types.VarcharT: text.AsAny(), types.BpcharT: text.AsAny(),
		types.ByteaT: rapid.Map(bytes, func(b []byte) any { return b }), types.DateT: days.AsAny(),
		types.TimeT: ints(0, 86_400_000_000), types.TimestampT: micros.AsAny(), types.TimestampTZT: micros.AsAny(),
		types.UUIDT: rapid.Map(rapid.SliceOfN(rapid.Byte(), 16, 16), func(b []byte) any { return [16]byte(b) }),
		types.IntervalT: rapid.Custom(func(t *rapid.T) any {
			return datum.Interval{
				Months: rapid.Int32Range(-2000000000, 2000000000).Draw(t, "months"), Days: rapid.Int32().Draw(t, "days"),
				Micros: rapid.Int64Range(-9e15, 9e15).Draw(t, "micros"),
			}
		}),
	}
	for _, elem := range []*types.Type{types.TextT, types.Int4T, types.NumericT, types.ByteaT, types.TimestampTZT, types.BoolT, types.DateT} {
		item := rapid.OneOf(rapid.Just[any](nil), g[elem], g[elem])
		g[types.ArrayOf(elem)] = rapid.Map(rapid.SliceOfN(item, 0, 5), func(v []any) any { return v })
	}
	return g
}

func ints(from, to int64) *rapid.Generator[any] {
	return rapid.OneOf(rapid.Int64Range(from, to), rapid.SampledFrom([]int64{from, to})).AsAny()
}

func validUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

// What a server makes of a literal is the value, whatever standard_conforming_strings is, and it has the type.
func TestLiteralsRoundTrip(t *testing.T) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, fixture.PostgresURL(t))
	require.NoError(t, err)
	defer func() { _ = conn.Close(ctx) }()
	for typ, gen := range generators() {
		t.Run(typ.String(), func(t *testing.T) {
			n := 0
			rapid.Check(t, func(t *rapid.T) {
				n++
				_, err := conn.Exec(ctx, fmt.Sprintf("SET standard_conforming_strings = %v", n%2 == 0))
				require.NoError(t, err)
				v := gen.Draw(t, "value")
				lit, err := sqltext.Postgres.Literal(typ, v)
				require.NoError(t, err)
				res, err := conn.PgConn().Exec(ctx, "COPY (SELECT 1 WHERE false) TO STDOUT; SELECT "+lit+", pg_typeof("+lit+")").ReadAll()
				require.NoError(t, err, lit)
				row := res[len(res)-1].Rows[0]
				require.Equal(t, datum.Text(typ, v, time.UTC), string(row[0]), lit)
				require.Equal(t, typ.String(), string(row[1]), lit)
			})
		})
	}
	for typ := range generators() {
		lit, err := sqltext.Postgres.Literal(typ, nil)
		require.NoError(t, err)
		var null bool
		require.NoError(t, conn.QueryRow(ctx, "SELECT "+lit+" IS NULL").Scan(&null))
		require.True(t, null)
	}
}

func TestLiteralsThatAreRefused(t *testing.T) {
	for _, v := range []string{"a\x00b", "\xff"} {
		_, err := sqltext.Postgres.Literal(types.TextT, v)
		require.Error(t, err)
	}
	_, err := sqltext.Postgres.Literal(types.OpaqueOf(600, "point"), "(1,2)")
	require.Error(t, err)
}
