package interchange

import (
	"fmt"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// decimalIn brings a foreign decimal to the storage of numeric(p,s).
func decimalIn(from arrow.DecimalType, t *types.Type) conversion {
	to := t.Arrow()
	if arrow.TypeEqual(from, to) {
		return nil
	}
	if t.NumericStorage() == types.VarNumeric {
		return func(a arrow.Array) (arrow.Array, error) { return variableDecimals(a, from.GetScale()) }
	}
	return func(a arrow.Array) (arrow.Array, error) {
		width := a.DataType().(arrow.FixedWidthDataType).Bytes()
		switch width {
		case 4:
			return widenDecimal[int32](a, to)
		case 8:
			return widenDecimal[int64](a, to)
		}
		return narrowDecimal(a, width/8, t.Precision, to)
	}
}

// narrowDecimal keeps the lower words of decimals of some more words. Nothing but the declared precision promises that
// the value fits, so each is checked.
func narrowDecimal(a arrow.Array, words int, precision int32, to arrow.DataType) (arrow.Array, error) {
	src := fixedValues[uint64](retyped(a, words))
	keep := to.(arrow.FixedWidthDataType).Bytes() / 8
	dst := make([]uint64, a.Len()*keep)
	limit := tenTo(precision)
	for i := range a.Len() {
		v := src[i*words : (i+1)*words]
		if a.IsValid(i) && !below(v, limit) {
			return nil, sqlerr.New(sqlerr.NumericOutOfRange, "a value has more digits than its type %s says", a.DataType())
		}
		copy(dst[i*keep:(i+1)*keep], v)
	}
	return newArray(to, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
}

// retyped is the array of the 64-bit words of wider values.
func retyped(a arrow.Array, words int) arrow.Array {
	data := array.NewData(arrow.PrimitiveTypes.Uint64, a.Len()*words, []*memory.Buffer{nil, a.Data().Buffers()[1]}, nil,
		0, a.Data().Offset()*words)
	defer data.Release()
	return array.MakeFromData(data)
}

// tenTo is 10^n for n up to 38, low word first.
func tenTo(n int32) [2]uint64 {
	out := [2]uint64{1, 0}
	for range n {
		hi, lo := bits.Mul64(out[0], 10)
		out = [2]uint64{lo, out[1]*10 + hi}
	}
	return out
}

// below says whether the two's complement number v, low word first, has an absolute value below limit.
func below(v []uint64, limit [2]uint64) bool {
	top := v[len(v)-1]
	sign := uint64(int64(top) >> 63)
	// The absolute value: complement and add one where the sign is negative.
	var abs [4]uint64
	carry := sign & 1
	for i, w := range v {
		abs[i], carry = bits.Add64(w^sign, 0, carry)
	}
	if abs[2]|abs[3] != 0 {
		return false
	}
	return abs[1] < limit[1] || abs[1] == limit[1] && abs[0] < limit[0]
}

// numericOut converts numeric's three storages to the client's type.
func numericOut(t *types.Type, to arrow.DataType, name string) conversion {
	switch t.NumericStorage() {
	case types.Decimal64:
		return func(a arrow.Array) (arrow.Array, error) { return widenDecimal[int64](a, to) }
	case types.Decimal128:
		return func(a arrow.Array) (arrow.Array, error) {
			data := array.NewData(to, a.Len(), a.Data().Buffers(), nil, a.NullN(), a.Data().Offset())
			defer data.Release()
			return array.MakeFromData(data), nil
		}
	}
	switch to := to.(type) {
	case arrow.DecimalType:
		return func(a arrow.Array) (arrow.Array, error) { return fixedDecimals(a, to, name) }
	case *arrow.Float64Type:
		return numericDoubles
	case *arrow.StringType:
		return numericText
	}
	return func(arrow.Array) (arrow.Array, error) { return nil, fmt.Errorf("no numeric as %s", to) }
}

// loss is the error for a number that a client's decimal cannot hold.
func loss(name, what string, to arrow.DecimalType) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, "column %q: %s does not fit into %s without loss", name, what, to).
		WithHint("cast the column to a numeric of known precision (x::numeric(38,10)), or SET skein.numeric = 'text' " +
			"(all digits, NaN and infinities), 'decimal(p,s)' or 'double'")
}
