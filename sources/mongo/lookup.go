package mongo

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// lookupBatch is how many keys one find takes: their $in stays far below the 16 MB of a command.
const lookupBatch = 10_000

// keyIndex finds a key's ordinal by its value; which map is used depends on the key's storage.
type keyIndex struct {
	ints  map[int64]int64
	bytes map[string]int64
}

// Lookup reads the documents whose _id is one of the keys. Keys that no _id can be equal to are not sent.
func (l *Lane) Lookup(ctx context.Context, s plan.RemoteScan, keys arrow.RecordBatch, env *sources.Env) (batch.Reader, error) {
	scan := s.(*Scan)
	if len(scan.lookup) != 1 || keys.NumCols() != 1 || keys.NumRows() > lookupBatch {
		return nil, sqlerr.New(sqlerr.InternalError, "looking up in %s: it takes at most %d keys of one column", scan.name(), lookupBatch)
	}
	at := -1
	for i, c := range scan.cols {
		if c.ID == scan.lookup[0] {
			at = i
		}
	}
	index := &keyIndex{ints: map[int64]int64{}, bytes: map[string]int64{}}
	in, err := index.fill(scan.detail.fields[scan.ordinals[at]], keys.Column(0))
	if err != nil {
		return nil, err
	}
	var cmd bson.D
	if len(in) > 0 {
		filter := bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: in}}}}
		if cmd, err = scan.command(values{params: params(env)}, filter); err != nil {
			return nil, err
		}
	}
	fields := append([]arrow.Field{{Name: "ordinal", Type: arrow.PrimitiveTypes.Int64}}, scan.schema().Fields()...)
	return &lookupReader{
		reader: newReader(ctx, l.snapshot, scan, cmd, env), index: index, at: at, schema: arrow.NewSchema(fields, nil),
	}, nil
}

// fill maps the keys to their ordinals and gives them as BSON values.
func (x *keyIndex) fill(f *field, keys arrow.Array) (bson.A, error) {
	in := bson.A{}
	for i := range keys.Len() {
		if keys.IsNull(i) {
			continue
		}
		d := keyDatum(keys, i)
		if d == nil {
			return nil, sqlerr.New(sqlerr.InternalError, "looking up keys of type %s", keys.DataType())
		}
		b, fit := bsonValue(f, d)
		if fit != exactValue {
			continue
		}
		in = append(in, b)
		switch d := d.(type) {
		case int64:
			x.ints[d] = int64(i)
		case string:
			x.bytes[d] = int64(i)
		case [16]byte:
			x.bytes[string(d[:])] = int64(i)
		}
	}
	return in, nil
}

// ordinals are the keys' ordinals of a column's values.
func (x *keyIndex) ordinals(col arrow.Array) []int64 {
	out := make([]int64, col.Len())
	switch a := col.(type) {
	case *array.Int16:
		for i, v := range a.Int16Values() {
			out[i] = x.ints[int64(v)]
		}
	case *array.Int32:
		for i, v := range a.Int32Values() {
			out[i] = x.ints[int64(v)]
		}
	case *array.Int64:
		for i, v := range a.Int64Values() {
			out[i] = x.ints[v]
		}
	case *array.String:
		for i := range out {
			out[i] = x.bytes[a.Value(i)]
		}
	case *array.FixedSizeBinary:
		for i := range out {
			out[i] = x.bytes[string(a.Value(i))]
		}
	}
	return out
}

// lookupReader puts the keys' ordinals before the columns of a reader.
type lookupReader struct {
	*reader
	index  *keyIndex
	at     int
	schema *arrow.Schema
}

// Schema has the ordinal, then the scan's columns.
func (r *lookupReader) Schema() *arrow.Schema { return r.schema }

// Next adds the ordinals. The server gave documents with these keys only: the filter is exact.
func (r *lookupReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	b, err := r.reader.Next(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Release()
	data := array.NewData(arrow.PrimitiveTypes.Int64, int(b.NumRows()),
		[]*memory.Buffer{nil, buffer(r.index.ordinals(b.Column(r.at)))}, nil, 0, 0)
	defer data.Release()
	ordinals := array.NewInt64Data(data)
	defer ordinals.Release()
	return array.NewRecordBatch(r.schema, append([]arrow.Array{ordinals}, b.Columns()...), b.NumRows()), nil
}

var _ batch.Reader = (*lookupReader)(nil)
