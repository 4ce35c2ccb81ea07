package mongo

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Scan is a fragment as this source takes it: one collection, filtered, some of its columns, perhaps limited.
type Scan struct {
	settings *settings
	table    *sources.Table
	detail   *detail
	cols     []plan.Column
	// ordinals are the table's columns that are decoded: those of cols, then those that only conditions read, whose
	// values must be seen to be of the right types.
	ordinals []int
	conds    []*predicate
	residual []expr.Expr
	limit    *plan.Limit
	params   bool
	lookup   []expr.ColumnID
	filters  []expr.ColumnID // that take dynamic filters
	rows     float64
}

var _ plan.RemoteScan = (*Scan)(nil)

// Plan takes a filtered scan of one collection with columns chosen, and a limit above it when the filter is exact.
func (s *Source) Plan(f plan.Fragment) (plan.RemoteScan, error) {
	b := &planner{scan: &Scan{settings: s.settings}}
	if err := b.take(f.Root); err != nil {
		return nil, err
	}
	b.finish(f.Root.Columns())
	return b.scan, nil
}

type planner struct {
	scan   *Scan
	source *plan.Scan
	tr     *translator
}

// take walks down to the scan and takes the nodes on the way up.
func (b *planner) take(n plan.Node) error {
	switch n := n.(type) {
	case *plan.Scan:
		return b.takeScan(n)
	case *plan.Filter:
		if err := b.take(n.Input); err != nil {
			return err
		}
		return b.takeFilter(n)
	case *plan.Project:
		for _, it := range n.Items {
			if c, ok := it.Expr.(*expr.Column); !ok || c.ID != it.ID {
				return sources.Refuse(n, nil, "MongoDB computes no columns for Skein")
			}
		}
		return b.take(n.Input)
	case *plan.Limit:
		if err := b.take(n.Input); err != nil {
			return err
		}
		return b.takeLimit(n)
	}
	return sources.Refuse(n, nil, "%T is not sent to MongoDB", n)
}

func (b *planner) takeScan(n *plan.Scan) error {
	t, ok := n.Table.(*sources.Table)
	if !ok {
		return fmt.Errorf("planning a scan of %s: a %T was not discovered by this source", n.Table.Name(), n.Table)
	}
	d, ok := t.Detail.(*detail)
	if !ok {
		return fmt.Errorf("planning a scan of %s: the table was listed without its columns", n.Table.Name())
	}
	b.source = n
	b.scan.table, b.scan.detail, b.scan.rows = t, d, t.RowCount
	b.tr = &translator{fields: map[expr.ColumnID]*field{}, words: !d.collated || !d.view}
	for i, c := range n.Cols {
		b.tr.fields[c.ID] = d.fields[n.Ordinals[i]]
	}
	return nil
}

func (b *planner) takeFilter(n *plan.Filter) error {
	if b.scan.limit != nil {
		return sources.Refuse(n, nil, "a filter above a limit is not sent to MongoDB")
	}
	refused := &sources.Refused{}
	for _, cond := range n.Conds {
		for _, c := range expr.Conjuncts(cond) {
			p, exact := b.tr.condition(c, false)
			if p == nil {
				refused.What = append(refused.What, sources.Refusal{Node: n, Conjunct: cond, Reason: "MongoDB has no equal of a condition"})
				break
			}
			b.scan.conds = append(b.scan.conds, p)
			if !exact {
				b.scan.residual = append(b.scan.residual, c)
			}
			b.scan.rows *= b.selectivity(p)
		}
	}
	if len(refused.What) > 0 {
		return refused
	}
	return nil
}

// selectivity estimates the fraction of documents that pass, by the column's statistics where it has some.
func (b *planner) selectivity(p *predicate) float64 {
	equal, nulls := 0.05, 0.1
	if c := b.column(p.field); c != nil {
		nulls = c.NullFraction
		if c.Distinct > 0 {
			equal = (1 - nulls) / c.Distinct
		}
	}
	switch {
	case p.kind == predCompare && p.op == "=" && p.field.path == "_id" && b.scan.rows > 0:
		return min(1/b.scan.rows, 1)
	case p.kind == predCompare && p.op == "=":
		return equal
	case p.kind == predIn:
		return min(equal*float64(len(p.values)), 1)
	case p.kind == predNull:
		return nulls
	case p.kind == predNotNull, p.kind == predNotIn, p.kind == predCompare && p.op == "<>":
		return 1 - nulls
	}
	return 0.33
}

// column is the column of a field at the top with statistics, nil for none.
func (b *planner) column(f *field) *plan.TableColumn {
	if f == nil {
		return nil
	}
	i := slices.Index(b.scan.detail.fields, f)
	if i < 0 || b.scan.table.Cols[i].Distinct == 0 {
		return nil
	}
	return &b.scan.table.Cols[i]
}

func (b *planner) takeLimit(n *plan.Limit) error {
	switch {
	case b.scan.limit != nil:
		return sources.Refuse(n, nil, "one limit only is sent to MongoDB")
	case len(n.Keys) > 0 || n.Ties:
		return sources.Refuse(n, nil, "sorting is not sent to MongoDB")
	case len(b.scan.residual) > 0:
		return sources.Refuse(n, nil, "the filter below the limit is rechecked")
	}
	for _, e := range []expr.Expr{n.Count, n.Offset} {
		if e != nil && !isValue(e) {
			return sources.Refuse(n, nil, "the limit is computed")
		}
		if _, ok := e.(*expr.Param); ok {
			b.scan.params = true
		}
	}
	b.scan.limit = n
	if c, ok := n.Count.(*expr.Const); ok {
		if count, ok := c.Value.(int64); ok && (b.scan.rows < 0 || float64(count) < b.scan.rows) {
			b.scan.rows = float64(count)
		}
	}
	return nil
}

// finish settles the columns: the root's, those of the residual, and those that are decoded for their errors.
func (b *planner) finish(root []plan.Column) {
	s := b.scan
	need := map[expr.ColumnID]bool{}
	for _, r := range s.residual {
		expr.Columns(r, need)
	}
	for _, c := range root {
		delete(need, c.ID)
	}
	s.cols = slices.Clone(root)
	for _, c := range b.source.Cols {
		if need[c.ID] {
			s.cols = append(s.cols, c)
		}
	}
	for _, c := range s.cols {
		i := slices.IndexFunc(b.source.Cols, func(o plan.Column) bool { return o.ID == c.ID })
		s.ordinals = append(s.ordinals, b.source.Ordinals[i])
		if f := s.detail.fields[b.source.Ordinals[i]]; f.path == "_id" && lookupable(f) {
			s.lookup = []expr.ColumnID{c.ID}
		}
	}
	for _, p := range s.conds {
		p.each(func(leaf *predicate) { b.check(leaf) })
	}
	if s.limit != nil {
		s.lookup = nil
	}
	s.filters = b.filterable()
}

// check adds the column that a leaf reads to those that are decoded.
func (b *planner) check(leaf *predicate) {
	for _, v := range leaf.values {
		if _, ok := v.(*expr.Param); ok {
			b.scan.params = true
		}
	}
	top := leaf.field
	if len(top.parents) > 0 {
		top = top.parents[0]
	}
	i := slices.Index(b.scan.detail.fields, top)
	if !top.null && !slices.Contains(b.scan.ordinals, i) {
		b.scan.ordinals = append(b.scan.ordinals, i)
	}
}

// Server names the source.
func (s *Scan) Server() string { return s.settings.server }

// Columns are the output.
func (s *Scan) Columns() []plan.Column { return s.cols }

// Residual are the conjuncts to recheck.
func (s *Scan) Residual() []expr.Expr { return s.residual }

// Ordering is none: documents come in the server's order.
func (s *Scan) Ordering() []plan.SortKey { return nil }

// Splittable is false: the reads of a transaction follow one another.
func (s *Scan) Splittable() bool { return false }

// Tables is the one collection.
func (s *Scan) Tables() []plan.TableRef { return []plan.TableRef{s.table} }

// Inputs are parameters, dynamic filters, and _id for lookups.
func (s *Scan) Inputs() plan.Inputs {
	return plan.Inputs{Params: s.params, Filters: s.filters, Lookup: s.lookup}
}

// Estimate is the cost of a full read.
func (s *Scan) Estimate() plan.Estimate {
	width := 0.0
	for i := range s.cols {
		width += max(8, s.detail.widths[s.ordinals[i]])
	}
	e := plan.Estimate{Rows: s.rows, Bytes: -1, Startup: 0.001, PerRow: 1e-6}
	if s.rows >= 0 {
		e.Bytes = s.rows * width
	}
	return e
}

// Text is the command with $n for parameters.
func (s *Scan) Text() string {
	cmd, err := s.command(values{text: true})
	if err != nil {
		return ""
	}
	if cmd == nil {
		return "nothing is sent: the limit is 0"
	}
	text, err := bson.MarshalExtJSON(cmd, false, false)
	if err != nil {
		return ""
	}
	return s.table.SchemaName + "." + string(text)
}

func (s *Scan) name() *tableName {
	return &tableName{s.settings.server, s.table.SchemaName, s.table.TableName}
}

// fields are what is decoded, in the order of ordinals.
func (s *Scan) fields() []*field {
	out := make([]*field, len(s.ordinals))
	for i, o := range s.ordinals {
		out[i] = s.detail.fields[o]
	}
	return out
}

// command is the find command; a limit of no rows gives nil.
func (s *Scan) command(v values, more ...bson.D) (bson.D, error) {
	conds := bson.A{}
	for _, p := range s.conds {
		conds = append(conds, guarded(p, v))
	}
	for _, m := range more {
		conds = append(conds, m)
	}
	cmd := bson.D{{Key: "find", Value: s.table.TableName}}
	if len(conds) > 0 {
		// One $and: keys of one filter document that collide would lose all conditions but one.
		cmd = append(cmd, bson.E{Key: "filter", Value: bson.D{{Key: "$and", Value: conds}}})
	}
	if p := s.projection(); p != nil {
		cmd = append(cmd, bson.E{Key: "projection", Value: p})
	}
	if s.detail.collated && !s.detail.view && len(conds) > 0 {
		cmd = append(cmd, bson.E{Key: "collation", Value: bson.D{{Key: "locale", Value: "simple"}}})
	}
	if s.limit == nil {
		return cmd, nil
	}
	return s.limited(cmd, v)
}

func (s *Scan) limited(cmd bson.D, v values) (bson.D, error) {
	for _, l := range []struct {
		name, code string
		e          expr.Expr
	}{{"skip", sqlerr.InvalidOffset, s.limit.Offset}, {"limit", sqlerr.InvalidLimit, s.limit.Count}} {
		if l.e == nil {
			continue
		}
		switch d := v.datum(l.e).(type) {
		case int64:
			if d < 0 {
				return nil, sqlerr.New(l.code, "%s must not be negative", map[string]string{"skip": "OFFSET", "limit": "LIMIT"}[l.name])
			}
			if d == 0 && l.name == "limit" {
				return nil, nil // to a server, a limit of 0 is none
			}
			cmd = append(cmd, bson.E{Key: l.name, Value: d})
		case placeholder:
			cmd = append(cmd, bson.E{Key: l.name, Value: string(d)})
		}
	}
	return cmd, nil
}

// projection is the fields that are read, nil for whole documents: where these are cheaper, as the package comment
// explains. _id always comes along, for messages.
func (s *Scan) projection() bson.D {
	if s.settings.projection == "off" {
		return nil
	}
	out := bson.D{{Key: "_id", Value: 1}}
	width := 0.0
	for _, o := range s.ordinals {
		f := s.detail.fields[o]
		if f.op == opDocument || !f.addressable {
			return nil
		}
		width += s.detail.widths[o]
		if f.name != "_id" {
			out = append(out, bson.E{Key: f.name, Value: 1})
		}
	}
	d := s.detail
	known := d.width >= projectAbove && width <= d.width*projectBelow
	guessed := d.width == 0 && float64(len(s.ordinals)) <= float64(len(d.fields))*projectBelow
	if s.settings.projection == "on" || known || guessed {
		return out
	}
	return nil
}

// A projection costs the server about as much as sending half a kilobyte: it pays where documents are larger and a
// quarter of their bytes is wanted at most.
const (
	projectAbove = 512
	projectBelow = 0.25
)

func lookupable(f *field) bool {
	switch f.op {
	case opInt2, opInt4, opInt8, opText, opObjectID, opUUID:
		return f.addressable && f.typ.Kind != types.Varchar
	}
	return false
}
