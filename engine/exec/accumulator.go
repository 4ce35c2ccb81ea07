package exec

import (
	"slices"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// accumulator is one aggregate's state for all groups, as slices by group number. For use by one goroutine at a time,
// but that merge only reads the other.
//
// What sources give of a group in part is merged by accumulators of its own: see mergeOf and plan.Decompose.
type accumulator interface {
	// grow makes room for groups below n; it is called before add and merge name them.
	grow(n int)
	// add folds values in: row i belongs to group ids[i]. Arrays are plain and borrowed.
	add(ids []int32, args []arrow.Array) error
	// merge folds o's group from[i] into group to[i]; o is of the same make.
	merge(o accumulator, from, to []int32) error
	// result gives the values of groups [from, to). Nothing is added afterwards.
	result(from, to int) (arrow.Array, error)
	// bytes is about what the state holds.
	bytes() int64
}

// newAccumulator gives the constructor of an aggregate's state.
func newAccumulator(r *run, item plan.AggItem) (func() accumulator, error) {
	base, err := accumulatorOf(r, item)
	if err != nil {
		return nil, err
	}
	if item.Fn.OrderedSet {
		return orderedSetOf(r, item, base)
	}
	var argTypes, keyTypes []*types.Type
	for _, a := range item.Args {
		argTypes = append(argTypes, a.Type())
	}
	for _, k := range item.OrderBy {
		keyTypes = append(keyTypes, k.Expr.Type())
	}
	n := len(item.Args)
	make := base
	switch by := feedingOrder(item); {
	case len(by) > 0:
		for _, k := range by {
			if err := sortable([]*types.Type{k.typ}); err != nil {
				return nil, err
			}
		}
		make = func() accumulator { return newOrdered(r, base(), n, n+len(keyTypes), by) }
	case len(keyTypes) > 0:
		make = func() accumulator { return &firstArgs{accumulator: base(), n: n} }
	}
	if !item.Distinct || n == 0 {
		return make, nil
	}
	ts := append(append([]*types.Type{types.Int4T}, argTypes...), keyTypes...)
	return func() accumulator { return newDistinct(r, make(), ts) }, nil
}

// feedingOrder is the order in which an aggregate must get its arguments; none where it does not matter. PostgreSQL
// removes duplicates by sorting by all arguments, and so yields them in order.
func feedingOrder(item plan.AggItem) []feedKey {
	if !orderMatters(item) {
		return nil
	}
	var out []feedKey
	for i, k := range item.OrderBy {
		out = append(out, feedKey{
			col: len(item.Args) + i, typ: k.Expr.Type(), dir: direction{desc: k.Desc, nullsFirst: k.NullsFirst},
		})
	}
	if !item.Distinct {
		return out
	}
	for i, a := range item.Args {
		if !slices.ContainsFunc(item.OrderBy, func(k plan.SortKey) bool { return expr.Equal(k.Expr, a) }) {
			out = append(out, feedKey{col: i, typ: a.Type()})
		}
	}
	return out
}

// firstArgs drops order keys in front of an aggregate that does not depend on the order.
type firstArgs struct {
	accumulator
	n int
}

func (f *firstArgs) add(ids []int32, args []arrow.Array) error {
	return f.accumulator.add(ids, args[:f.n])
}

func (f *firstArgs) merge(o accumulator, from, to []int32) error {
	return f.accumulator.merge(o.(*firstArgs).accumulator, from, to)
}

// orderMatters says whether an aggregate's result depends on the order of its input: lists, sums of floats, and extremes
// of equal values that can differ.
func orderMatters(item plan.AggItem) bool {
	switch item.Fn.Name {
	case "count", "regr_count":
		return false
	case "min", "max":
		return !lossless(item.Args[0].Type())
	case "array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg":
		return true
	}
	return len(item.Args) > 0 && item.Args[0].Type().IsFloat()
}

// accumulatorOf chooses by the function's name and its argument's storage.
func accumulatorOf(r *run, item plan.AggItem) (func() accumulator, error) {
	var arg *types.Type
	if len(item.Args) > 0 {
		arg = item.Args[0].Type()
	}
	var make func() accumulator
	switch item.Fn.Name {
	case "count":
		make = func() accumulator { return &counter{} }
	case "sum":
		make = sumOf(arg, item.Type)
	case "avg":
		make = averageOf(arg)
	case "min", "max":
		make = extremeOf(arg, item.Fn.Name == "max")
	case "bool_and", "every", "bool_or":
		make = func() accumulator { return &boolFold{or: item.Fn.Name == "bool_or"} }
	case "bit_and", "bit_or", "bit_xor":
		make = bitFoldOf(arg, item.Fn.Name)
	case "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop":
		make = varianceOf(arg, item.Fn.Name)
	case "corr", "covar_pop", "covar_samp", "regr_avgx", "regr_avgy", "regr_count", "regr_intercept", "regr_r2", "regr_slope",
		"regr_sxx", "regr_sxy", "regr_syy":
		make = func() accumulator { return &regression{name: item.Fn.Name} }
	case "merge_count", "merge_sum", "merge_avg", "merge_stddev", "merge_stddev_samp", "merge_stddev_pop", "merge_variance",
		"merge_var_samp", "merge_var_pop":
		make = mergeOf(item)
	case "string_agg":
		make = func() accumulator { return &joinedText{rows: newRowStore(2), typ: item.Type} }
	case "json_agg", "jsonb_agg":
		return jsonListOf(r, item)
	case "json_object_agg", "jsonb_object_agg":
		return jsonObjectOf(r, item)
	case "range_agg", "range_intersect_agg":
		make = spansOf(item)
	case "rank", "dense_rank", "percent_rank", "cume_dist":
		make = func() accumulator { return &hypothetical{item: item, rows: newRowStore(2 * len(item.Args))} }
	case "percentile_cont", "percentile_disc", "mode":
		make = orderedPick(r, item)
	case "array_agg":
		make = func() accumulator { return &collected{rows: newRowStore(1), typ: item.Type} }
		if arg.Kind == types.Array {
			make = func() accumulator { return &collectedArrays{rows: newRowStore(1), elem: arg, typ: item.Type} }
		}
	}
	if make == nil {
		return nil, sqlerr.Unsupported("the aggregate " + item.Fn.String() + " of " + arg.String())
	}
	return make, nil
}

// grown is s with n values at least; new ones are zero.
func grown[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}

// fixedArray is an array over values of fixed width, which it shares. null may be nil.
func fixedArray[T any](dt arrow.DataType, values []T, null []bool) arrow.Array {
	var b []byte
	if len(values) > 0 {
		b = unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(values[0])))
	}
	valid, nulls := bitmapOf(null)
	d := array.NewData(dt, len(values), []*memory.Buffer{valid, memory.NewBufferBytes(b)}, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// boolArray is an array of the truths.
func boolArray(values []bool, null []bool) arrow.Array {
	b := make([]byte, (len(values)+7)/8)
	for i, v := range values {
		if v {
			b[i>>3] |= 1 << (i & 7)
		}
	}
	valid, nulls := bitmapOf(null)
	d := array.NewData(arrow.FixedWidthTypes.Boolean, len(values), []*memory.Buffer{valid, memory.NewBufferBytes(b)}, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// bytesArray is an array of strings or binaries over buffers that it shares.
func bytesArray(dt arrow.DataType, offs []int32, data []byte, null []bool) arrow.Array {
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(offs))), 4*len(offs))
	valid, nulls := bitmapOf(null)
	buffers := []*memory.Buffer{valid, memory.NewBufferBytes(b), memory.NewBufferBytes(data)}
	d := array.NewData(dt, len(offs)-1, buffers, nil, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// bitmapOf is a validity bitmap, nil when nothing is NULL.
func bitmapOf(null []bool) (*memory.Buffer, int) {
	nulls := 0
	for _, is := range null {
		if is {
			nulls++
		}
	}
	if nulls == 0 {
		return nil, 0
	}
	bits := make([]byte, (len(null)+7)/8)
	for i, is := range null {
		if !is {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
	return memory.NewBufferBytes(bits), nulls
}

// array is the keys [from, to) as an array of type t, for types whose key form is lossless.
func (k *keyVec) array(t *types.Type, from, to int) arrow.Array {
	var null []bool
	if k.null != nil {
		null = k.null[from:to]
	}
	switch k.form {
	case wordForm:
		return wordArray(k.words[from:to], t, null)
	case pairForm:
		return fixedArray(t.Arrow(), k.pairs[from:to], null)
	}
	offs, base := make([]int32, to-from+1), k.offs[from]
	for i := range offs {
		offs[i] = k.offs[from+i] - base
	}
	return bytesArray(t.Arrow(), offs, k.data[base:k.offs[to]], null)
}

func wordArray(words []uint64, t *types.Type, null []bool) arrow.Array {
	switch t.Kind {
	case types.Bool:
		return boolArray(narrowed(words, func(w uint64) bool { return w != 0 }), null)
	case types.Int2:
		return fixedArray(t.Arrow(), narrowed(words, func(w uint64) int16 { return int16(w) }), null)
	case types.Int4, types.Enum, types.Date:
		return fixedArray(t.Arrow(), narrowed(words, func(w uint64) int32 { return int32(w) }), null)
	}
	return fixedArray(t.Arrow(), words, null)
}

func narrowed[T any](words []uint64, f func(uint64) T) []T {
	out := make([]T, len(words))
	for i, w := range words {
		out[i] = f(w)
	}
	return out
}
