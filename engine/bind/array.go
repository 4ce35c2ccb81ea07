package bind

import (
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// parseLiteral reads a literal of a type, and gives the type that its value has: an array of several dimensions or other
// bounds is of an array type with Dims.
func parseLiteral(t *types.Type, s string, zone *time.Location) (any, *types.Type, error) {
	if t.Kind != types.Array {
		v, err := datum.Parse(t, s, zone)
		return v, t, err
	}
	a, err := datum.ParseArray(t, s, zone)
	if err != nil {
		return nil, nil, err
	}
	if !a.Plain() {
		t = types.ShapedArrayOf(t.Elem, int32(len(a.Dims)))
	}
	v, err := a.Datum(t.Dims > 0)
	return v, t, err
}

// likeShape is an array type with the dimensions of another.
func likeShape(t, shape *types.Type) *types.Type {
	if t.Kind != types.Array || t.Dims == shape.Dims {
		return t
	}
	out := types.ShapedArrayOf(t.Elem, shape.Dims)
	out.Domain = t.Domain
	return out
}

// shapedAs is the type of a cast to an array type: arrays keep their dimensions, text may hold any.
func shapedAs(from, to *types.Type) *types.Type {
	switch {
	case to.Kind != types.Array || to.Dims > 0:
		return to
	case from.Kind == types.Array && from.Dims > 0:
		return likeShape(to, from)
	case from.IsString():
		return types.ShapedArrayOf(to.Elem, 1)
	}
	return to
}

// mostDims is the common type t of expressions, with dimensions where one of them has some.
func mostDims(t *types.Type, es []expr.Expr) *types.Type {
	if t.Kind != types.Array {
		return t
	}
	dims := t.Dims
	for _, e := range es {
		if e.Type().Kind == types.Array {
			dims = max(dims, e.Type().Dims)
		}
	}
	if dims == t.Dims {
		return t
	}
	return types.ShapedArrayOf(t.Elem, dims)
}

// reshape brings an array of any dimensions into the form that a function takes it in.
func reshape(fn *expr.Function, e expr.Expr) expr.Expr {
	t := e.Type()
	if t.Kind != types.Array || t.Dims == 0 {
		return e
	}
	switch fn.Shapes {
	case expr.AnyShape:
		return e
	case expr.Flattening:
		return elementsOf(e)
	}
	if takesAnything(fn) {
		return e
	}
	return &expr.Cast{Arg: e, Typ: types.ArrayOf(t.Elem)}
}

// takesAnything says whether a function takes values of any type as they are.
func takesAnything(fn *expr.Function) bool {
	for _, p := range fn.Args {
		if p.Kind == types.AnyArray || p.Kind == types.Array {
			return false
		}
	}
	return true
}

// elementsOf is the plain array of all elements.
func elementsOf(e expr.Expr) expr.Expr {
	if e.Type().Kind != types.Array || e.Type().Dims == 0 {
		return e
	}
	return &expr.Call{Fn: expr.ArrayElements, Args: []expr.Expr{e}, Typ: types.ArrayOf(e.Type().Elem)}
}

// compatibleElement is the common type that anycompatible and the elements of anycompatiblearray stand for; nil when
// the arguments have none.
func compatibleElement(params, actual []*types.Type) *types.Type {
	var es []expr.Expr
	for i, p := range params {
		t := actual[i]
		switch {
		case p.Kind == types.AnyArray && t.Kind == types.Array:
			t = t.Elem
		case p.Kind == types.AnyArray && t.Kind != types.Unknown:
			return nil
		case p.Kind != types.AnyArray && p.Kind != types.AnyElement:
			continue
		}
		es = append(es, &expr.Const{Typ: t})
	}
	t, err := common(es, "", nil)
	if t == nil || err != nil {
		return nil
	}
	for _, e := range es {
		if !canCoerce(e.Type(), t, expr.ImplicitCast) {
			return nil
		}
	}
	if t.Kind == types.Numeric && !allEqual(es) {
		return types.NumericT // each value keeps its own scale
	}
	return t
}

// arrayOf is ARRAY[…], of the array type that a cast around it gives, or else of the elements' common one. Elements
// that are arrays make one of one dimension more (transformArrayExpr).
func (c *clause) arrayOf(n *parse.AArrayExpr, cast *types.Type) (expr.Expr, error) {
	elems := make([]expr.Expr, len(n.Elements))
	nested := false
	for i, e := range n.Elements {
		var err error
		if sub := e.GetAArrayExpr(); sub != nil {
			elems[i], err = c.arrayOf(sub, cast)
		} else {
			elems[i], err = c.expr(e)
		}
		if err != nil {
			return nil, err
		}
		nested = nested || elems[i].Type().Kind == types.Array
	}
	pos := func(i int) int { return c.b.posOf(n.Elements[i]) }
	if cast != nil {
		return c.castArray(elems, cast, nested, pos)
	}
	if len(elems) == 0 {
		return nil, sqlerr.New(sqlerr.IndeterminateDatatype, "cannot determine type of empty array").
			WithHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].").At(c.b.pos(n.Location))
	}
	t, err := c.b.unify(elems, "ARRAY", pos)
	if err != nil {
		return nil, err
	}
	return arrayExpr(elems, t), nil
}

func (c *clause) castArray(elems []expr.Expr, cast *types.Type, nested bool, pos func(int) int) (expr.Expr, error) {
	want := cast.Elem
	if nested {
		want = cast
	}
	var err error
	for i, e := range elems {
		if elems[i], err = c.b.explicit(e, want, pos(i)); err != nil {
			return nil, err
		}
	}
	if !nested {
		for i, e := range elems {
			if !types.Equal(e.Type(), want) {
				elems[i] = retype(e, want)
			}
		}
		return &expr.ArrayOf{Elems: elems, Typ: cast}, nil
	}
	t := mostDims(want, elems)
	for i, e := range elems {
		if !types.Equal(e.Type(), t) {
			elems[i] = retype(e, t)
		}
	}
	return arrayExpr(elems, t), nil
}

// arrayExpr is the array of elements of type t.
func arrayExpr(elems []expr.Expr, t *types.Type) expr.Expr {
	if t.Kind != types.Array {
		for i, e := range elems {
			if wide := loosened(t); !types.Equal(e.Type(), wide) {
				elems[i] = retype(e, wide)
			}
		}
		return &expr.ArrayOf{Elems: elems, Typ: types.ArrayOf(loosened(t))}
	}
	return &expr.ArrayOf{Elems: elems, Typ: types.ShapedArrayOf(t.Elem, max(t.Dims, 1)+1)}
}

// subscripts binds array[i], array[i][j] and slices: all subscripts behind one another belong together, and one slice
// among them makes all of them slices (transformContainerSubscripts).
func (c *clause) subscripts(e expr.Expr, list []*parse.AIndices, n *parse.AIndirection) (expr.Expr, error) {
	pos := c.b.posOf(n.Arg)
	t := e.Type()
	if t.Kind == types.JSONB {
		return c.documentSubscripts(e, list, pos)
	}
	if t.Kind == types.Opaque && t.OID != types.JSONPathT.OID {
		return nil, sqlerr.Unsupported("a subscript of type " + bare(t)).At(pos)
	}
	if t.Kind != types.Array {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "cannot subscript type %s because it does not support subscripting",
			bare(t)).At(pos)
	}
	if t.Elem.Kind == types.Array && len(list) > 1 { // lists of lists, which files and documents have
		inner, err := c.subscripts(e, list[:1], n)
		if err != nil {
			return nil, err
		}
		if list[0].IsSlice {
			return nil, sqlerr.Unsupported("subscripts behind a slice of lists of lists").At(pos)
		}
		return c.subscripts(inner, list[1:], n)
	}
	if len(list) > datum.MaxDimensions {
		return nil, sqlerr.New(sqlerr.ProgramLimit, "number of array dimensions (%d) exceeds the maximum allowed (%d)",
			len(list), datum.MaxDimensions).At(pos)
	}
	for _, i := range list {
		if i.IsSlice {
			return c.slice(e, list)
		}
	}
	args := []expr.Expr{e}
	for _, i := range list {
		index, err := c.subscriptOf(i.Uidx)
		if err != nil {
			return nil, err
		}
		args = append(args, index)
	}
	if len(list) == 1 && t.Dims == 0 {
		return &expr.Subscript{Arg: e, Index: args[1]}, nil
	}
	return &expr.Call{Fn: expr.ArraySubscript, Args: args, Typ: t.Elem}, nil
}

// slice is array[a:b]…: a subscript without a colon is the upper bound of one from 1.
func (c *clause) slice(e expr.Expr, list []*parse.AIndices) (expr.Expr, error) {
	args := []expr.Expr{e}
	for _, i := range list {
		given := int64(0)
		bounds := [2]expr.Expr{intConst(1), intConst(1)}
		for k, n := range [2]*parse.Node{i.Lidx, i.Uidx} {
			if n == nil {
				continue
			}
			given |= 1 << k
			var err error
			if bounds[k], err = c.subscriptOf(n); err != nil {
				return nil, err
			}
		}
		if !i.IsSlice {
			given = 3
		}
		args = append(args, intConst(given), bounds[0], bounds[1])
	}
	return &expr.Call{Fn: expr.ArraySlice, Args: args, Typ: e.Type()}, nil
}

func intConst(v int64) expr.Expr { return &expr.Const{Typ: types.Int4T, Value: v} }

func (c *clause) subscriptOf(n *parse.Node) (expr.Expr, error) {
	index, err := c.expr(n)
	if err != nil {
		return nil, err
	}
	if !canCoerce(index.Type(), types.Int4T, expr.AssignmentCast) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "array subscript must have type integer").At(c.b.posOf(n))
	}
	out, err := c.b.coerce(index, types.Int4T, expr.AssignmentCast)
	return out, c.b.at(err, c.b.posOf(n))
}

// documentSubscripts are those of jsonb: a path.
func (c *clause) documentSubscripts(e expr.Expr, list []*parse.AIndices, pos int) (expr.Expr, error) {
	path := make([]expr.Expr, len(list))
	for k, i := range list {
		if i.IsSlice {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "jsonb subscript does not support slices").At(pos)
		}
		index, err := c.expr(i.Uidx)
		if err != nil {
			return nil, err
		}
		if t := index.Type(); t.Kind != types.Unknown && !t.IsInteger() && !t.IsString() {
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "subscript type %s is not supported", bare(t)).
				WithHint("jsonb subscript must be coercible to either integer or text.").At(c.b.posOf(i.Uidx))
		}
		if path[k], err = c.b.explicit(index, types.TextT, c.b.posOf(i.Uidx)); err != nil {
			return nil, err
		}
	}
	return c.b.operate("#>", []expr.Expr{e, &expr.ArrayOf{Elems: path, Typ: types.ArrayOf(types.TextT)}}, pos)
}

// loosened is a type of arrays or rows in whose values every numeric keeps a scale of its own.
func loosened(t *types.Type) *types.Type {
	switch t.Kind {
	case types.Numeric:
		return types.NumericT
	case types.Array:
		if elem := loosened(t.Elem); elem != t.Elem {
			return likeShape(types.ArrayOf(elem), t)
		}
	case types.Record:
		fields, same := make([]types.Field, len(t.Fields)), true
		for i, f := range t.Fields {
			fields[i] = types.Field{Name: f.Name, Type: loosened(f.Type)}
			same = same && fields[i].Type == f.Type
		}
		if !same {
			return types.RecordOf(fields)
		}
	}
	return t
}

// oneScale is the type that polymorphic parameters stand for, loosened when arguments of one SQL type are stored with
// different scales.
func oneScale(elem *types.Type, params []*types.Type, args []expr.Expr) *types.Type {
	if elem == nil {
		return nil
	}
	for i, p := range params {
		t := args[i].Type()
		if p.Kind == types.AnyArray && t.Kind == types.Array {
			t = t.Elem
		} else if p.Kind != types.AnyElement {
			continue
		}
		if t.Kind != types.Unknown && !types.Equal(t.WithMod(-1), elem) {
			return loosened(elem)
		}
	}
	return elem
}

// rescaled brings an argument for a polymorphic parameter to its storage.
func rescaled(e expr.Expr, param, want *types.Type) expr.Expr {
	if param.Kind != types.AnyArray && param.Kind != types.AnyElement || loosened(want) != want {
		return e
	}
	if want = likeShape(want, e.Type()); loosened(e.Type()) == e.Type() || !types.Same(e.Type(), want) {
		return e
	}
	return retype(e, want)
}

// emptyArray is the array without elements of an array type.
func emptyArray(t *types.Type) expr.Expr {
	if t.Dims > 0 {
		return &expr.Const{Typ: t, Value: datum.Array{}}
	}
	return &expr.ArrayOf{Typ: t}
}
