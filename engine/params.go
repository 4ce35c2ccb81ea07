package engine

import (
	"context"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/interchange"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// paramTypes are the types that the statement's parameters were bound to.
func (st *Statement) paramTypes() []*types.Type {
	if c, ok := st.command.(interface{ parameters() []*types.Type }); ok {
		return c.parameters()
	}
	return nil
}

func (c *selectCommand) parameters() []*types.Type { return c.plan.bound.Params }

// bindParams turns one row of a client's batch into datums of the parameters' types.
func (st *Statement) bindParams(params arrow.RecordBatch, row int) ([]any, error) {
	want := st.paramTypes()
	have := 0
	if params != nil {
		have = int(params.NumCols())
	}
	if have != len(want) {
		return nil, sqlerr.New("08P01", "the statement has %d parameters, but %d values were bound", len(want), have)
	}
	if len(want) == 0 {
		return nil, nil
	}
	if row < 0 || int64(row) >= params.NumRows() {
		return nil, sqlerr.New("08P01", "the statement has %d parameters, but the bound batch has no row %d", len(want), row)
	}
	out := make([]any, len(want))
	for i, t := range want {
		v, err := bindParam(params.Schema().Field(i), params.Column(i), row, t)
		if err != nil {
			return nil, sqlerr.New(codeOr(err, sqlerr.DatatypeMismatch), "binding parameter $%d of type %s: %w", i+1, t, err)
		}
		out[i] = v
	}
	return out, nil
}

func codeOr(err error, code string) string {
	if c := sqlerr.Code(err); c != "" {
		return c
	}
	return code
}

func bindParam(f arrow.Field, col arrow.Array, row int, want *types.Type) (any, error) {
	if col.DataType().ID() == arrow.NULL || col.IsNull(row) {
		return nil, nil
	}
	im, err := interchange.NewImporter(f, interchange.ImportOptions{})
	if err != nil {
		return nil, err
	}
	arr, err := im.Import(col)
	if err != nil {
		return nil, err
	}
	defer arr.Release()
	return castDatum(datum.FromArray(im.Type(), arr, row), im.Type(), want)
}

// castDatum converts a value as an assignment does; text is read as a literal of the wanted type.
func castDatum(v any, from, to *types.Type) (any, error) {
	if v == nil || types.Equal(from, to) {
		return v, nil
	}
	if s, ok := v.(string); ok && from.Kind == types.Text && !to.IsString() {
		return datum.Parse(to, s, nil)
	}
	if expr.CastPath(from, to) < expr.AssignmentCast && !to.IsString() {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "a value of type %s cannot be used", from)
	}
	return eval.Constant(&expr.Cast{Arg: &expr.Const{Typ: from, Value: v}, Typ: to}, &eval.Env{})
}

func sameTypes(a, b []*types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !types.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// atoi reads a setting that SET checked to be a number.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }

var _ command = (*selectCommand)(nil)

// emptyCommand is the empty statement.
type emptyCommand struct{}

func (emptyCommand) run(context.Context, *Statement, []any) (*Result, error) { return noRows(), nil }
