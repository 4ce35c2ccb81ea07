package fake

import (
	"slices"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/sources"
)

// scan is a fragment that was taken.
type scan struct {
	server   string
	root     plan.Node // what is evaluated
	superset []expr.Expr
	splits   int // rows of a split; 0 when it has only one
	tables   []plan.TableRef
	inputs   plan.Inputs
	ordering []plan.SortKey
}

var _ plan.RemoteScan = (*scan)(nil)

func (s *scan) Server() string           { return s.server }
func (s *scan) Columns() []plan.Column   { return s.root.Columns() }
func (s *scan) Residual() []expr.Expr    { return s.superset }
func (s *scan) Ordering() []plan.SortKey { return s.ordering }
func (s *scan) Splittable() bool         { return s.splits > 0 }
func (s *scan) Inputs() plan.Inputs      { return s.inputs }
func (s *scan) Tables() []plan.TableRef  { return s.tables }
func (s *scan) Text() string             { return plan.String(s.root) }

func (s *scan) Estimate() plan.Estimate {
	rows := 1.0
	for _, t := range s.tables {
		rows = max(rows, t.Rows())
	}
	return plan.Estimate{Rows: rows, Bytes: rows * 32, PerRow: 1e-8}
}

// take checks a fragment node by node and says how it will be read.
func (s *Source) take(root plan.Node) (*scan, error) {
	sc := &scan{server: s.name, root: root}
	simple := true
	var err error
	plan.Walk(root, func(n plan.Node) bool {
		if err == nil {
			err = s.refusal(n)
		}
		switch n := n.(type) {
		case *plan.Scan:
			sc.tables = append(sc.tables, n.Table)
		case *plan.Filter, *plan.Project, *plan.SecurityBarrier:
		case *plan.Aggregate:
			// A partial one at the top gives every split's groups; nothing is taken on top of it.
			simple = simple && n.Partial && n == root
		default:
			simple = false
		}
		for _, e := range plan.Exprs(n) {
			expr.Walk(e, func(e expr.Expr) bool {
				_, is := e.(*expr.Param)
				sc.inputs.Params = sc.inputs.Params || is
				return true
			})
		}
		return err == nil
	})
	if err == nil {
		err = onTopOfPart(root)
	}
	if err != nil {
		return nil, err
	}
	if f, ok := root.(*plan.Filter); ok && s.script.Superset {
		sc.root, sc.superset = f.Input, f.Conds
	}
	if simple && len(sc.tables) == 1 {
		sc.splits = s.script.SplitRows
	}
	sc.ordering = orderOf(root)
	s.runTimeInputs(sc)
	return sc, nil
}

// onTopOfPart refuses whatever stands on a partial aggregate: its groups are not complete.
func onTopOfPart(root plan.Node) (err error) {
	plan.Walk(root, func(n plan.Node) bool {
		if a, ok := n.(*plan.Aggregate); ok && a.Partial && n != root {
			err = sources.Refuse(n, nil, "%s is not at the top", plan.Describe(n))
		}
		return err == nil
	})
	return err
}

func orderOf(root plan.Node) []plan.SortKey {
	switch n := root.(type) {
	case *plan.Sort:
		return n.Keys
	case *plan.Limit:
		return n.Keys
	}
	return nil
}

// runTimeInputs declares what a bare scan takes: filters on every column, lookups by the key where it is read.
func (s *Source) runTimeInputs(sc *scan) {
	if s.script.Capabilities.DynamicFilter {
		for _, c := range sc.root.Columns() {
			sc.inputs.Filters = append(sc.inputs.Filters, c.ID)
		}
	}
	n, ok := sc.root.(*plan.Scan)
	if !ok || !s.script.Capabilities.Lookup {
		return
	}
	t, ok := n.Table.(*sources.Table)
	if !ok {
		return
	}
	var ids []expr.ColumnID
	for _, name := range t.PrimaryKey {
		at := slices.IndexFunc(n.Cols, func(c plan.Column) bool { return c.Name == name })
		if at < 0 {
			return
		}
		ids = append(ids, n.Cols[at].ID)
	}
	sc.inputs.Lookup = ids
}

// refusal is nil for a node that is claimed and that the evaluator knows.
func (s *Source) refusal(n plan.Node) error {
	c := s.script.Capabilities
	claimed := true
	switch n := n.(type) {
	case *plan.Scan, *plan.SecurityBarrier:
	case *plan.Filter:
		claimed = c.Filter
		if err := s.refusedConjuncts(n); err != nil {
			return err
		}
	case *plan.Project:
		claimed = c.Project
	case *plan.Join:
		claimed = c.Join
	case *plan.Aggregate:
		claimed = c.Aggregate
		switch {
		case n.Partial:
			claimed = c.PartialAggregate
		case len(n.Aggs) == 0:
			claimed = c.Distinct
		}
		return s.refusedAggregates(n, claimed)
	case *plan.Sort:
		claimed = c.Sort
	case *plan.Limit:
		claimed = c.Limit && n.Keys == nil || c.TopN && n.Keys != nil
		if n.Ties {
			claimed = false
		}
	case *plan.SetOp:
		claimed = c.SetOp
	default:
		claimed = false
	}
	if !claimed {
		return sources.Refuse(n, nil, "%s is not claimed", plan.Describe(n))
	}
	return nil
}

func (s *Source) refusedConjuncts(n *plan.Filter) error {
	if s.script.Refuse == nil {
		return nil
	}
	var what []sources.Refusal
	for _, e := range n.Conds {
		if s.script.Refuse(e) {
			what = append(what, sources.Refusal{Node: n, Conjunct: e, Reason: "the script refuses " + expr.String(e)})
		}
	}
	if what == nil {
		return nil
	}
	return &sources.Refused{What: what}
}

func (s *Source) refusedAggregates(n *plan.Aggregate, claimed bool) error {
	if !claimed || n.GroupingSets != nil {
		return sources.Refuse(n, nil, "%s is not claimed", plan.Describe(n))
	}
	for _, a := range n.Aggs {
		if a.OrderBy != nil || !aggregates[a.Fn.Name] {
			return sources.Refuse(n, nil, "the aggregate %s is not known", a.Fn.Name)
		}
	}
	return nil
}
