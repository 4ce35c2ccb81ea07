package differential

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/extensions"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/jackc/pgx/v5"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// portableTable is a table with those of its columns whose types come back from Parquet and Arrow as they were.
type portableTable struct {
	name    string
	columns []portableColumn
}

type portableColumn struct {
	name    string
	typ     *types.Type
	notNull bool
}

// portableTables lists the tables of schema public.
func portableTables(ctx context.Context, conn *pgx.Conn) ([]*portableTable, error) {
	rows, err := conn.Query(ctx, `SELECT c.relname, a.attname, a.atttypid, a.atttypmod, a.attnotnull
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY c.relname, a.attnum`)
	if err != nil {
		return nil, err
	}
	var out []*portableTable
	var table, column string
	var oid uint32
	var mod int32
	var notNull bool
	_, err = pgx.ForEachRow(rows, []any{&table, &column, &oid, &mod, &notNull}, func() error {
		t := types.ByOID(oid, mod)
		if t == nil || !portable(t) {
			return nil
		}
		if len(out) == 0 || out[len(out)-1].name != table {
			out = append(out, &portableTable{name: table})
		}
		last := out[len(out)-1]
		last.columns = append(last.columns, portableColumn{column, t, notNull})
		return nil
	})
	return out, err
}

// portable says whether a type comes back from plain Arrow and from Parquet as it was, modifier included.
func portable(t *types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Text, types.Bytea, types.Date, types.Time,
		types.Timestamp, types.TimestampTZ, types.UUID, types.JSON:
		return t.Mod < 0
	case types.Numeric:
		return t.Precision > 0 && t.Precision <= types.MaxDecimal128
	case types.Array:
		return t.Elem.Kind != types.Array && portable(t.Elem)
	}
	return false
}

// list is the columns for a select list, each with a cast behind it.
func (t *portableTable) list(cast string) string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = pgx.Identifier{c.name}.Sanitize() + cast
	}
	return strings.Join(names, ", ")
}

// read gives the table's rows as Arrow, by way of PostgreSQL's text.
func (t *portableTable) read(ctx context.Context, conn *pgx.Conn) (arrow.RecordBatch, error) {
	a := askPostgres(ctx, conn.PgConn(), fmt.Sprintf("SELECT %s FROM %s", t.list("::text"), pgx.Identifier{schemaPortable, t.name}.Sanitize()))
	if a.Err != nil {
		return nil, a.Err
	}
	fields := make([]arrow.Field, len(t.columns))
	cols := make([]arrow.Array, len(t.columns))
	for i, c := range t.columns {
		values := make([]any, len(a.Rows))
		for r, row := range a.Rows {
			if row[i].Null {
				continue
			}
			v, err := datum.Parse(c.typ, row[i].Text, nil)
			if err != nil {
				return nil, err
			}
			values[r] = v
		}
		arr, err := datum.ToArray(c.typ, values)
		if err != nil {
			return nil, err
		}
		cols[i] = foreign(c.typ, arr)
		fields[i] = arrow.Field{Name: c.name, Type: cols[i].DataType(), Nullable: !c.notNull}
	}
	return array.NewRecordBatch(arrow.NewSchema(fields, nil), cols, int64(len(a.Rows))), nil
}

// foreign is storage in the form that tells its type to others: uuid and json by their extension types, decimals
// of up to 18 digits in 128 bits, which every writer has.
func foreign(t *types.Type, arr arrow.Array) arrow.Array {
	switch t.Kind {
	case types.UUID:
		return array.NewExtensionArrayWithStorage(extensions.NewUUIDType(), arr)
	case types.JSON:
		if json, err := extensions.NewJSONType(arrow.BinaryTypes.String); err == nil {
			return array.NewExtensionArrayWithStorage(json, arr)
		}
	case types.Numeric:
		if small, ok := arr.(*array.Decimal64); ok {
			return widened(t, small)
		}
	}
	return arr
}

func widened(t *types.Type, arr *array.Decimal64) arrow.Array {
	b := array.NewDecimal128Builder(memory.DefaultAllocator, &arrow.Decimal128Type{Precision: t.Precision, Scale: t.Scale})
	defer b.Release()
	for i := range arr.Len() {
		if arr.IsNull(i) {
			b.AppendNull()
			continue
		}
		b.Append(decimal128.FromI64(int64(arr.Value(i))))
	}
	return b.NewArray()
}

// rowsPerGroup is small, so that a small table has several row groups.
const rowsPerGroup = 5

func writeParquet(path string, rec arrow.RecordBatch) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	var file bytes.Buffer
	group := int64(rowsPerGroup)
	if rec.NumRows() > 100 {
		group = rec.NumRows() / 4
	}
	w, err := pqarrow.NewFileWriter(rec.Schema(), &file,
		parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Snappy), parquet.WithMaxRowGroupLength(group), parquet.WithStats(true)),
		pqarrow.DefaultWriterProps())
	if err != nil {
		return err
	}
	for at := int64(0); at < rec.NumRows(); at += group {
		part := rec.NewSlice(at, min(at+group, rec.NumRows()))
		err := w.Write(part)
		part.Release()
		if err != nil {
			return errors.Join(err, w.Close())
		}
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, file.Bytes(), 0o600)
}
