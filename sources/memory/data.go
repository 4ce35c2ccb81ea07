package memory

import (
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// data is one registered table in the engine's storage. It is immutable; the last release gives its memory back.
type data struct {
	table  *sources.Table
	chunks [][]arrow.Array // by batch, by column
	rows   []int           // by batch
	refs   atomic.Int64
}

func newData(server, name string, schema *arrow.Schema, batches []arrow.RecordBatch) (*data, error) {
	ims, err := importers(schema)
	if err != nil {
		return nil, err
	}
	d := &data{}
	d.refs.Store(1)
	total := 0
	for i, b := range batches {
		if !b.Schema().Equal(schema) {
			d.release()
			return nil, fmt.Errorf("batch %d has another schema: %s", i+1, b.Schema())
		}
		cols := make([]arrow.Array, 0, len(ims))
		for j, im := range ims {
			a, err := im.Import(b.Column(j))
			if err != nil {
				batch.ReleaseAll(cols)
				d.release()
				return nil, err
			}
			cols = append(cols, a)
		}
		d.chunks = append(d.chunks, cols)
		d.rows = append(d.rows, int(b.NumRows()))
		total += int(b.NumRows())
	}
	d.table = &sources.Table{
		ServerName: server, SchemaName: Schema, TableName: name, Type: sources.BaseTable,
		RowCount: float64(total), Cols: make([]plan.TableColumn, len(ims)),
	}
	for j, im := range ims {
		d.table.Cols[j] = d.describe(j, schema.Field(j), im)
	}
	return d, nil
}

// describe gives a column's type and what a look at its values says of them.
func (d *data) describe(col int, f arrow.Field, im *interchange.Importer) plan.TableColumn {
	nulls, rows, bytes := 0, 0, int64(0)
	for _, c := range d.chunks {
		nulls += c[col].NullN()
		rows += c[col].Len()
		bytes += batch.ArrayBytes(c[col])
	}
	out := plan.TableColumn{Name: f.Name, Type: im.Type(), Nullable: f.Nullable || nulls > 0}
	if rows > 0 {
		out.NullFraction, out.Width = float64(nulls)/float64(rows), float64(bytes)/float64(rows)
	}
	if out.Type.IsInteger() || out.Type.Kind == types.Date {
		out.Min, out.Max = d.bounds(col)
	}
	return out
}

// bounds are the least and greatest value of a column of integers or dates, nil when it has none.
func (d *data) bounds(col int) (low, high any) {
	first, lo, hi := true, int64(0), int64(0)
	add := func(l, h int64) {
		if first {
			first, lo, hi = false, l, h
		}
		lo, hi = min(lo, l), max(hi, h)
	}
	for _, c := range d.chunks {
		switch a := c[col].(type) {
		case *array.Int16:
			extremes(a, a.Int16Values(), add)
		case *array.Int32:
			extremes(a, a.Int32Values(), add)
		case *array.Int64:
			extremes(a, a.Int64Values(), add)
		case *array.Date32:
			extremes(a, a.Date32Values(), add)
		}
	}
	if first {
		return nil, nil
	}
	return lo, hi
}

func extremes[T ~int16 | ~int32 | ~int64](a arrow.Array, values []T, add func(lo, hi int64)) {
	if a.NullN() == 0 && len(values) > 0 {
		add(int64(slices.Min(values)), int64(slices.Max(values)))
		return
	}
	for i, v := range values {
		if a.IsValid(i) {
			add(int64(v), int64(v))
		}
	}
}

func (d *data) retain() { d.refs.Add(1) }

func (d *data) release() {
	if d.refs.Add(-1) != 0 {
		return
	}
	for _, c := range d.chunks {
		batch.ReleaseAll(c)
	}
}

// sameColumns says whether two lists of columns are one in names, order, types and nullability.
func sameColumns(a, b []plan.TableColumn) bool {
	return slices.EqualFunc(a, b, func(x, y plan.TableColumn) bool {
		return x.Name == y.Name && x.Nullable == y.Nullable && types.Equal(x.Type, y.Type)
	})
}
