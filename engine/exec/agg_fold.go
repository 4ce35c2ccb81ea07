package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

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
