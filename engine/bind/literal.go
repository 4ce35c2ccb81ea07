package bind

import (
	"strconv"
	"strings"

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

// clockLiteral is a word for a time that is not known before the statement runs, nil for other literals: now, today,
// tomorrow and yesterday of a date or timestamp, now of a time of day.
func (b *binder) clockLiteral(s string, to *types.Type) (expr.Expr, error) {
	word := strings.ToLower(strings.TrimSpace(s))
	days := map[string]int64{"now": 0, "today": 0, "tomorrow": 1, "yesterday": -1}
	shift, ok := days[word]
	if !ok {
		return nil, nil
	}
	now := expr.MustFunction("now")
	var e expr.Expr = &expr.Call{Fn: now, Typ: now.Result}
	base := to.WithMod(-1)
	switch to.Kind {
	case types.Date, types.Timestamp, types.TimestampTZ:
		if word != "now" {
			var err error
			if e, err = b.coerce(e, types.DateT, expr.ExplicitCast); err != nil {
				return nil, err
			}
			if shift != 0 {
				e = &expr.Call{Fn: expr.MustFunction("date_pli"), Args: []expr.Expr{e, &expr.Const{Typ: types.Int4T, Value: shift}}, Typ: types.DateT}
			}
		}
	case types.Time, types.TimeTZ:
		if word != "now" {
			return nil, nil
		}
	default:
		return nil, nil
	}
	e, err := b.coerce(e, base, expr.ExplicitCast)
	if err == nil && to.Mod >= 0 {
		e, err = b.coerce(e, to, expr.ExplicitCast)
	}
	return e, err
}
