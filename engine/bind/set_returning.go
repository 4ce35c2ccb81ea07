package bind

import (
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// setCall is a call of a set-returning function in a select list or what is computed like one. Expressions read its
// column; the plan gets a ProjectSet where PostgreSQL's planner has one.
type setCall struct {
	plan.SetCall
	placed bool // a ProjectSet has it
}

func (s *setCall) id() expr.ColumnID { return s.Cols[0].ID }

func returnsSet(name string) bool {
	for _, f := range expr.Functions(name) {
		if f.Kind == expr.SetReturning {
			return true
		}
	}
	return false
}

// boundSet binds a call of a set-returning function by itself; its column is not made yet, but for the type. Nil when
// the arguments choose a function that returns no set.
func (c *clause) boundSet(n *parse.FuncCall, pos int) (*setCall, error) {
	name := lastString(n.Funcname)
	args, err := c.arguments(name, n, pos)
	if err != nil {
		return nil, err
	}
	cand, err := c.b.function(name, typesOf(args), pos)
	if err != nil {
		return nil, withSchema(err, parse.Names(n.Funcname))
	}
	if cand.fn == nil || cand.fn.Kind != expr.SetReturning {
		return nil, nil
	}
	if err := plainCall(name, n, pos); err != nil {
		return nil, err
	}
	return c.b.setOf(cand, args, pos)
}

// setOf applies a set-returning function to arguments.
func (b *binder) setOf(cand candidate, args []expr.Expr, pos int) (*setCall, error) {
	if err := rowArgument(cand.fn, args, pos); err != nil {
		return nil, err
	}
	out, t, err := b.apply(cand, args)
	if err != nil {
		return nil, b.at(err, pos)
	}
	if cand.fn.Name == "generate_series" && t.Kind == types.Numeric { // the steps of a series keep no fixed scale
		t = types.NumericT
		for i, a := range out {
			out[i] = plainNumeric(a)
		}
	}
	if cand.fn.Name == "unnest" && t.Kind == types.Numeric { // elements keep their storage
		t = withoutMod(out[0].Type().Elem)
	}
	return &setCall{SetCall: plan.SetCall{Fn: cand.fn, Args: out, Cols: []plan.Column{{Type: t}}}}, nil
}

// setReturning puts a call into the level's ProjectSet, where its clause allows one, and reads its column.
func (c *clause) setReturning(cand candidate, args []expr.Expr, pos int) (expr.Expr, error) {
	const hint = "You might be able to move the set-returning function into a LATERAL FROM item."
	switch {
	case c.inAggregate:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "aggregate function calls cannot contain set-returning function calls").
			WithHint(hint).At(pos)
	case c.name == windowArguments:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "window function calls cannot contain set-returning function calls").
			WithHint(hint).At(pos)
	case c.name == functionsInFrom:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "set-returning functions must appear at top level of FROM").At(pos)
	case !c.sets && strings.HasPrefix(c.name, "window "):
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", windowDefinitions).At(pos)
	case !c.sets:
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", c.name).At(pos)
	}
	s, err := c.b.setOf(cand, args, pos)
	if err != nil {
		return nil, err
	}
	if opensRecord(s.Cols[0].Type) {
		return nil, withoutRow(s.Fn.Name, pos)
	}
	c.lv.setCalls, c.lv.lastSet = c.lv.setCalls+1, pos
	for _, have := range c.lv.expansions {
		if have.Fn == s.Fn && sameExprs(have.Args, s.Args) {
			return have.Cols[0].Ref(), nil
		}
	}
	s.Cols[0] = c.b.newColumn(s.Fn.Name, s.Cols[0].Type, true)
	c.lv.expansions = append(c.lv.expansions, s)
	c.b.sets[s.id()] = true
	return s.Cols[0].Ref(), nil
}

// rowArgument checks the argument of json[b]_populate_record[set] that gives the type.
func rowArgument(fn *expr.Function, args []expr.Expr, pos int) error {
	if !strings.Contains(fn.ID, "_populate_record") || isRow(args[0].Type()) {
		return nil
	}
	if args[0].Type().Kind == types.Unknown {
		return withoutRow(fn.Name, pos)
	}
	return sqlerr.New(sqlerr.DatatypeMismatch, "first argument of %s must be a row type", fn.Name).At(pos)
}

// opensRecord says whether t is a row whose fields only a column definition list tells.
func opensRecord(t *types.Type) bool { return t.Kind == types.Record && t.Fields == nil }

func withoutRow(name string, pos int) error {
	return sqlerr.New(sqlerr.FeatureNotSupported, "could not determine row type for result of %s", name).At(pos)
}

func sameExprs(a, b []expr.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !expr.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// returnsSet says whether a set-returning call of a select list is in e.
func (b *binder) returnsSet(e expr.Expr) bool {
	found := false
	if len(b.sets) > 0 {
		expr.Walk(e, func(e expr.Expr) bool {
			c, ok := e.(*expr.Column)
			found = found || ok && b.sets[c.ID]
			return !found
		})
	}
	return found
}

// noSets refuses set-returning functions in what bind binds: the arms of a CASE are not all evaluated.
func (c *clause) noSets(what string, bind func() (expr.Expr, error)) (expr.Expr, error) {
	before := c.lv.setCalls
	e, err := bind()
	if err == nil && c.lv.setCalls != before {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "set-returning functions are not allowed in %s", what).
			WithHint("You might be able to move the set-returning function into a LATERAL FROM item.").At(c.lv.lastSet)
	}
	return e, err
}

// setOfColumn is the set-returning call of this level whose column that is.
func (l *level) setOfColumn(id expr.ColumnID) *setCall {
	for _, s := range l.expansions {
		if s.id() == id {
			return s
		}
	}
	return nil
}

// setsIn are the calls that expressions read, those in the arguments of others included, each once.
func (l *level) setsIn(es ...expr.Expr) []*setCall {
	var out []*setCall
	seen := map[*setCall]bool{}
	var visit func(e expr.Expr)
	visit = func(e expr.Expr) {
		expr.Walk(e, func(e expr.Expr) bool {
			c, ok := e.(*expr.Column)
			if !ok {
				return true
			}
			if s := l.setOfColumn(c.ID); s != nil && !seen[s] {
				seen[s] = true
				for _, a := range s.Args {
					visit(a)
				}
				out = append(out, s)
			}
			return true
		})
	}
	for _, e := range es {
		if e != nil && len(l.expansions) > 0 {
			visit(e)
		}
	}
	return out
}

// expand puts ProjectSets over n for the calls that have none yet: those over none of the others side by side, then those
// over these, and so on (split_pathtarget_at_srfs).
func (l *level) expand(n plan.Node, calls []*setCall) plan.Node {
	var waiting []*setCall
	for _, s := range calls {
		if !s.placed {
			waiting = append(waiting, s)
		}
	}
	for len(waiting) > 0 {
		p := &plan.ProjectSet{Input: n, Keep: n.Columns()}
		var later []*setCall
		for _, s := range waiting {
			if l.waits(s) {
				later = append(later, s)
			} else {
				p.Calls = append(p.Calls, s.SetCall)
			}
		}
		for _, s := range waiting {
			s.placed = s.placed || !contains(later, s)
		}
		n, waiting = p, later
	}
	return n
}

// windowSets are the calls that windows are partitioned or ordered by.
func (k *block) windowSets() []*setCall {
	var es []expr.Expr
	for _, w := range k.windows {
		es = append(es, w.partition...)
		for _, o := range w.order {
			es = append(es, o.Expr)
		}
	}
	return k.setsIn(es...)
}

func (k *block) targetExprs() []expr.Expr {
	es := make([]expr.Expr, len(k.targets))
	for i, t := range k.targets {
		es[i] = t.e
	}
	return es
}

// lateSets are the calls that run above the sort: those of the select list, when nothing that is sorted, grouped,
// partitioned or made distinct has any (make_sort_input_target). So each sorted row is repeated in its place.
func (k *block) lateSets() []*setCall {
	if len(k.order) == 0 || k.unique {
		return nil
	}
	for _, s := range k.expansions {
		if s.placed {
			return nil
		}
	}
	var sorted []expr.Expr
	for _, o := range k.order {
		sorted = append(sorted, o.target.e)
	}
	for _, t := range k.on {
		sorted = append(sorted, t.e)
	}
	if len(k.setsIn(sorted...)) > 0 {
		return nil
	}
	return k.setsIn(k.targetExprs()...)
}

// waits says whether a call's arguments have calls that no ProjectSet has yet.
func (l *level) waits(s *setCall) bool {
	for _, in := range l.setsIn(s.Args...) {
		if !in.placed {
			return true
		}
	}
	return false
}

func contains(list []*setCall, s *setCall) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// aboveGrouping is the call that an expression above the grouping means by the column of one: the same call over grouped
// arguments. One that a grouping key has, too, is another call there.
func (u *ungrouper) aboveGrouping(s *setCall) expr.Expr {
	if again := u.sets[s]; again != nil {
		return again.Cols[0].Ref()
	}
	c := *s
	if s.placed {
		c.placed = false
		c.Cols = []plan.Column{u.k.b.newColumn(s.Cols[0].Name, s.Cols[0].Type, true)}
	}
	c.Args = make([]expr.Expr, len(s.Args))
	for i, a := range s.Args {
		c.Args[i] = u.rewrite(a)
	}
	if u.sets == nil {
		u.sets = map[*setCall]*setCall{}
	}
	if s.placed {
		u.sets[s] = &c
		u.k.expansions = append(u.k.expansions, &c)
	} else {
		*s = c
		u.sets[s] = s
	}
	return u.sets[s].Cols[0].Ref()
}
