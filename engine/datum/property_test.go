package datum_test

import (
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/cockroachdb/apd/v3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// datumOf draws a datum of a type; nested types draw NULLs too.
func datumOf(t *rapid.T, typ *types.Type) any {
	switch typ.Kind {
	case types.Bool:
		return rapid.Bool().Draw(t, "bool")
	case types.Int2:
		return int64(rapid.Int16().Draw(t, "int2"))
	case types.Int4, types.Date:
		v := int64(rapid.Int32().Draw(t, "int4"))
		if typ.Kind == types.Date && (v < -2440588 || v > 2145042905) {
			return datum.DateInfinity
		}
		return v
	case types.Int8, types.Money:
		return rapid.Int64().Draw(t, "int8")
	case types.Float4:
		return float64(rapid.Float32().Draw(t, "float4"))
	case types.Float8:
		return math.Float64frombits(rapid.Uint64().Draw(t, "float8"))
	case types.Numeric:
		return numericOf(t)
	case types.Time:
		return rapid.Int64Range(0, 86_400_000_000).Draw(t, "time")
	case types.Timestamp, types.TimestampTZ:
		return rapid.Int64Range(-210866803200000000, math.MaxInt64).Draw(t, "timestamp")
	case types.Interval:
		return datum.Interval{
			Months: rapid.Int32().Draw(t, "months"), Days: rapid.Int32().Draw(t, "days"),
			Micros: rapid.Int64Range(math.MinInt64/1000, math.MaxInt64/1000).Draw(t, "micros"),
		}
	case types.UUID:
		return [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
	case types.Bytea:
		return rapid.SliceOf(rapid.Byte()).Draw(t, "bytea")
	case types.Array:
		return rapid.SliceOf(rapid.Custom(func(t *rapid.T) any { return orNull(t, typ.Elem) })).Draw(t, "array")
	case types.Composite:
		out := make([]any, len(typ.Fields))
		for i, f := range typ.Fields {
			out[i] = orNull(t, f.Type)
		}
		return out
	}
	return rapid.String().Draw(t, "text")
}

func orNull(t *rapid.T, typ *types.Type) any {
	if rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return nil
	}
	return datumOf(t, typ)
}

func numericOf(t *rapid.T) *apd.Decimal {
	switch rapid.IntRange(0, 20).Draw(t, "special") {
	case 0:
		return &apd.Decimal{Form: apd.NaN}
	case 1:
		return &apd.Decimal{Form: apd.Infinite, Negative: true}
	}
	b := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "digits")
	d := &apd.Decimal{Exponent: -rapid.Int32Range(0, 60).Draw(t, "scale")}
	d.Coeff.SetMathBigInt(new(big.Int).SetBytes(b))
	d.Negative = d.Coeff.Sign() != 0 && rapid.Bool().Draw(t, "negative")
	return d
}

func roundTripTypes() []*types.Type {
	pair := types.CompositeOf("pair", []types.Field{{Name: "a", Type: types.TextT}, {Name: "b", Type: types.IntervalT}})
	scalars := []*types.Type{
		types.BoolT, types.Int2T, types.Int4T, types.Int8T, types.Float4T, types.Float8T, types.NumericT, types.TextT,
		types.ByteaT, types.DateT, types.TimeT, types.TimestampT, types.TimestampTZT, types.IntervalT, types.UUIDT,
		types.MoneyT, pair,
	}
	all := scalars
	for _, s := range scalars {
		all = append(all, types.ArrayOf(s))
	}
	return append(all, types.CompositeOf("outer", []types.Field{{Name: "p", Type: pair}, {Name: "l", Type: types.ArrayOf(pair)}}))
}

func TestTextReadsBack(t *testing.T) {
	zones := []*time.Location{nil, mustZone(t, "America/New_York"), mustZone(t, "Asia/Kolkata")}
	for _, typ := range roundTripTypes() {
		t.Run(typ.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				v := datumOf(t, typ)
				zone := rapid.SampledFrom(zones).Draw(t, "zone")
				text := string(datum.Append(nil, typ, v, zone))
				back, err := datum.Parse(typ, text, zone)
				require.NoError(t, err, text)
				require.Zero(t, datum.Compare(typ, v, back), "%s is read as %s", text, datum.Text(typ, back, zone))
				require.Equal(t, text, string(datum.Append(nil, typ, back, zone)))
			})
		})
	}
}

func TestArrayReadsBack(t *testing.T) {
	for _, typ := range roundTripTypes() {
		t.Run(typ.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				values := []any{datumOf(t, typ), nil, datumOf(t, typ)}
				arr, err := datum.ToArray(typ, values)
				require.NoError(t, err)
				defer arr.Release()
				require.Equal(t, 3, arr.Len())
				for i, v := range values {
					require.Zero(t, datum.Compare(typ, v, datum.FromArray(typ, arr, i)))
				}
				require.Nil(t, datum.FromArray(typ, arr, 1))
			})
		})
	}
}

func mustZone(t *testing.T, name string) *time.Location {
	loc, err := datum.LoadZone(name)
	require.NoError(t, err)
	return loc
}

func TestComparisonIsAnOrder(t *testing.T) {
	for _, typ := range roundTripTypes() {
		rapid.Check(t, func(t *rapid.T) {
			a, b, c := datumOf(t, typ), datumOf(t, typ), datumOf(t, typ)
			require.Equal(t, sign(datum.Compare(typ, a, b)), -sign(datum.Compare(typ, b, a)))
			if datum.Compare(typ, a, b) <= 0 && datum.Compare(typ, b, c) <= 0 {
				require.LessOrEqual(t, datum.Compare(typ, a, c), 0)
			}
		})
	}
}

// No input makes the readers panic, whatever the type.
func TestParseNeverPanics(t *testing.T) {
	all := append(roundTripTypes(), types.JSONT, types.JSONBT, types.TimeTZT, types.InetT, types.CidrT, types.MacaddrT,
		types.VarbitT, types.CharT, types.ByName("int4range"), types.ByName("tsrange"), types.OIDT)
	words := []string{"1", "-", ":", ".", "/", "{", "}", "\"", ",", "(", ")", "[", "]", "\\", "e", "t", "j", "bc", "jan", "+", " ", "P", "T", "null", "99", "é"}
	rapid.Check(t, func(t *rapid.T) {
		s := ""
		for range rapid.IntRange(0, 12).Draw(t, "n") {
			s += rapid.SampledFrom(words).Draw(t, "word")
		}
		typ := rapid.SampledFrom(all).Draw(t, "type")
		if v, err := datum.Parse(typ, s, nil); err == nil && v != nil {
			_ = datum.Append(nil, typ, v, nil)
		}
	})
}
