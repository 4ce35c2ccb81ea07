package skein

import (
	"fmt"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// paramRow makes a batch of one row of Go values; nil for none.
func paramRow(values []any) (arrow.RecordBatch, error) {
	if len(values) == 0 {
		return nil, nil
	}
	fields := make([]arrow.Field, len(values))
	cols := make([]arrow.Array, len(values))
	defer func() {
		for _, c := range cols {
			if c != nil {
				c.Release()
			}
		}
	}()
	for i, v := range values {
		arr, err := paramArray(v)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		cols[i] = arr
		fields[i] = arrow.Field{Name: fmt.Sprintf("$%d", i+1), Type: arr.DataType(), Nullable: true}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, 1), nil
}

// paramArray is a value as an array of one row.
func paramArray(v any) (arrow.Array, error) {
	mem := memory.DefaultAllocator
	switch v := v.(type) {
	case nil:
		return array.NewNull(1), nil
	case bool:
		return one(array.NewBooleanBuilder(mem), v), nil
	case int:
		return one(array.NewInt64Builder(mem), int64(v)), nil
	case int8:
		return one(array.NewInt64Builder(mem), int64(v)), nil
	case int16:
		return one(array.NewInt16Builder(mem), v), nil
	case int32:
		return one(array.NewInt32Builder(mem), v), nil
	case int64:
		return one(array.NewInt64Builder(mem), v), nil
	case uint8:
		return one(array.NewInt64Builder(mem), int64(v)), nil
	case uint16:
		return one(array.NewInt64Builder(mem), int64(v)), nil
	case uint32:
		return one(array.NewInt64Builder(mem), int64(v)), nil
	case uint:
		return one(array.NewUint64Builder(mem), uint64(v)), nil
	case uint64:
		return one(array.NewUint64Builder(mem), v), nil
	case float32:
		return one(array.NewFloat32Builder(mem), v), nil
	case float64:
		return one(array.NewFloat64Builder(mem), v), nil
	case string:
		return one(array.NewStringBuilder(mem), v), nil
	case fmt.Stringer:
		if arr, ok := timeArray(mem, v); ok {
			return arr, nil
		}
		if arr, ok := v.(arrow.Array); ok && arr.Len() == 1 {
			arr.Retain()
			return arr, nil
		}
		return one(array.NewStringBuilder(mem), v.String()), nil
	case []byte:
		return one(array.NewBinaryBuilder(mem, arrow.BinaryTypes.Binary), v), nil
	}
	return nil, fmt.Errorf("a value of type %T cannot be sent; convert it to a string, a number or a one-row arrow.Array", v)
}

func timeArray(mem memory.Allocator, v any) (arrow.Array, bool) {
	switch v := v.(type) {
	case time.Time:
		t := arrow.Timestamp(v.UnixMicro())
		return one(array.NewTimestampBuilder(mem, arrow.FixedWidthTypes.Timestamp_us.(*arrow.TimestampType)), t), true
	case time.Duration:
		b := array.NewMonthDayNanoIntervalBuilder(mem)
		return one(b, arrow.MonthDayNanoInterval{Nanoseconds: int64(v)}), true
	}
	return nil, false
}

func one[T any, B interface {
	array.Builder
	Append(T)
}](b B, v T) arrow.Array {
	defer b.Release()
	b.Append(v)
	return b.NewArray()
}
