package expr

import "github.com/skeinsql/skein/engine/types"

// CastContext is where a conversion between two types may happen without being written, weakest first.
type CastContext uint8

// The contexts: NoCast none at all; ExplicitCast only where written; AssignmentCast also on assignment;
// ImplicitCast anywhere.
const (
	NoCast CastContext = iota
	ExplicitCast
	AssignmentCast
	ImplicitCast
)

// LeakproofCast says whether a cast cannot fail or tell anything else of its argument: one that only widens.
func LeakproofCast(from, to *types.Type) bool {
	if types.Same(from, to) {
		return to.Mod < 0
	}
	if to.Mod >= 0 {
		return false
	}
	rank := func(t *types.Type) int {
		switch t.Kind {
		case types.Int2:
			return 1
		case types.Int4:
			return 2
		case types.Int8:
			return 3
		}
		return 0
	}
	if r, s := rank(from), rank(to); r != 0 && s != 0 {
		return r <= s
	}
	switch {
	case rank(from) != 0:
		return to.Kind == types.Numeric || to.Kind == types.Float8
	case from.Kind == types.Float4:
		return to.Kind == types.Float8
	case from.Kind == types.Varchar || from.Kind == types.Name || from.Kind == types.Bpchar:
		return to.Kind == types.Text || to.Kind == types.Varchar
	case from.Kind == types.Date:
		return false // beyond timestamp's range it fails
	}
	return false
}
