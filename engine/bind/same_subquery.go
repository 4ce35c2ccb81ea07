package bind

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// reuse replaces the subqueries that an element of GROUP BY brought, those of before from the n-th on, by equal ones that
// the select list has already: they move below the grouping, and the list's expression is the key.
func (k *block) reuse(e expr.Expr, n int) expr.Expr {
	for i := n; i < len(k.before); {
		p := k.before[i]
		text := p.text()
		j := slices.IndexFunc(k.after, func(have pending) bool { return have.text() == text })
		if j < 0 {
			i++
			continue
		}
		have := k.after[j]
		by := map[expr.ColumnID]expr.Expr{p.mark.ID: have.mark.Ref()}
		for c, col := range p.right.Columns() {
			by[col.ID] = have.right.Columns()[c].Ref()
		}
		e = expr.Rewrite(e, func(e expr.Expr) expr.Expr {
			if c, ok := e.(*expr.Column); ok && by[c.ID] != nil {
				return by[c.ID]
			}
			return e
		})
		k.after = slices.Delete(slices.Clone(k.after), j, j+1)
		k.before[i] = have
		i++
	}
	return e
}

var columnNumber = regexp.MustCompile(`#\d+`)

// text is what the subquery computes: its plan, in which the columns that it makes itself are numbered in order.
func (p *pending) text() string {
	own := map[string]string{}
	note := func(cols []plan.Column) {
		for _, c := range cols {
			id := "#" + strconv.Itoa(int(c.ID))
			if own[id] == "" {
				own[id] = "#own" + strconv.Itoa(len(own)) + c.Type.String()
			}
		}
	}
	plan.Walk(p.right, func(n plan.Node) bool {
		note(n.Columns())
		for _, c := range n.Children() {
			note(c.Columns())
		}
		return true
	})
	text := strconv.Itoa(int(p.kind)) + strconv.FormatBool(p.nullAware) + "\n"
	for _, e := range p.on {
		text += expr.String(e) + "\n"
	}
	return columnNumber.ReplaceAllStringFunc(text+plan.String(p.right), func(id string) string {
		if to := own[id]; to != "" {
			return to
		}
		return id
	})
}
