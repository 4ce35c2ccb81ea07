package bind

import (
	"strings"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
)

func qualified(viewName string, written []string) []string {
	if p := strings.Split(viewName, "."); len(p) >= len(written) {
		return p
	}
	return written
}

// view binds a view's query by its own catalog. Positions inside would be of its own text: they are left out.
func (b *binder) view(v *View, pos int) (plan.Node, []plan.Column, error) {
	if b.viewDepth >= maxViewDepth {
		return nil, nil, sqlerr.New(sqlerr.InvalidRecursion, "view %s refers to itself, or views are nested more than %d deep",
			v.Name, maxViewDepth).At(pos)
	}
	outerStmt, outerCat, quiet, params, paramAt := b.stmt, b.cat, b.quiet, b.params, b.paramAt
	b.stmt, b.cat, b.quiet, b.params, b.paramAt = v.Query, v.Catalog, true, nil, nil
	b.viewDepth++
	q, err := b.query(v.Query.Root.GetSelectStmt(), nil, false)
	b.viewDepth--
	b.stmt, b.cat, b.quiet, b.params, b.paramAt = outerStmt, outerCat, quiet, params, paramAt
	if err != nil {
		return nil, nil, inView(err, v.Name, pos)
	}
	b.views = append(b.views, v.Name)
	node := q.node
	if v.Barrier {
		node, q.cols = b.exactly(q)
		node = &plan.SecurityBarrier{Input: node, Object: v.Name}
	}
	cols := append([]plan.Column(nil), q.cols...)
	for i, name := range v.Columns {
		if i < len(cols) {
			cols[i].Name = name
		}
	}
	return node, cols, nil
}

// inView says in which view an error was found.
func inView(err error, view string, pos int) error {
	code := sqlerr.Code(err)
	if code == "" {
		return err
	}
	var e *sqlerr.Error
	if !asError(err, &e) {
		return err
	}
	c := *e
	c.Message = "in view " + view + ": " + e.Message
	c.Position = pos
	return &c
}
