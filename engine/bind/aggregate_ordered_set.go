package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// orderedSet is f(direct…) WITHIN GROUP (ORDER BY aggregated…): the function's parameters are both lists.
func (c *clause) orderedSet(name string, n *parse.FuncCall, item *plan.AggItem, args []expr.Expr, pos int) (*plan.AggItem, error) {
	direct := len(args)
	actual := typesOf(args)
	for i, k := range item.OrderBy {
		args, actual = append(args, k.Expr), append(actual, k.Expr.Type())
		if n.AggOrder[i].GetSortBy().GetNode().GetAConst() != nil && k.Expr.Type().Kind == types.Text {
			actual[direct+i] = types.UnknownT // here a string does not become a text by itself
		}
	}
	cand, err := c.b.function(name, actual, pos)
	if err != nil {
		return nil, err
	}
	if err := ordersSet(cand.fn, name, direct, len(item.OrderBy), callSignature(name, actual)); err != nil {
		return nil, c.b.at(err, pos)
	}
	if err := undetermined(cand, actual, pos); err != nil {
		return nil, err
	}
	if cand.fn.Variadic {
		if err := c.hypothetical(args, direct, pos); err != nil {
			return nil, err
		}
	}
	out, t, err := c.b.apply(cand, args)
	if err != nil {
		return nil, c.b.at(err, pos)
	}
	for i := range item.OrderBy {
		item.OrderBy[i].Expr = out[direct+i]
		if err := orderable(out[direct+i].Type(), pos); err != nil {
			return nil, err
		}
	}
	item.Fn, item.Type, item.Args = cand.fn, t, out[:direct]
	return item, nil
}

// ordersSet refuses functions that are no ordered-set aggregates of so many direct and ordered arguments.
func ordersSet(f *expr.Function, name string, direct, ordered int, call string) error {
	missing := sqlerr.New(sqlerr.UndefinedFunction, "function %s does not exist", call)
	switch {
	case f != nil && f.Kind == expr.Window:
		return sqlerr.New(sqlerr.WrongObjectType, "window function %s cannot have WITHIN GROUP", name)
	case f == nil || f.Kind != expr.Aggregate:
		return sqlerr.New(sqlerr.WrongObjectType, "WITHIN GROUP specified, but %s is not an aggregate function", name)
	case !f.OrderedSet:
		return sqlerr.New(sqlerr.WrongObjectType, "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name)
	case f.Variadic && direct != ordered:
		return missing.WithHint("To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments (here %d) must "+
			"match the number of ordering columns (here %d).", name, direct, ordered)
	case !f.Variadic && direct != f.Direct:
		return missing.WithHint("There is an ordered-set aggregate %s, but it requires %d direct arguments, not %d.", name, f.Direct, direct)
	}
	return nil
}

func needsWithinGroup(name string, pos int) error {
	return sqlerr.New(sqlerr.WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate %s", name).At(pos)
}

// hypothetical gives each hypothetical value and what it is ordered among one type (unify_hypothetical_args).
func (c *clause) hypothetical(args []expr.Expr, direct, pos int) error {
	for i := range direct {
		pair := []expr.Expr{args[i], args[direct+i]}
		if _, err := c.b.unify(pair, "WITHIN GROUP", func(int) int { return pos }); err != nil {
			return err
		}
		args[i], args[direct+i] = pair[0], pair[1]
	}
	return nil
}

// checkDirect refuses ungrouped columns among the direct arguments of ordered-set aggregates, which are evaluated once a
// group.
func (k *block) checkDirect(u *ungrouper) error {
	for _, item := range k.aggs {
		if !item.Fn.OrderedSet {
			continue
		}
		for _, a := range item.Args {
			if u.rewrite(a); u.err != nil {
				return withDetail(u.err, "Direct arguments of an ordered-set aggregate must use only grouped columns.")
			}
			if k.sets != nil && u.readsInput(a) {
				return sqlerr.Unsupported("a grouped column as a direct argument of " + item.Fn.Name + " with grouping sets")
			}
		}
	}
	return nil
}

func withDetail(err error, detail string) error {
	var e *sqlerr.Error
	if asError(err, &e) {
		return e.WithDetail("%s", detail)
	}
	return err
}

// readsInput says whether e reads a column of the aggregate's input.
func (u *ungrouper) readsInput(e expr.Expr) bool {
	used := map[expr.ColumnID]bool{}
	expr.Columns(e, used)
	for id := range used {
		if _, ok := u.inner[id]; ok {
			return true
		}
	}
	return false
}
