package expr

import (
	"reflect"

	"github.com/skeinsql/skein/engine/types"
)

// Equal says whether a and b are the same expression, written alike: equal in structure, types, columns, constants and
// functions. Expressions that only mean the same are not Equal, nor are two calls of a volatile function.
func Equal(a, b Expr) bool { return equal(a, b, false) }

// Alike is [Equal], but calls of volatile functions that are written alike are alike: a select list's expression is what
// GROUP BY repeats of it.
func Alike(a, b Expr) bool { return equal(a, b, true) }

func equal(a, b Expr, volatile bool) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	if reflect.TypeOf(a) != reflect.TypeOf(b) || !types.Equal(a.Type(), b.Type()) || !sameNode(a, b, volatile) {
		return false
	}
	x, y := Children(a), Children(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if !equal(x[i], y[i], volatile) {
			return false
		}
	}
	return true
}

// sameNode compares what two expressions of one Go type have besides their operands.
func sameNode(a, b Expr, volatile bool) bool {
	switch a := a.(type) {
	case *Column:
		return a.ID == b.(*Column).ID
	case *Const:
		return reflect.DeepEqual(a.Value, b.(*Const).Value)
	case *Param:
		return a.Index == b.(*Param).Index
	case *Call:
		return a.Fn == b.(*Call).Fn && (volatile || a.Fn.Volatility != Volatile)
	case *Cast:
		return a.Explicit == b.(*Cast).Explicit
	case *Logic:
		return a.Op == b.(*Logic).Op
	case *IsNull:
		return a.Negate == b.(*IsNull).Negate
	case *IsBool:
		o := b.(*IsBool)
		return a.Value == o.Value && a.Negate == o.Negate
	case *IsDistinct:
		return a.Negate == b.(*IsDistinct).Negate
	case *Case:
		return len(a.Whens) == len(b.(*Case).Whens)
	case *In:
		return a.Negate == b.(*In).Negate
	case *Quantified:
		o := b.(*Quantified)
		return a.Op == o.Op && a.All == o.All
	case *Field:
		return a.Index == b.(*Field).Index
	}
	return true
}
