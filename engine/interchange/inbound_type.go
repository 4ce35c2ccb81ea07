package interchange

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/extensions"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// FromArrow is the SQL type of a field of somebody else's Arrow data: a registered table's, a parameter's, a file's.
//
//	bool, float32, float64, date32      as they are; float16 → float4; date64 → date
//	int8, uint8, int16                  int2
//	int32, uint16                       int4
//	int64, uint32                       int8; uint64 → numeric(20,0)
//	decimal32/64/128/256(p,s)           numeric(p,s)
//	utf8, large_utf8, utf8_view         text; the binary kinds and fixed_size_binary → bytea
//	time32, time64                      time
//	timestamp of any unit               timestamp, with a time zone timestamptz
//	duration and the three intervals    interval
//	list, large_list, list_view, fixed_size_list   array
//	struct                              record
//	map                                 array of record(key, value)
//	dictionary, run_end_encoded         their values' type
//	arrow.uuid, arrow.json, arrow.bool8 uuid, json, bool; other extensions → their storage's type
//	null                                text
//
// Unions and types without a value that SQL could hold are refused with 0A000, naming the field.
func FromArrow(f arrow.Field) (*types.Type, error) {
	t, err := fromArrow(f.Name, f.Type)
	if err != nil {
		return nil, err
	}
	return t, nil
}

func fromArrow(name string, dt arrow.DataType) (*types.Type, error) {
	switch dt := dt.(type) {
	case arrow.DecimalType:
		return types.NumericOf(dt.GetPrecision(), dt.GetScale()), nil
	case *arrow.TimestampType:
		if dt.TimeZone == "" {
			return types.TimestampT, nil
		}
		return types.TimestampTZT, nil
	case *arrow.DictionaryType:
		return fromArrow(name, dt.ValueType)
	case *arrow.RunEndEncodedType:
		return fromArrow(name, dt.Encoded())
	case *arrow.MapType:
		return mapType(name, dt)
	case arrow.ListLikeType:
		elem, err := fromArrow(name, dt.Elem())
		if err != nil {
			return nil, err
		}
		return types.ArrayOf(elem), nil
	case *arrow.StructType:
		return recordType(name, dt)
	case arrow.ExtensionType:
		return extensionType(name, dt)
	}
	if t := scalarTypes[dt.ID()]; t != nil {
		return t, nil
	}
	return nil, sqlerr.New(sqlerr.FeatureNotSupported, "column %q has Arrow type %s, which no SQL type holds", name, dt).
		WithHint("convert the column before it is given to the engine, or leave it out")
}

// scalarTypes is read-only.
var scalarTypes = map[arrow.Type]*types.Type{
	arrow.NULL: types.TextT, arrow.BOOL: types.BoolT,
	arrow.INT8: types.Int2T, arrow.UINT8: types.Int2T, arrow.INT16: types.Int2T,
	arrow.UINT16: types.Int4T, arrow.INT32: types.Int4T, arrow.UINT32: types.Int8T, arrow.INT64: types.Int8T,
	arrow.UINT64:  types.NumericOf(20, 0),
	arrow.FLOAT16: types.Float4T, arrow.FLOAT32: types.Float4T, arrow.FLOAT64: types.Float8T,
	arrow.STRING: types.TextT, arrow.LARGE_STRING: types.TextT, arrow.STRING_VIEW: types.TextT,
	arrow.BINARY: types.ByteaT, arrow.LARGE_BINARY: types.ByteaT, arrow.BINARY_VIEW: types.ByteaT,
	arrow.FIXED_SIZE_BINARY: types.ByteaT,
	arrow.DATE32:            types.DateT, arrow.DATE64: types.DateT, arrow.TIME32: types.TimeT, arrow.TIME64: types.TimeT,
	arrow.DURATION: types.IntervalT, arrow.INTERVAL_MONTHS: types.IntervalT,
	arrow.INTERVAL_DAY_TIME: types.IntervalT, arrow.INTERVAL_MONTH_DAY_NANO: types.IntervalT,
}

func extensionType(name string, dt arrow.ExtensionType) (*types.Type, error) {
	switch dt.(type) {
	case *extensions.UUIDType:
		return types.UUIDT, nil
	case *extensions.JSONType:
		return types.JSONT, nil
	case *extensions.Bool8Type:
		return types.BoolT, nil
	}
	return fromArrow(name, dt.StorageType())
}

func mapType(name string, dt *arrow.MapType) (*types.Type, error) {
	key, err := fromArrow(name+".key", dt.KeyType())
	if err != nil {
		return nil, err
	}
	value, err := fromArrow(name+".value", dt.ItemType())
	if err != nil {
		return nil, err
	}
	return types.ArrayOf(types.RecordOf([]types.Field{{Name: "key", Type: key}, {Name: "value", Type: value}})), nil
}

func recordType(name string, dt *arrow.StructType) (*types.Type, error) {
	fields := make([]types.Field, dt.NumFields())
	for i, f := range dt.Fields() {
		t, err := fromArrow(name+"."+f.Name, f.Type)
		if err != nil {
			return nil, err
		}
		fields[i] = types.Field{Name: f.Name, Type: t}
	}
	return types.RecordOf(fields), nil
}
