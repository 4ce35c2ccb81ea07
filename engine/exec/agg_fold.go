package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// boolFold is bool_and and bool_or.
type boolFold struct {
	or   bool
	seen []bool
	v    []bool
}

func (b *boolFold) grow(n int) { b.seen, b.v = grown(b.seen, n), grown(b.v, n) }

func (b *boolFold) add(ids []int32, args []arrow.Array) error {
	a := args[0].(*array.Boolean)
	for i, g := range ids {
		if !a.IsNull(i) {
			b.take(g, a.Value(i))
		}
	}
	return nil
}

func (b *boolFold) take(g int32, v bool) {
	if b.or {
		b.v[g] = b.v[g] || v
	} else {
		b.v[g] = v && (b.v[g] || !b.seen[g])
	}
	b.seen[g] = true
}

func (b *boolFold) merge(other accumulator, from, to []int32) error {
	o := other.(*boolFold)
	for i, f := range from {
		if o.seen[f] {
			b.take(to[i], o.v[f])
		}
	}
	return nil
}

func (b *boolFold) result(from, to int) (arrow.Array, error) {
	return boolArray(b.v[from:to], unseen(b.seen[from:to])), nil
}

func (b *boolFold) bytes() int64 { return int64(2 * cap(b.v)) }

// bitFold is bit_and, bit_or and bit_xor of integers.
type bitFold[T int16 | int32 | int64] struct {
	dt   arrow.DataType
	op   func(a, b T) T
	seen []bool
	v    []T
}

func bitFoldOf(t *types.Type, name string) func() accumulator {
	switch t.Kind {
	case types.Int2:
		return func() accumulator { return &bitFold[int16]{dt: t.Arrow(), op: bitOp[int16](name)} }
	case types.Int4:
		return func() accumulator { return &bitFold[int32]{dt: t.Arrow(), op: bitOp[int32](name)} }
	case types.Int8:
		return func() accumulator { return &bitFold[int64]{dt: t.Arrow(), op: bitOp[int64](name)} }
	case types.Bit:
		return func() accumulator { return &bitStringFold{typ: t, name: name} }
	}
	return nil
}

func bitOp[T int16 | int32 | int64](name string) func(a, b T) T {
	switch name {
	case "bit_and":
		return func(a, b T) T { return a & b }
	case "bit_or":
		return func(a, b T) T { return a | b }
	}
	return func(a, b T) T { return a ^ b }
}

func (b *bitFold[T]) grow(n int) { b.seen, b.v = grown(b.seen, n), grown(b.v, n) }

func (b *bitFold[T]) add(ids []int32, args []arrow.Array) error {
	v, null := fixedView[T](args[0].Data()), nullsOf(args[0])
	for i, g := range ids {
		if null == nil || !null[i] {
			b.take(g, v[i])
		}
	}
	return nil
}

func (b *bitFold[T]) take(g int32, v T) {
	if b.seen[g] {
		v = b.op(b.v[g], v)
	}
	b.v[g], b.seen[g] = v, true
}

func (b *bitFold[T]) merge(other accumulator, from, to []int32) error {
	o := other.(*bitFold[T])
	for i, f := range from {
		if o.seen[f] {
			b.take(to[i], o.v[f])
		}
	}
	return nil
}

func (b *bitFold[T]) result(from, to int) (arrow.Array, error) {
	return fixedArray(b.dt, b.v[from:to], unseen(b.seen[from:to])), nil
}

func (b *bitFold[T]) bytes() int64 { return int64(9 * cap(b.v)) }

// bitStringFold is bit_and, bit_or and bit_xor of bit strings, which are all of one length; bits are '0' and '1'.
type bitStringFold struct {
	typ  *types.Type
	name string
	seen []bool
	v    [][]byte
	held int64
}

func (b *bitStringFold) grow(n int) { b.seen, b.v = grown(b.seen, n), grown(b.v, n) }

func (b *bitStringFold) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	offs, data := varView(args[0].Data())
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		if err := b.take(g, data[offs[i]:offs[i+1]]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bitStringFold) take(g int32, v []byte) error {
	if !b.seen[g] {
		b.seen[g], b.v[g] = true, append([]byte(nil), v...)
		b.held += int64(len(v))
		return nil
	}
	old := b.v[g]
	if len(old) != len(v) {
		verb := map[string]string{"bit_and": "AND", "bit_or": "OR", "bit_xor": "XOR"}[b.name]
		return sqlerr.New(stringLengthMismatch, "cannot %s bit strings of different sizes", verb)
	}
	switch b.name { // the characters '0' and '1' differ in their last bit alone
	case "bit_and":
		for i, c := range v {
			old[i] &= c
		}
	case "bit_or":
		for i, c := range v {
			old[i] |= c
		}
	default:
		for i, c := range v {
			old[i] = '0' | (old[i]^c)&1
		}
	}
	return nil
}

// stringLengthMismatch is PostgreSQL's string_data_length_mismatch.
const stringLengthMismatch = "22026"

func (b *bitStringFold) merge(other accumulator, from, to []int32) error {
	o := other.(*bitStringFold)
	for i, f := range from {
		if !o.seen[f] {
			continue
		}
		if err := b.take(to[i], o.v[f]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bitStringFold) result(from, to int) (arrow.Array, error) {
	return textPerGroup(b.typ, from, to, func(dst []byte, g int) ([]byte, bool, error) {
		return append(dst, b.v[g]...), !b.seen[g], nil
	})
}

func (b *bitStringFold) bytes() int64 { return int64(25*cap(b.v)) + b.held }
