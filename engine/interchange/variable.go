package interchange

import (
	"bytes"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/numeric"
)

// eachNumeric decodes the values of a column of numeric's variable storage.
func eachNumeric(a arrow.Array, visit func(i int, n numeric.Num) error) error {
	in, ok := a.(*array.Binary)
	if !ok {
		return fmt.Errorf("numeric is stored as %s", a.DataType())
	}
	for i := range in.Len() {
		if in.IsNull(i) {
			continue
		}
		if err := visit(i, numeric.Decode(in.Value(i))); err != nil {
			return err
		}
	}
	return nil
}

// fixedDecimals brings numbers of any scale to one precision and scale. Digits that do not fit, NaN and the infinities
// are errors: nothing is rounded.
func fixedDecimals(a arrow.Array, to arrow.DecimalType, name string) (arrow.Array, error) {
	words := to.(arrow.FixedWidthDataType).Bytes() / 8
	dst := make([]uint64, a.Len()*words)
	precision, scale := to.GetPrecision(), to.GetScale()
	err := eachNumeric(a, func(i int, n numeric.Num) error {
		switch n.Class {
		case numeric.NaN:
			return loss(name, "NaN", to)
		case numeric.PosInf, numeric.NegInf:
			return loss(name, "an infinite value", to)
		}
		v, ok := scaled(n, precision, scale)
		if !ok {
			return loss(name, "a value", to)
		}
		all := v.Array()
		copy(dst[i*words:(i+1)*words], all[:])
		return nil
	})
	if err != nil {
		return nil, err
	}
	return newArray(to, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
}

// scaled is the finite n as an integer of 10^-scale, false when that loses digits or has more than precision.
func scaled(n numeric.Num, precision, scale int32) (decimal256.Num, bool) {
	var v decimal256.Num
	if n.IsZero() {
		return v, true
	}
	if n.Scale > scale {
		n = n.Canonical()
	}
	shift := scale - n.Scale // zeros to append
	if shift < 0 || n.Digits()+int(shift) > int(precision) {
		return v, false
	}
	if n.Big == nil {
		v = decimal256.New(0, 0, n.Hi, n.Lo)
	} else {
		v = decimal256.FromBigInt(n.Big)
	}
	if shift > 0 {
		v = v.Mul(decimal256.GetScaleMultiplier(int(shift)))
	}
	if n.Neg {
		v = v.Negate()
	}
	return v, true
}

// appendNumeric writes n as PostgreSQL prints it: as many digits behind the point as its scale.
func appendNumeric(dst []byte, n numeric.Num) []byte {
	switch n.Class {
	case numeric.NaN:
		return append(dst, "NaN"...)
	case numeric.PosInf:
		return append(dst, "Infinity"...)
	case numeric.NegInf:
		return append(dst, "-Infinity"...)
	}
	if n.Neg {
		dst = append(dst, '-')
	}
	start := len(dst)
	if n.Big == nil && n.Hi == 0 {
		dst = strconv.AppendUint(dst, n.Lo, 10)
	} else {
		dst = n.Mag().Append(dst, 10)
	}
	scale := int(n.Scale)
	if scale == 0 {
		return dst
	}
	if pad := scale + 1 - (len(dst) - start); pad > 0 {
		dst = slices.Insert(dst, start, bytes.Repeat([]byte{'0'}, pad)...)
	}
	return slices.Insert(dst, len(dst)-scale, '.')
}

// numericText writes numbers as PostgreSQL prints them.
func numericText(a arrow.Array) (arrow.Array, error) {
	ends := make([]int32, a.Len())
	var dst []byte
	err := eachNumeric(a, func(i int, n numeric.Num) error {
		dst = appendNumeric(dst, n)
		if len(dst) > math.MaxInt32 {
			return fmt.Errorf("the numbers of one batch take more than %d bytes as text", math.MaxInt32)
		}
		ends[i] = int32(len(dst))
		return nil
	})
	if err != nil {
		return nil, err
	}
	offsets := make([]int32, a.Len()+1)
	for i, e := range ends { // NULLs left theirs at zero
		offsets[i+1] = max(e, offsets[i])
	}
	return newArray(arrow.BinaryTypes.String, a.Len(), a.NullN(),
		[]*memory.Buffer{validity(a), bufferOf(offsets), memory.NewBufferBytes(dst)}), nil
}

// numericDoubles rounds numbers to the nearest double; beyond its range they become infinite.
func numericDoubles(a arrow.Array) (arrow.Array, error) {
	dst := make([]float64, a.Len())
	var text []byte
	err := eachNumeric(a, func(i int, n numeric.Num) error {
		text = appendNumeric(text[:0], n)
		v, err := strconv.ParseFloat(string(text), 64)
		if err != nil && !math.IsInf(v, 0) {
			return err
		}
		dst[i] = v
		return nil
	})
	if err != nil {
		return nil, err
	}
	return newArray(arrow.PrimitiveTypes.Float64, a.Len(), a.NullN(), []*memory.Buffer{validity(a), bufferOf(dst)}), nil
}

// variableDecimals turns foreign decimals whose precision or scale the fixed storages do not have into numeric's
// variable one. A negative scale becomes zeros before the point.
func variableDecimals(a arrow.Array, scale int32) (arrow.Array, error) {
	offsets := make([]int32, a.Len()+1)
	var dst []byte
	for i := range a.Len() {
		if a.IsValid(i) {
			c, err := coefficient(a, i)
			if err != nil {
				return nil, err
			}
			if scale < 0 {
				c.Mul(c, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-scale)), nil))
			}
			dst = numeric.Append(dst, numeric.FromBig(c, max(scale, 0)))
		}
		offsets[i+1] = int32(len(dst))
	}
	return newArray(arrow.BinaryTypes.Binary, a.Len(), a.NullN(),
		[]*memory.Buffer{validity(a), bufferOf(offsets), memory.NewBufferBytes(dst)}), nil
}

func coefficient(a arrow.Array, i int) (*big.Int, error) {
	switch a := a.(type) {
	case *array.Decimal32:
		return big.NewInt(int64(a.Value(i))), nil
	case *array.Decimal64:
		return big.NewInt(int64(a.Value(i))), nil
	case *array.Decimal128:
		return a.Value(i).BigInt(), nil
	case *array.Decimal256:
		return a.Value(i).BigInt(), nil
	}
	return nil, fmt.Errorf("expected a decimal, found %s", a.DataType())
}
