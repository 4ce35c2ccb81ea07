package postgres

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

func lookupColumns(t *sources.Table, q *sqltext.Query) []expr.ColumnID { return nil }

// Lookup x.
func (l *lane) Lookup(ctx context.Context, s plan.RemoteScan, keys arrow.RecordBatch, env *sources.Env) (batch.Reader, error) {
	return nil, sqlerr.Unsupported("lookup")
}
