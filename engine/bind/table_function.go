package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// functionsInFrom names the clause of functions in FROM; what is set-returning must be the whole of one.
const functionsInFrom = "functions in FROM"

// rangeFunction binds f(…) in FROM, and ROWS FROM (f(…), g(…)): set-returning functions, or scalar ones that give one row.
// All of them are LATERAL.
func (l *level) rangeFunction(n *parse.RangeFunction) (*item, error) {
	var t *tableFunctions
	q, err := l.nested(true, func(parent *level) (*result, error) {
		t = &tableFunctions{b: l.b, alias: n.Alias, ordinality: n.Ordinality}
		t.clause = &clause{b: l.b, lv: newLevel(l.b, parent), name: functionsInFrom, subqueries: &t.subs}
		if err := t.bind(n); err != nil {
			return nil, err
		}
		return t.result()
	})
	if err != nil {
		return nil, err
	}
	first := n.Functions[0].GetList().GetItems()[0]
	it, err := l.aliased(q.node, q.cols, columnName(first), nil, n.Alias, l.b.posOf(first))
	if err != nil {
		return nil, err
	}
	it.lateral = true
	it.ns[0].scalar = len(t.calls) == 1 && !t.calls[0].Expand && !n.Ordinality
	return it, nil
}

// tableFunctions are the functions of one item of FROM.
type tableFunctions struct {
	b          *binder
	alias      *parse.Alias
	ordinality bool
	clause     *clause
	subs       []pending
	calls      []plan.SetCall
	names      []string
	alone      bool // it is the only one
}

// written is a function as FROM has it, with its column definition list.
type written struct {
	node *parse.Node
	defs []*parse.Node
}

func (t *tableFunctions) bind(n *parse.RangeFunction) error {
	var list []written
	for _, f := range n.Functions {
		items := f.GetList().GetItems()
		w := written{node: items[0]}
		if len(items) > 1 {
			w.defs = items[1].GetList().GetItems()
		}
		list = append(list, apart(w)...)
	}
	if len(n.Coldeflist) > 0 {
		pos := t.b.posOf(n.Coldeflist[0])
		switch {
		case len(list) != 1 && n.IsRowsfrom:
			return sqlerr.New(sqlerr.SyntaxError, "ROWS FROM() with multiple functions cannot have a column definition list").
				WithHint("Put a separate column definition list for each function inside ROWS FROM().").At(pos)
		case len(list) != 1:
			return sqlerr.New(sqlerr.SyntaxError, "UNNEST() with multiple arguments cannot have a column definition list").
				WithHint("Use separate UNNEST() calls inside ROWS FROM(), and attach a column definition list to each one.").At(pos)
		case n.Ordinality:
			return sqlerr.New(sqlerr.SyntaxError, "WITH ORDINALITY cannot be used with a column definition list").
				WithHint("Put the column definition list inside ROWS FROM().").At(pos)
		}
		list[0].defs = n.Coldeflist
	}
	t.alone = len(list) == 1
	for _, w := range list {
		if err := t.function(w); err != nil {
			return err
		}
	}
	return nil
}

// apart makes of unnest(a, b) the calls unnest(a), unnest(b).
func apart(w written) []written {
	call := w.node.GetFuncCall()
	plain := call != nil && len(call.Funcname) == 1 && lastString(call.Funcname) == "unnest" && len(call.Args) > 1 &&
		len(call.AggOrder) == 0 && call.AggFilter == nil && call.Over == nil && !call.AggWithinGroup && !call.AggStar &&
		!call.AggDistinct && !call.FuncVariadic && len(w.defs) == 0
	if !plain {
		return []written{w}
	}
	out := make([]written, len(call.Args))
	for i, a := range call.Args {
		one := &parse.FuncCall{Funcname: call.Funcname, Args: []*parse.Node{a}, Funcformat: call.Funcformat, Location: call.Location}
		out[i].node = &parse.Node{Node: &parse.NodeFuncCall{FuncCall: one}}
	}
	return out
}

// function binds one of them.
func (t *tableFunctions) function(w written) error {
	pos := t.b.posOf(w.node)
	defs, err := t.definitions(w.defs)
	if err != nil {
		return err
	}
	call, outName, err := t.call(w.node, pos)
	if err != nil {
		return err
	}
	name := columnName(w.node)
	typ := call.Cols[0].Type
	switch open := opensRecord(typ); {
	case defs == nil && (open || call.Fn != nil && call.Fn.Name == "unnest" && typ.Kind == types.Record):
		return sqlerr.New(sqlerr.SyntaxError, "a column definition list is required for functions returning \"record\"").At(pos)
	case open:
		typ = types.RecordOf(defs)
		if call.Fn == nil {
			call.Args[0] = asRecord(call.Args[0], typ)
		}
	case defs != nil && typ.Kind == types.Record:
		return sqlerr.New(sqlerr.SyntaxError, "a column definition list is redundant for a function with OUT parameters").
			At(t.b.posOf(w.defs[0]))
	case defs != nil && isRow(typ):
		return sqlerr.New(sqlerr.SyntaxError, "a column definition list is redundant for a function returning a named composite type").
			At(t.b.posOf(w.defs[0]))
	case defs != nil:
		return sqlerr.New(sqlerr.SyntaxError, "a column definition list is only allowed for functions returning \"record\"").
			At(t.b.posOf(w.defs[0]))
	}
	call.Cols = nil
	if call.Expand = isRow(typ); call.Expand {
		for _, f := range typ.Fields {
			call.Cols = append(call.Cols, t.b.newColumn(f.Name, f.Type, true))
		}
	} else {
		call.Cols = []plan.Column{t.b.newColumn(t.scalarName(name, outName), typ, true)}
	}
	t.calls, t.names = append(t.calls, *call), append(t.names, name)
	return nil
}

// scalarName is the name of a function's only column: its output parameter's, else the alias's, else the function's
// (chooseScalarFunctionAlias).
func (t *tableFunctions) scalarName(function, output string) string {
	switch {
	case output != "":
		return output
	case t.alias != nil && t.alias.Aliasname != "" && t.alone:
		return t.alias.Aliasname
	}
	return function
}

// asRecord gives a call that makes any record the fields that are asked of it.
func asRecord(e expr.Expr, t *types.Type) expr.Expr {
	if c, ok := e.(*expr.Call); ok {
		return &expr.Call{Fn: c.Fn, Args: c.Args, Typ: t}
	}
	return e
}

// call binds the function, a set-returning one without the expression around it that it would be in a select list. The type
// of its column is that of the result.
func (t *tableFunctions) call(n *parse.Node, pos int) (*plan.SetCall, string, error) {
	if f := n.GetFuncCall(); f != nil && f.Over == nil && returnsSet(lastString(f.Funcname)) {
		subs := len(t.subs)
		set, err := t.clause.boundSet(f, pos)
		if set == nil {
			t.subs = t.subs[:subs]
		}
		if set != nil || err != nil {
			if err != nil {
				return nil, "", err
			}
			return &set.SetCall, set.Fn.OutName, nil
		}
	}
	e, err := t.clause.settled(n)
	if err != nil {
		return nil, "", err
	}
	outName := ""
	if c, ok := e.(*expr.Call); ok {
		outName = c.Fn.OutName
	}
	return &plan.SetCall{Args: []expr.Expr{e}, Cols: []plan.Column{{Type: e.Type()}}}, outName, nil
}

// definitions are the fields of a column definition list; nil without one.
func (t *tableFunctions) definitions(list []*parse.Node) ([]types.Field, error) {
	var out []types.Field
	for _, n := range list {
		d := n.GetColumnDef()
		pos := t.b.pos(d.Location)
		typ, err := t.b.typeName(d.TypeName)
		if err != nil {
			return nil, err
		}
		if typ.IsPseudo() || typ.Kind == types.Record {
			return nil, sqlerr.New("42P16", "column %q has pseudo-type %s", d.Colname, bare(typ)).At(pos)
		}
		for _, have := range out {
			if have.Name == d.Colname {
				return nil, sqlerr.New(sqlerr.DuplicateColumn, "column name %q specified more than once", d.Colname).At(pos)
			}
		}
		out = append(out, types.Field{Name: d.Colname, Type: typ})
	}
	return out, nil
}

// result is the plan: one scalar function is a projection of the one row there is, all else a ProjectSet over it.
func (t *tableFunctions) result() (*result, error) {
	input := attachAll(&plan.Values{Rows: [][]expr.Expr{{}}}, t.subs)
	if len(t.calls) == 1 && t.calls[0].Fn == nil && !t.ordinality {
		return t.single(input), nil
	}
	n := &plan.ProjectSet{Input: input, Calls: t.calls}
	if t.ordinality {
		n.Ordinality = t.b.newColumn("ordinality", types.Int8T, false)
	}
	return &result{node: n, cols: n.Columns()}, nil
}

func (t *tableFunctions) single(input plan.Node) *result {
	c := t.calls[0]
	p := &plan.Project{Input: input}
	for i, col := range c.Cols {
		e := c.Args[0]
		if c.Expand {
			e = fieldOf(e, i)
		}
		p.Items = append(p.Items, plan.Item{Column: col, Expr: e})
	}
	return &result{node: p, cols: p.Columns()}
}

func plainNumeric(e expr.Expr) expr.Expr {
	if types.Equal(e.Type(), types.NumericT) {
		return e
	}
	return retype(e, types.NumericT)
}
