package parquet

import (
	"context"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/sources"
)

// pruner says of one row group whether conditions can be true of any of its rows. It only ever errs towards true.
type pruner struct {
	// bounds of a column of the scan; ok is false for columns of others.
	bounds func(id expr.ColumnID) (bounds, bool)
	env    *sources.Env
}

// may says whether e can be true of a row.
func (p *pruner) may(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Logic:
		for _, a := range e.Args {
			if p.may(a) == (e.Op == expr.Or) {
				return e.Op == expr.Or
			}
		}
		return e.Op == expr.And
	case *expr.IsNull:
		return p.mayNull(e)
	case *expr.In:
		return e.Negate || p.mayIn(e)
	case *expr.Call:
		return p.mayCall(e)
	}
	return true
}

func (p *pruner) column(e expr.Expr) (bounds, bool) {
	c, ok := e.(*expr.Column)
	if !ok {
		return bounds{}, false
	}
	return p.bounds(c.ID)
}

// value is what an operand without columns is at run time; ok is false when that is not known here.
func (p *pruner) value(e expr.Expr) (v any, ok bool) {
	switch e := e.(type) {
	case *expr.Const:
		return comparable(e.Value), true
	case *expr.Param:
		if p.env == nil || p.env.Env == nil || e.Index < 1 || e.Index > len(p.env.Params) {
			return nil, false
		}
		return comparable(p.env.Params[e.Index-1]), true
	}
	return nil, false
}

func (p *pruner) mayNull(e *expr.IsNull) bool {
	b, ok := p.column(e.Arg)
	switch {
	case !ok:
		return true
	case e.Negate:
		return !b.allNull
	}
	return !b.noNull
}

func (p *pruner) mayIn(e *expr.In) bool {
	b, ok := p.column(e.Arg)
	if !ok {
		return true
	}
	for _, item := range e.List {
		v, known := p.value(item)
		if !known || v != nil && b.may("=", v) {
			return true
		}
	}
	return false
}

// flipped are the comparisons with their operands exchanged.
var flipped = map[string]string{"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (p *pruner) mayCall(e *expr.Call) bool {
	if e.Fn.Kind != expr.Operator || len(e.Args) != 2 {
		return true
	}
	op := e.Fn.Name
	b, ok := p.column(e.Args[0])
	other := e.Args[1]
	if !ok {
		if op = flipped[op]; op == "" {
			return true
		}
		if b, ok = p.column(e.Args[1]); !ok {
			return true
		}
		other = e.Args[0]
	}
	v, known := p.value(other)
	if !known {
		return true
	}
	if v == nil && flipped[op] != "" {
		return false // no comparison with NULL is true
	}
	return b.may(op, v)
}

// may says whether a value within the bounds can compare so with v.
func (b bounds) may(op string, v any) bool {
	if op == "~~" {
		return b.mayBegin(v)
	}
	if flipped[op] == "" {
		return true
	}
	if b.allNull {
		return false
	}
	low, lowKnown := compare(b.low, v)
	high, highKnown := compare(b.high, v)
	_, isFloat := v.(float64)
	switch op {
	case "=":
		return !(lowKnown && low > 0 || highKnown && high < 0)
	case "<":
		return !(lowKnown && low >= 0)
	case "<=":
		return !(lowKnown && low > 0)
	case ">": // NaN is greater than every number, and in no statistics
		return isFloat || !(highKnown && high <= 0)
	case ">=":
		return isFloat || !(highKnown && high < 0)
	}
	return true
}

// mayBegin says whether a value can be LIKE a pattern, from the text before its first wildcard.
func (b bounds) mayBegin(v any) bool {
	if b.allNull {
		return false
	}
	pattern, ok := v.(string)
	if !ok {
		return true
	}
	prefix := pattern
	if i := strings.IndexAny(pattern, `%_\`); i >= 0 {
		prefix = pattern[:i]
	}
	low, lowOK := b.low.(string)
	high, highOK := b.high.(string)
	if highOK && high < prefix {
		return false
	}
	return !lowOK || low[:min(len(low), len(prefix))] <= prefix
}

// mayJoin says whether the dynamic filters let any row of the group pass.
func (p *pruner) mayJoin(ctx context.Context) bool {
	if p.env == nil || p.env.Env == nil {
		return true
	}
	for _, f := range p.env.Filters {
		b, ok := p.bounds(f.Column)
		if !ok {
			continue
		}
		keys := f.Wait(ctx, 0)
		if keys == nil {
			continue
		}
		low, high := keyRange(keys)
		if keys.Empty || b.allNull || low != nil && !b.may(">=", low) || high != nil && !b.may("<=", high) {
			return false
		}
	}
	return true
}

// keyRange is the least and greatest key, nil where it is not known.
func keyRange(k *eval.KeySet) (low, high any) {
	if k.Min != nil && k.Max != nil || k.Values == nil || k.Values.Len() == 0 {
		return comparable(k.Min), comparable(k.Max)
	}
	return keyAt(k.Values, 0), keyAt(k.Values, k.Values.Len()-1)
}

func keyAt(a arrow.Array, i int) any {
	switch a := a.(type) {
	case *array.Int16:
		return int64(a.Value(i))
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	case *array.Date32:
		return int64(a.Value(i))
	case *array.String:
		return a.Value(i)
	}
	return nil
}
