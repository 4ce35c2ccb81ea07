package interchange

import (
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// nestedLists is what a client receives for arrays that are expected to have dims dimensions: lists of lists.
func nestedLists(elem arrow.DataType, dims int32) arrow.DataType {
	for range dims {
		elem = arrow.ListOf(elem)
	}
	return elem
}

// shapedOut is the conversion of arrays of any dimensions to lists nested t.Dims deep. Arrow's lists have neither bounds
// nor a number of dimensions of their own, so that an array of another number, or with a lower bound other than 1, is
// 0A000; an empty one is an empty list.
func shapedOut(t *types.Type, to arrow.DataType, name string) conversion {
	inner := to
	for range t.Dims {
		inner = inner.(*arrow.ListType).Elem()
	}
	elem := outbound(t.Elem, inner, name)
	return func(a arrow.Array) (arrow.Array, error) {
		in, ok := a.(*array.Struct)
		if !ok || in.NumField() != 2 {
			return nil, fmt.Errorf("%s is stored as %s", t, a.DataType())
		}
		list, ok := in.Field(0).(*array.List)
		bounds, is := in.Field(1).(*array.List)
		if !ok || !is {
			return nil, fmt.Errorf("%s is stored as %s", t, a.DataType())
		}
		return nestArrays(in, list, bounds, int(t.Dims), elem, to, name)
	}
}

// nestArrays lays arrays out as lists of lists: ends[k] are the ends of the lists at depth k.
func nestArrays(in *array.Struct, list, bounds *array.List, depth int, elem conversion, to arrow.DataType, name string) (arrow.Array, error) {
	n := in.Len()
	ends := make([][]int32, depth)
	for k := range ends {
		ends[k] = []int32{0}
	}
	picks := make([][2]int32, 0, n)
	for i := range n {
		if in.IsNull(i) {
			ends[0] = append(ends[0], ends[0][len(ends[0])-1])
			continue
		}
		from, to := list.ValueOffsets(i)
		lengths, err := lengthsOf(bounds, i, int32(to-from), depth, name)
		if err != nil {
			return nil, err
		}
		layOut(ends, lengths, 0)
		picks = append(picks, [2]int32{int32(from), int32(to)})
	}
	part, err := pickRanges(list.ListValues(), picks)
	if err != nil {
		return nil, err
	}
	defer part.Release()
	child, err := elem.apply(part)
	if err != nil {
		return nil, err
	}
	for k := depth - 1; k >= 0; k-- {
		dt := nestedLists(child.DataType(), 1)
		valid, nulls := (*memory.Buffer)(nil), 0
		if k == 0 {
			dt, valid, nulls = to, validity(in), in.NullN()
		}
		next := newArray(dt, len(ends[k])-1, nulls, []*memory.Buffer{valid, bufferOf(ends[k])}, child)
		child.Release()
		child = next
	}
	return child, nil
}

// lengthsOf are the lengths of value i's dimensions, none for an empty array.
func lengthsOf(bounds *array.List, i int, count int32, depth int, name string) ([]int32, error) {
	var dims []int32
	if bounds.IsValid(i) {
		from, to := bounds.ValueOffsets(i)
		dims = bounds.ListValues().(*array.Int32).Int32Values()[from:to]
	} else if count > 0 {
		dims = []int32{count, 1}
	}
	if len(dims) == 0 {
		return nil, nil
	}
	out := make([]int32, 0, depth)
	for k := 0; k < len(dims); k += 2 {
		if dims[k+1] != 1 {
			return nil, sqlerr.Unsupported("sending an array whose subscripts do not begin with 1, in column \"" + name + "\"").
				WithHint("Arrow's lists have no bounds: send the text (column::text), or drop the bounds by a slice: (column)[:].")
		}
		out = append(out, dims[k])
	}
	if len(out) != depth {
		return nil, sqlerr.Unsupported(fmt.Sprintf("sending arrays of %d dimensions in column %q, which has lists %d deep", len(out), name, depth)).
			WithHint("Arrow's lists have one depth in all rows: send the text (column::text) or JSON (to_jsonb(column)).")
	}
	return out, nil
}

// layOut adds the lists of an array of these lengths from depth k on.
func layOut(ends [][]int32, lengths []int32, k int) {
	last := ends[k][len(ends[k])-1]
	if len(lengths) == 0 {
		ends[k] = append(ends[k], last)
		return
	}
	ends[k] = append(ends[k], last+lengths[0])
	if len(lengths) > 1 {
		for range lengths[0] {
			layOut(ends, lengths[1:], k+1)
		}
	}
}

// pickRanges are the elements of ranges that follow one another, with nothing between them.
func pickRanges(a arrow.Array, ranges [][2]int32) (arrow.Array, error) {
	first, last, joined := int32(0), int32(0), true
	for i, r := range ranges {
		if i == 0 {
			first, last = r[0], r[0]
		}
		joined = joined && r[0] == last
		last = r[1]
	}
	if joined {
		return array.NewSlice(a, int64(first), int64(last)), nil
	}
	parts := make([]arrow.Array, len(ranges))
	for i, r := range ranges {
		parts[i] = array.NewSlice(a, int64(r[0]), int64(r[1]))
		defer parts[i].Release()
	}
	return array.Concatenate(parts, memory.DefaultAllocator)
}
