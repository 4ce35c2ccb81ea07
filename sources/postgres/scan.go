package postgres

import (
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// scan is a fragment that the server takes.
type scan struct {
	server   string
	name     string // for messages: the tables
	query    *sqltext.Query
	columns  []plan.Column
	items    []string // the select list
	schema   *arrow.Schema
	tables   []*sources.Table
	params   []*expr.Param
	lookup   []expr.ColumnID
	split    bool
	estimate plan.Estimate
}

var _ plan.RemoteScan = (*scan)(nil)

// Plan renders the fragment.
func (s *Source) Plan(f plan.Fragment) (plan.RemoteScan, error) {
	var unknown plan.TableRef
	q, err := sqltext.Postgres.Render(f.Root, func(ref plan.TableRef) sqltext.Table {
		t, ok := ref.(*sources.Table)
		rel, known := (*relation)(nil), false
		if ok {
			rel, known = t.Detail.(*relation)
		}
		if !known {
			unknown = ref
			return sqltext.Table{Columns: make([]sqltext.Column, len(ref.Columns()))}
		}
		return describeTable(t, rel)
	})
	if unknown != nil {
		return nil, sources.Refuse(f.Root, nil, "table %s was not discovered by this server", unknown.Name())
	}
	if err != nil {
		return nil, err
	}
	return s.newScan(q), nil
}

func describeTable(t *sources.Table, rel *relation) sqltext.Table {
	out := sqltext.Table{Name: tableName(t), Columns: make([]sqltext.Column, len(rel.columns))}
	for i, a := range rel.columns {
		out.Columns[i] = sqltext.Column{SQL: sqltext.QuoteIdentifier(a.name), Bytewise: a.bytewise, ByteOrder: a.cOrder, Cast: a.declared}
	}
	return out
}

func (s *Source) newScan(q *sqltext.Query) *scan {
	sc := &scan{server: s.name, query: q, columns: q.Columns, params: q.Params}
	var names []string
	for _, ref := range q.Tables {
		t, _ := ref.(*sources.Table)
		sc.tables = append(sc.tables, t)
		names = append(names, t.SchemaName+"."+t.TableName)
	}
	sc.name = strings.Join(names, ", ")
	fields := make([]arrow.Field, len(q.Columns))
	for i, c := range q.Columns {
		sc.items = append(sc.items, selectItem(q.Exprs[i], c.Type))
		fields[i] = arrow.Field{Name: c.Name, Type: c.Type.Arrow(), Nullable: true}
	}
	sc.schema = arrow.NewSchema(fields, nil)
	if q.Flat() {
		sc.split = len(sc.params) == 0 && sc.tables[0].Detail.(*relation).scannable()
		sc.lookup = lookupColumns(sc.tables[0], q)
	}
	sc.estimate = sc.guess()
	return sc
}

// sql is the statement that reads a split.
func (sc *scan) sql(part pages) string {
	return sc.query.SQL(sc.items, part.condition(sc.query.Alias+".ctid"))
}

// guess is what a full read costs: a row of 100 bytes takes about a microsecond on either side of the wire.
func (sc *scan) guess() plan.Estimate {
	rows, width := -1.0, 0.0
	if len(sc.tables) == 1 && sc.tables[0].RowCount >= 0 {
		rows = sc.tables[0].RowCount * sc.query.Selectivity
	}
	widths := map[string]float64{}
	for _, t := range sc.tables {
		for _, c := range t.Cols {
			widths[c.Name] = c.Width
		}
	}
	for _, c := range sc.columns {
		w := widths[c.Name]
		if w == 0 {
			w = 8
		}
		width += w
	}
	e := plan.Estimate{Rows: rows, Bytes: -1, Startup: 0.001, PerRow: 0.000_000_3 + width*0.000_000_01}
	if rows >= 0 {
		e.Bytes = rows * width
	}
	return e
}

func (sc *scan) Server() string          { return sc.server }
func (sc *scan) Columns() []plan.Column  { return sc.columns }
func (sc *scan) Residual() []expr.Expr   { return nil }
func (sc *scan) Estimate() plan.Estimate { return sc.estimate }
func (sc *scan) Ordering() []plan.SortKey {
	return sc.query.Keys
}
func (sc *scan) Splittable() bool { return sc.split }
func (sc *scan) Inputs() plan.Inputs {
	return plan.Inputs{Params: len(sc.params) > 0, Lookup: sc.lookup}
}

// Text is the statement for all of it.
func (sc *scan) Text() string { return sc.sql(everything) }

func (sc *scan) Tables() []plan.TableRef { return sc.query.Tables }

// paramValues are the values of the placeholders in text form.
func (sc *scan) paramValues(env *eval.Env) ([][]byte, error) {
	out := make([][]byte, len(sc.params))
	for i, p := range sc.params {
		if env == nil || p.Index < 1 || p.Index > len(env.Params) {
			return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no value for $%d", p.Index)
		}
		value := env.Params[p.Index-1]
		if value == nil {
			continue
		}
		text, err := sqltext.PostgresText(p.Typ, value)
		if err != nil {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "sending $%d: %w", p.Index, err)
		}
		out[i] = []byte(text)
	}
	return out, nil
}
