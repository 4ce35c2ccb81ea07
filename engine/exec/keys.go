package exec

import (
	"bytes"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/types"
)

// form is how a key column's values are laid out.
type form uint8

const (
	wordForm  form = iota // 8 bytes: everything of fixed width up to that
	pairForm              // 16 bytes
	bytesForm             // variable width
)

// keyVec is a key column in a canonical form: two values are equal as SQL groups and joins exactly when their bytes
// are. A value under a NULL is zero or empty.
type keyVec struct {
	form  form
	words []uint64
	pairs [][2]uint64
	offs  []int32
	data  []byte
	null  []bool // nil: no NULLs
}

func formOf(t *types.Type) form {
	switch t.Kind {
	case types.Bool, types.Int2, types.Int4, types.Int8, types.OID, types.Money, types.Enum, types.Float4, types.Float8,
		types.Date, types.Time, types.Timestamp, types.TimestampTZ:
		return wordForm
	case types.UUID, types.Interval:
		return pairForm
	case types.Numeric:
		switch t.NumericStorage() {
		case types.Decimal64:
			return wordForm
		case types.Decimal128:
			return pairForm
		}
	}
	return bytesForm
}

// lossless says whether a canonical key still is the value itself, byte for byte.
func lossless(t *types.Type) bool {
	switch t.Kind {
	case types.Float4, types.Float8, types.Bpchar, types.Interval, types.Array, types.Composite, types.Record,
		types.JSONB, types.Range, types.Multirange:
		return false
	case types.Numeric:
		return t.NumericStorage() != types.VarNumeric
	}
	return true
}

// newKeyVec is an empty column to be appended to.
func newKeyVec(t *types.Type) keyVec {
	k := keyVec{form: formOf(t)}
	if k.form == bytesForm {
		k.offs = []int32{0}
	}
	return k
}

// appendRows copies rows of src. It fails with 54000 beyond 2 GiB of bytes.
func (k *keyVec) appendRows(src *keyVec, rows []int32) error {
	had := k.len()
	switch k.form {
	case wordForm:
		for _, r := range rows {
			k.words = append(k.words, src.words[r])
		}
	case pairForm:
		for _, r := range rows {
			k.pairs = append(k.pairs, src.pairs[r])
		}
	case bytesForm:
		for _, r := range rows {
			k.data = append(k.data, src.data[src.offs[r]:src.offs[r+1]]...)
			if len(k.data) > math.MaxInt32 {
				return batch.TooLarge(int64(len(k.data)))
			}
			k.offs = append(k.offs, int32(len(k.data)))
		}
	}
	if src.null == nil && k.null == nil {
		return nil
	}
	for len(k.null) < had {
		k.null = append(k.null, false)
	}
	for _, r := range rows {
		k.null = append(k.null, src.null != nil && src.null[r])
	}
	return nil
}

func (k *keyVec) len() int {
	switch k.form {
	case wordForm:
		return len(k.words)
	case pairForm:
		return len(k.pairs)
	}
	return len(k.offs) - 1
}

// bytes is about what the column holds.
func (k *keyVec) bytes() int64 {
	return int64(8*cap(k.words) + 16*cap(k.pairs) + 4*cap(k.offs) + cap(k.data) + cap(k.null))
}

// equalAt compares single values.
func (k *keyVec) equalAt(i int32, o *keyVec, j int32) bool {
	if (k.null != nil && k.null[i]) != (o.null != nil && o.null[j]) {
		return false
	}
	switch k.form {
	case wordForm:
		return k.words[i] == o.words[j]
	case pairForm:
		return k.pairs[i] == o.pairs[j]
	}
	return bytes.Equal(k.data[k.offs[i]:k.offs[i+1]], o.data[o.offs[j]:o.offs[j+1]])
}

// equalPairs clears ok[i] where row ai[i] of k and row bi[i] of o differ; NULL equals NULL.
func (k *keyVec) equalPairs(ok []bool, ai []int32, o *keyVec, bi []int32) {
	switch k.form {
	case wordForm:
		kernel.EqualWords(ok, k.words, ai, o.words, bi)
	case pairForm:
		kernel.EqualPairs(ok, k.pairs, ai, o.pairs, bi)
	default:
		kernel.EqualBytes(ok, k.offs, k.data, ai, o.offs, o.data, bi)
	}
	if k.null != nil || o.null != nil {
		kernel.EqualNulls(ok, k.null, ai, o.null, bi)
	}
}

// hasher computes the hashes of rows; its memory is reused from batch to batch.
type hasher struct{ h, before []uint64 }

func (s *hasher) hash(keys []keyVec, n int) []uint64 {
	s.h = zeroed(s.h, n)
	for i := range keys {
		k := &keys[i]
		if k.null != nil {
			s.before = append(s.before[:0], s.h...)
		}
		switch k.form {
		case wordForm:
			kernel.HashWords(s.h, k.words)
		case pairForm:
			kernel.HashPairs(s.h, k.pairs)
		default:
			kernel.HashBytes(s.h, k.offs, k.data)
		}
		if k.null != nil {
			kernel.HashNulls(s.h, s.before, k.null)
		}
	}
	return s.h
}

// zeroed is a slice of n zeros, in s's memory if it has room.
func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// sized is a slice of n values of any content, in s's memory if it has room.
func sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// nullsOf is a's validity with a byte a row, nil without NULLs.
func nullsOf(a arrow.Array) []bool {
	if a.NullN() == 0 {
		return nil
	}
	out := make([]bool, a.Len())
	if a.DataType().ID() == arrow.NULL {
		for i := range out {
			out[i] = true
		}
		return out
	}
	bits, off := a.NullBitmapBytes(), a.Data().Offset()
	for i := range out {
		at := off + i
		out[i] = bits[at>>3]>>(at&7)&1 == 0
	}
	return out
}

// plainArray is a without a dictionary, as a new reference.
func plainArray(a arrow.Array) (arrow.Array, error) {
	if _, ok := a.(*array.Dictionary); !ok {
		a.Retain()
		return a, nil
	}
	return batch.Plain(a)
}
