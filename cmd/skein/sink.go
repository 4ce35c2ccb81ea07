package main

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/types"
)

// sink writes batches in one format.
type sink interface {
	write(rec arrow.RecordBatch) error
	close() error
}

func newSink(format string, w io.Writer, schema *arrow.Schema, count bool) (sink, error) {
	switch format {
	case "arrow":
		return arrowSink{ipc.NewWriter(w, ipc.WithSchema(schema))}, nil
	case "json":
		return newJSONSink(w, schema)
	case "parquet":
		pw, err := pqarrow.NewFileWriter(schema, w, parquet.NewWriterProperties(parquet.WithCompression(compress.Codecs.Zstd)),
			pqarrow.NewArrowWriterProperties(pqarrow.WithStoreSchema()))
		if err != nil {
			return nil, fmt.Errorf("writing parquet: %w", err)
		}
		return parquetSink{pw}, nil
	}
	text, err := newTextColumns(schema)
	if err != nil {
		return nil, err
	}
	if format == "csv" {
		s := &csvSink{w: csv.NewWriter(w), text: text}
		return s, s.w.Write(fieldNames(schema))
	}
	return &tableSink{w: w, text: text, names: fieldNames(schema), count: count}, nil
}

func fieldNames(schema *arrow.Schema) []string {
	out := make([]string, schema.NumFields())
	for i, f := range schema.Fields() {
		out[i] = f.Name
	}
	return out
}

type arrowSink struct{ w *ipc.Writer }

func (s arrowSink) write(rec arrow.RecordBatch) error { return s.w.Write(rec) }
func (s arrowSink) close() error                      { return s.w.Close() }

type parquetSink struct{ w *pqarrow.FileWriter }

func (s parquetSink) write(rec arrow.RecordBatch) error { return s.w.WriteBuffered(rec) }
func (s parquetSink) close() error                      { return s.w.Close() }

// csvSink writes NULL as an empty field, as COPY … CSV does.
type csvSink struct {
	w    *csv.Writer
	text *textColumns
}

func (s *csvSink) write(rec arrow.RecordBatch) error {
	rows, err := s.text.rows(rec)
	if err != nil {
		return err
	}
	for _, r := range rows {
		for i := range r {
			if r[i].null {
				r[i].text = ""
			}
		}
		if err := s.w.Write(texts(r)); err != nil {
			return err
		}
	}
	return nil
}

func (s *csvSink) close() error {
	s.w.Flush()
	return s.w.Error()
}

func texts(row []cell) []string {
	out := make([]string, len(row))
	for i, c := range row {
		out[i] = c.text
	}
	return out
}

// cell is one value as text.
type cell struct {
	text string
	null bool
}

// textColumns turn batches into PostgreSQL's text.
type textColumns struct {
	importers []*interchange.Importer
	// names are the SQL types' names: a numeric may have come as text (skein.numeric).
	names []string
}

func newTextColumns(schema *arrow.Schema) (*textColumns, error) {
	t := &textColumns{}
	for _, f := range schema.Fields() {
		im, err := interchange.NewImporter(f, interchange.ImportOptions{})
		if err != nil {
			return nil, err
		}
		t.importers = append(t.importers, im)
		name, _ := f.Metadata.GetValue(interchange.TypeNameKey)
		t.names = append(t.names, name)
	}
	return t, nil
}

func (t *textColumns) rows(rec arrow.RecordBatch) ([][]cell, error) {
	out := make([][]cell, rec.NumRows())
	cells := make([]cell, int(rec.NumRows())*len(t.importers))
	for r := range out {
		out[r] = cells[r*len(t.importers) : (r+1)*len(t.importers)]
	}
	for i, im := range t.importers {
		arr, err := im.Import(rec.Column(i))
		if err != nil {
			return nil, err
		}
		for r := range out {
			v := datum.FromArray(im.Type(), arr, r)
			out[r][i] = cell{null: v == nil}
			if v != nil {
				out[r][i].text = t.short(i, string(datum.Append(nil, im.Type(), v, nil)))
			}
		}
		arr.Release()
	}
	return out, nil
}

// short drops the zeros that a numeric of unknown scale is filled up with on the wire: they say nothing.
func (t *textColumns) short(i int, v string) string {
	k := t.importers[i].Type()
	if k.Kind != types.Numeric || k.Scale < unknownScale || !strings.Contains(v, ".") {
		return v
	}
	return strings.TrimRight(strings.TrimRight(v, "0"), ".")
}

// unknownScale is the scale that numeric of unknown scale is sent with by default (skein.numeric).
const unknownScale = 38

// rightAligned says which columns are numbers.
func (t *textColumns) rightAligned(i int) bool {
	k := t.importers[i].Type()
	return k.IsInteger() || k.IsFloat() || k.Kind == types.Numeric || t.names[i] == "numeric"
}
