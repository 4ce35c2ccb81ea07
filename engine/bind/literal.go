package bind

import (
	"strconv"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/types"
)

// constant is a literal: whole numbers are int4, then int8, then numeric; strings and NULL are unknown.
func (c *clause) constant(n *parse.AConst) (expr.Expr, error) {
	switch {
	case n.Isnull:
		return &expr.Const{Typ: types.UnknownT}, nil
	case n.GetIval() != nil:
		return &expr.Const{Typ: types.Int4T, Value: int64(n.GetIval().Ival)}, nil
	case n.GetFval() != nil:
		e, err := number(n.GetFval().Fval)
		return e, c.b.at(err, c.b.pos(n.Location))
	case n.GetBoolval() != nil:
		return &expr.Const{Typ: types.BoolT, Value: n.GetBoolval().Boolval}, nil
	case n.GetBsval() != nil:
		e, err := bitString(n.GetBsval().Bsval)
		return e, c.b.at(err, c.b.pos(n.Location))
	}
	e := &expr.Const{Typ: types.UnknownT, Value: n.GetSval().GetSval()}
	c.b.where[e] = c.b.pos(n.Location)
	return e, nil
}

func number(s string) (expr.Expr, error) {
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		if v == int64(int32(v)) {
			return &expr.Const{Typ: types.Int4T, Value: v}, nil
		}
		return &expr.Const{Typ: types.Int8T, Value: v}, nil
	}
	v, err := datum.Parse(types.NumericT, s, nil)
	if err != nil {
		return nil, err
	}
	return &expr.Const{Typ: scaledFor(v.(*apd.Decimal)), Value: v}, nil
}

// bitString is B'…' or X'…', which the grammar gives with its letter before it.
func bitString(s string) (expr.Expr, error) {
	v, err := datum.Parse(types.BitT, s, nil)
	if err != nil {
		return nil, err
	}
	return &expr.Const{Typ: types.BitT, Value: v}, nil
}
