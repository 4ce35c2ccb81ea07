// Package batch moves record batches: the Reader contract, gathering, concatenating, and slicing by rows and by
// encoded bytes.
package batch

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
)

// Rows is the most rows that a batch between operators has.
const Rows = 8192

// Reader yields batches of one logical schema; a column may be dictionary-encoded in one batch and plain in the
// next.
//
// Next returns io.EOF at the end, and again when called after it. The batch belongs to the caller, who releases
// it once; it stays valid after the next Next and after Close. A batch may have no rows. After an error other
// than io.EOF the reader is only good for Close.
//
// Close is idempotent, may come early, and stops what the reader started before it returns. A Reader is not for
// concurrent use.
type Reader interface {
	Schema() *arrow.Schema
	Next(ctx context.Context) (arrow.RecordBatch, error)
	Close() error
}
