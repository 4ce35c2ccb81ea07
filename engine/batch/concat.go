package batch

import (
	"fmt"
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// Concat joins arrays of one logical type end to end. Arrays that share one dictionary stay encoded; other
// dictionaries are resolved. The arguments are borrowed; the caller releases the result. There must be at least one.
// It fails with 54000 when variable-width values would exceed Arrow's 2 GiB offsets.
func Concat(parts []arrow.Array) (arrow.Array, error) {
	if len(parts) == 1 {
		parts[0].Retain()
		return parts[0], nil
	}
	if !oneDictionary(parts) {
		plain := make([]arrow.Array, len(parts))
		defer func() { ReleaseAll(plain) }()
		for i, p := range parts {
			var err error
			if plain[i], err = Plain(p); err != nil {
				return nil, err
			}
		}
		parts = plain
	}
	if n := varBytes(parts); n > math.MaxInt32 {
		return nil, TooLarge(n)
	}
	out, err := array.Concatenate(parts, memory.NewGoAllocator())
	if err != nil {
		return nil, fmt.Errorf("joining %d arrays of %s: %w", len(parts), parts[0].DataType(), err)
	}
	return out, nil
}

// oneDictionary says whether parts need no decoding: all plain, or all with the very same dictionary.
func oneDictionary(parts []arrow.Array) bool {
	first, ok := parts[0].(*array.Dictionary)
	for _, p := range parts {
		d, is := p.(*array.Dictionary)
		if is != ok {
			return false
		}
		if ok && (d.Data().Dictionary() != first.Data().Dictionary() || !arrow.TypeEqual(d.DataType(), first.DataType())) {
			return false
		}
	}
	return true
}

func varBytes(parts []arrow.Array) int64 {
	var n int64
	for _, p := range parts {
		if v, ok := p.(interface{ ValueBytes() []byte }); ok {
			n += int64(len(v.ValueBytes()))
		}
	}
	return n
}

// ConcatRecords joins batches of one logical schema into one. The arguments are borrowed; the caller releases the
// result. Without batches it is an empty one of schema.
func ConcatRecords(schema *arrow.Schema, recs []arrow.RecordBatch) (arrow.RecordBatch, error) {
	switch len(recs) {
	case 0:
		return Empty(schema), nil
	case 1:
		recs[0].Retain()
		return recs[0], nil
	}
	rows := 0
	for _, r := range recs {
		rows += int(r.NumRows())
	}
	cols := make([]arrow.Array, schema.NumFields())
	parts := make([]arrow.Array, len(recs))
	for c := range cols {
		for i, r := range recs {
			parts[i] = r.Column(c)
		}
		var err error
		if cols[c], err = Concat(parts); err != nil {
			ReleaseAll(cols[:c])
			return nil, err
		}
	}
	return NewRecord(schema, cols, rows), nil
}

// Empty is a batch without rows.
func Empty(schema *arrow.Schema) arrow.RecordBatch {
	cols := make([]arrow.Array, schema.NumFields())
	for i, f := range schema.Fields() {
		cols[i] = array.MakeArrayOfNull(memory.NewGoAllocator(), f.Type, 0)
	}
	return NewRecord(schema, cols, 0)
}
