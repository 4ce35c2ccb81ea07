package mongo

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// reader decodes a cursor's documents.
type reader struct {
	scan    *Scan
	env     *sources.Env
	cursor  *cursor // nil when there is nothing to read
	decoder *decoder
	docs    []byte // of the current batch, not decoded yet
	rows    int    // the most of a batch
	err     error
}

var _ batch.Reader = (*reader)(nil)

// batchInput bounds the bytes of BSON that make one batch, whatever its rows.
const batchInput = 8 << 20

// newReader starts the read; a nil command reads nothing.
func newReader(ctx context.Context, s *Snapshot, scan *Scan, cmd bson.D, env *sources.Env) *reader {
	r := &reader{scan: scan, env: env, rows: batch.Rows}
	if env != nil && env.BatchRows > 0 {
		r.rows = env.BatchRows
	}
	r.decoder = newDecoder(scan.fields(), len(scan.cols), scan.schema())
	if cmd != nil {
		r.cursor = openCursor(ctx, s, scan.table.SchemaName, scan.table.TableName, cmd)
	}
	if env != nil && env.Stats != nil {
		env.Stats.Splits.Add(1)
	}
	return r
}

func (s *Scan) schema() *arrow.Schema {
	fields := make([]arrow.Field, len(s.cols))
	for i, c := range s.cols {
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: c.Nullable}
	}
	return arrow.NewSchema(fields, nil)
}

// Schema has one field for each of the scan's columns.
func (r *reader) Schema() *arrow.Schema { return r.decoder.schema }

// Next decodes what has come, up to one batch.
func (r *reader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.err == nil {
		r.err = r.fill(ctx)
	}
	if r.err != nil {
		return nil, r.err
	}
	r.decoder.begin(min(r.rows, len(r.docs)/16+1))
	if r.err = r.decode(); r.err != nil {
		return nil, r.err
	}
	if r.err = r.notNull(); r.err != nil {
		return nil, r.err
	}
	return r.decoder.batch(), nil
}

// fill waits for documents.
func (r *reader) fill(ctx context.Context) error {
	for len(r.docs) == 0 {
		if r.cursor == nil {
			return io.EOF
		}
		docs, ok, err := r.cursor.next(ctx)
		if err != nil {
			return err
		}
		if !ok {
			return io.EOF
		}
		r.docs = docs
		if err := r.account(); err != nil {
			return err
		}
	}
	return nil
}

// account reserves the batch at hand and the one on its way.
func (r *reader) account() error {
	if r.env == nil {
		return nil
	}
	if s := r.env.Stats; s != nil {
		s.Bytes.Add(int64(len(r.docs)))
		s.Requests.Add(1)
	}
	if r.env.Reservation == nil {
		return nil
	}
	return r.env.Reservation.Resize(2 * int64(len(r.docs)))
}

func (r *reader) decode() error {
	for size := 0; len(r.docs) > 0 && r.decoder.rows < r.rows && size < batchInput && !r.decoder.full(); {
		doc, rest, err := nextDocument(r.docs)
		if err == nil {
			err = r.decoder.add(doc)
		}
		if err != nil {
			return r.explain(err)
		}
		size += len(doc)
		r.docs = rest
	}
	if r.env != nil && r.env.Stats != nil {
		r.env.Stats.Rows.Add(int64(r.decoder.rows))
		r.env.Stats.Batches.Add(1)
	}
	return nil
}

// explain says where a value stands that does not fit.
func (r *reader) explain(err error) error {
	var m *mismatch
	if errors.As(err, &m) {
		return mismatchError(m, r.scan.name(), r.scan)
	}
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.From(r.scan.Server())
	}
	return err
}

// notNull holds a key column to its promise: a collection may have one document whose _id is null.
func (r *reader) notNull() error {
	for i, c := range r.decoder.top.cols {
		if i < len(r.scan.ordinals) && c.nulls > 0 && !r.scan.table.Cols[r.scan.ordinals[i]].Nullable {
			return sqlerr.New(sqlerr.FDWSchemaMismatch, "collection %s.%s has a document whose %s is null or missing; the column is NOT NULL",
				r.scan.table.SchemaName, r.scan.table.TableName, c.f.path).From(r.scan.Server())
		}
	}
	return nil
}

// Close ends the read at the server. Idempotent.
func (r *reader) Close() error {
	if r.cursor != nil {
		r.cursor.close()
		r.cursor = nil
	}
	r.docs = nil
	if r.err == nil {
		r.err = io.EOF
	}
	if r.env != nil && r.env.Reservation != nil {
		return r.env.Reservation.Resize(0)
	}
	return nil
}
