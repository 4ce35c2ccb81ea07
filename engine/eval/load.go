package eval

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// load gives the values of argument k as a slice of A: one value when v is constant, else one a row. Fixed-width values
// are v's own buffer; other forms are made in scratch that lasts until the call runs again.
func load[A any](c *call, k int, v *vector) []A {
	var a A
	switch any(a).(type) {
	case string:
		return loadScratch(c, k, v.count(), func(dst []string) {
			for i := range dst {
				dst[i] = v.str(i)
			}
		}).([]A)
	case []byte:
		return loadScratch(c, k, v.count(), func(dst [][]byte) {
			for i := range dst {
				dst[i] = v.bytes(i)
			}
		}).([]A)
	case bool:
		return loadScratch(c, k, v.count(), func(dst []bool) {
			for i := range dst {
				dst[i] = bitAt(v.bits, i)
			}
		}).([]A)
	case numeric.Num:
		return loadScratch(c, k, v.count(), func(dst []numeric.Num) { loadNums(dst, v) }).([]A)
	}
	return values[A](v)
}

func loadScratch[T any](c *call, k, n int, fill func(dst []T)) any {
	s, _ := c.loaded[k].([]T)
	s = grow(s, n)
	c.loaded[k] = s
	fill(s)
	return s
}

// loadNums decodes the numerics of any storage.
func loadNums(dst []numeric.Num, v *vector) {
	switch v.typ.NumericStorage() {
	case types.Decimal64:
		for i, x := range values[int64](v) {
			dst[i] = numeric.FromInt64(x, v.typ.Scale)
		}
	case types.Decimal128:
		for i, x := range values[decimal128.Num](v) {
			dst[i] = numeric.FromInt128(x.HighBits(), x.LowBits(), v.typ.Scale)
		}
	default:
		for i := range dst {
			dst[i] = numeric.Decode(v.bytes(i))
		}
	}
}

// store puts one value per row into out.
func store[R any](out *vector, r []R) error {
	switch r := any(r).(type) {
	case []string:
		for _, s := range r {
			out.data = append(out.data, s...)
			if err := out.endBytes(); err != nil {
				return err
			}
		}
	case [][]byte:
		for _, s := range r {
			out.data = append(out.data, s...)
			if err := out.endBytes(); err != nil {
				return err
			}
		}
	case []bool:
		clear(out.bits)
		for i, b := range r {
			if b {
				setBit(out.bits, i, true)
			}
		}
	case []numeric.Num:
		return storeNums(out, r)
	default:
		if len(out.fixed) > 0 {
			copy(values[R](out), r.([]R))
		}
	}
	return nil
}

// storeNums encodes numerics in the storage of out's type. Only a value in a row that is not NULL can fail.
func storeNums(out *vector, r []numeric.Num) error {
	t := out.typ
	switch t.NumericStorage() {
	case types.Decimal64:
		dst := values[int64](out)
		for i, n := range r {
			v, ok := n.Round(t.Scale).Int64()
			if !ok && !out.null(i) {
				return fieldOverflow(t)
			}
			dst[i] = v
		}
	case types.Decimal128:
		dst := values[decimal128.Num](out)
		for i, n := range r {
			hi, lo, ok := n.Round(t.Scale).Int128()
			if !ok && !out.null(i) {
				return fieldOverflow(t)
			}
			dst[i] = decimal128.New(hi, lo)
		}
	default:
		for _, n := range r {
			out.data = numeric.Append(out.data, n)
			if err := out.endBytes(); err != nil {
				return err
			}
		}
	}
	return nil
}

// endBytes closes the current string of a vector of bytes.
func (v *vector) endBytes() error {
	if len(v.data) > math.MaxInt32 {
		return sqlerr.New(sqlerr.ProgramLimit, "the strings of one batch exceed 2 GiB")
	}
	v.offs = append(v.offs, int32(len(v.data)))
	return nil
}

// fieldOverflow is 22003 for a value that does not fit into numeric(p,s).
func fieldOverflow(t *types.Type) error {
	e := sqlerr.New(sqlerr.NumericOutOfRange, "numeric field overflow")
	return e.WithDetail("A field with precision %d, scale %d must round to an absolute value less than 10^%d.",
		t.Precision, t.Scale, t.Precision-t.Scale)
}
