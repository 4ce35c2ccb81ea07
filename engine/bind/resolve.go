package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// candidate is a function with its parameters as the call would use them: a variadic one's last type repeated.
type candidate struct {
	fn   *expr.Function
	args []*types.Type
	// lacking: PostgreSQL has it, the engine does not.
	lacking bool
}

// matching keeps the candidates that arguments of these types can be given to (func_match_argtypes).
func matching(cands []candidate, actual []*types.Type) []candidate {
	var out []candidate
	for _, c := range cands {
		ok := true
		for i, t := range actual {
			ok = ok && canCoerce(t, c.args[i], expr.ImplicitCast)
		}
		if ok && (c.fn.Compatible && compatibleElement(c.args, actual) != nil || !c.fn.Compatible && polymorphicFits(c, actual)) {
			out = append(out, c)
		}
	}
	return out
}

// forArrays keeps the candidates of one argument that take any array, where others take any element: PostgreSQL's take
// any that is no array.
func forArrays(cands []candidate, actual []*types.Type) []candidate {
	if len(actual) != 1 || actual[0].Kind != types.Array {
		return cands
	}
	var out []candidate
	for _, c := range cands {
		if c.args[0].Kind == types.AnyArray {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return cands
	}
	return out
}

// polymorphicFits says whether all arguments for polymorphic parameters agree on one element type.
func polymorphicFits(c candidate, actual []*types.Type) bool {
	var elem *types.Type
	for i, p := range c.args {
		t := actual[i]
		if t.Kind == types.Unknown {
			continue
		}
		switch p.Kind {
		case types.AnyArray, types.AnyRange:
			t = t.Elem
		case types.AnyMultirange:
			t = t.Elem.Elem
		case types.AnyElement, types.AnyEnum:
		default:
			continue
		}
		if elem != nil && !types.Same(elem, t) {
			return false
		}
		elem = t
	}
	return true
}

// selectCandidate chooses the best of several candidates (func_select_candidate); false when none is best.
func selectCandidate(cands []candidate, actual []*types.Type) (candidate, bool) {
	cands = most(cands, func(c candidate) int { return exactMatches(c, actual) })
	if len(cands) == 1 {
		return cands[0], true
	}
	cands = most(cands, func(c candidate) int { return exactOrPreferred(c, actual) })
	if len(cands) == 1 {
		return cands[0], true
	}
	unknowns := 0
	for _, t := range actual {
		if t.Kind == types.Unknown {
			unknowns++
		}
	}
	if unknowns == 0 {
		return candidate{}, false
	}
	cands = byCategory(cands, actual)
	if len(cands) == 1 {
		return cands[0], true
	}
	return lastGasp(cands, actual, unknowns)
}

// most keeps the candidates of the highest score.
func most(cands []candidate, score func(candidate) int) []candidate {
	best := -1
	var out []candidate
	for _, c := range cands {
		s := score(c)
		if s > best {
			best, out = s, out[:0:0]
		}
		if s == best {
			out = append(out, c)
		}
	}
	return out
}

func exactMatches(c candidate, actual []*types.Type) int {
	n := 0
	for i, t := range actual {
		if t.Kind != types.Unknown && types.Same(t, c.args[i]) {
			n++
		}
	}
	return n
}

func exactOrPreferred(c candidate, actual []*types.Type) int {
	n := 0
	for i, t := range actual {
		if t.Kind == types.Unknown {
			continue
		}
		if types.Same(t, c.args[i]) || c.args[i].Category() == t.Category() && c.args[i].Preferred() {
			n++
		}
	}
	return n
}

// byCategory resolves unknown arguments by the category that candidates want there: string if any does, else the one
// that all agree on; then candidates with a preferred type there win. It keeps cands when that leads nowhere.
func byCategory(cands []candidate, actual []*types.Type) []candidate {
	category := make([]byte, len(actual))
	preferred := make([]bool, len(actual))
	for i, t := range actual {
		if t.Kind != types.Unknown {
			continue
		}
		var ok bool
		if category[i], preferred[i], ok = slotCategory(cands, i); !ok {
			return cands
		}
	}
	var out []candidate
	for _, c := range cands {
		keep := true
		for i, t := range actual {
			if t.Kind != types.Unknown {
				continue
			}
			p := c.args[i]
			keep = keep && p.Category() == category[i] && (!preferred[i] || p.Preferred())
		}
		if keep {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return cands
	}
	return out
}

func slotCategory(cands []candidate, i int) (category byte, preferred, ok bool) {
	conflict := false
	for _, c := range cands {
		cat, pref := c.args[i].Category(), c.args[i].Preferred()
		switch {
		case category == 0:
			category, preferred = cat, pref
		case cat == category:
			preferred = preferred || pref
		case cat == 'S':
			category, preferred = cat, pref
		case category != 'S':
			conflict = true
		}
	}
	return category, preferred, !conflict || category == 'S'
}

// lastGasp takes all unknown arguments to be of the one type that the known ones have.
func lastGasp(cands []candidate, actual []*types.Type, unknowns int) (candidate, bool) {
	if unknowns == len(actual) {
		return candidate{}, false
	}
	var known *types.Type
	for _, t := range actual {
		if t.Kind == types.Unknown {
			continue
		}
		if known != nil && !types.Same(known, t) {
			return candidate{}, false
		}
		known = t
	}
	all := make([]*types.Type, len(actual))
	for i := range all {
		all[i] = known
	}
	out := matching(cands, all)
	if len(out) != 1 {
		return candidate{}, false
	}
	return out[0], true
}

// apply coerces the arguments for a candidate and gives them with the call's result type.
func (b *binder) apply(c candidate, args []expr.Expr) ([]expr.Expr, *types.Type, error) {
	elem, rng := oneScale(elementType(c, args), c.args, args), rangeType(c, args)
	if elem == nil && c.fn.Compatible {
		elem = types.TextT
	}
	out := make([]expr.Expr, len(args))
	actual := make([]*types.Type, len(args))
	for i, e := range args {
		want := c.args[i]
		switch {
		case want.Kind == types.AnyArray && elem != nil:
			want = types.ArrayOf(elem)
		case (want.Kind == types.AnyElement || want.Kind == types.AnyEnum) && elem != nil:
			want = elem
		case want.Kind == types.AnyElement || want.Kind == types.AnyEnum || want.Kind == types.AnyArray && e.Type().Kind == types.Unknown:
			return nil, nil, sqlerr.New(sqlerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown")
		case want.Kind == types.AnyRange || want.Kind == types.AnyMultirange:
			if want = concreteRange(want, rng); want == nil {
				return nil, nil, sqlerr.New(sqlerr.DatatypeMismatch, "could not determine polymorphic type because input has type unknown")
			}
		}
		var err error
		if c.fn.ID == "pg_typeof" { // asks for the type as it is
			out[i], actual[i] = e, e.Type()
			continue
		}
		if want.Mod < 0 && types.Same(e.Type(), want) {
			out[i] = e
		} else if out[i], err = b.coerce(e, want, expr.ImplicitCast); err != nil {
			return nil, nil, err
		}
		out[i] = reshape(c.fn, rescaled(out[i], c.args[i], want))
		actual[i] = out[i].Type()
		if k := c.args[i].Kind; k != types.AnyElement && k != types.Any && k != types.AnyEnum {
			actual[i] = actual[i].WithDomain(nil)
		}
	}
	return out, counted(c.fn, out, withoutMod(concrete(c.fn.ResultType(actual), elem, rng))), nil
}

// withoutMod drops the modifier of a function's result, which PostgreSQL does not know; the storage stays.
func withoutMod(t *types.Type) *types.Type {
	switch {
	case t == nil:
		return nil
	case t.Kind == types.Array && t.Elem.Mod >= 0:
		return likeShape(types.ArrayOf(withoutMod(t.Elem)), t)
	case t.Mod < 0:
		return t
	case t.Kind == types.Numeric && t.Precision > 0:
		return types.NumericScaled(t.Precision, t.Scale)
	}
	return t.WithMod(-1)
}

// elementType is what AnyElement stands for in a call; nil when no parameter is polymorphic, or no argument tells.
func elementType(c candidate, args []expr.Expr) *types.Type {
	if c.fn.Compatible {
		return compatibleElement(c.args, typesOf(args))
	}
	var elem *types.Type
	poly := false
	for i, p := range c.args {
		t := args[i].Type()
		switch p.Kind {
		case types.AnyArray:
			poly = true
			if t.Kind == types.Array {
				elem = t.Elem
			}
		case types.AnyRange:
			if t.Kind == types.Range {
				elem = t.Elem
			}
		case types.AnyMultirange:
			if t.Kind == types.Multirange {
				elem = t.Elem.Elem
			}
		case types.AnyElement, types.AnyEnum:
			poly = true
			switch {
			case t.Kind == types.Unknown:
			case elem == nil:
				elem = t
			case !types.SameDomain(elem, t):
				elem = elem.WithDomain(nil)
			}
		}
	}
	if poly && elem == nil && len(c.fn.Args) == 1 && c.fn.Variadic { // GREATEST and LEAST, which settle for text
		return types.TextT
	}
	if elem != nil {
		elem = elem.WithMod(-1)
	}
	return elem
}

// rangeType is what AnyRange stands for in a call; nil when no argument tells.
func rangeType(c candidate, args []expr.Expr) *types.Type {
	for i, p := range c.args {
		t := args[i].Type()
		switch {
		case p.Kind == types.AnyRange && t.Kind == types.Range:
			return t
		case p.Kind == types.AnyMultirange && t.Kind == types.Multirange:
			return t.Elem
		}
	}
	return nil
}

// concreteRange is what AnyRange or AnyMultirange means over a range type; nil when it is not known.
func concreteRange(t, rng *types.Type) *types.Type {
	if rng != nil && t.Kind == types.AnyMultirange {
		return types.MultirangeFor(rng)
	}
	return rng
}

// concrete puts the element and range types in the place of a polymorphic result.
func concrete(result, elem, rng *types.Type) *types.Type {
	if result != nil && (result.Kind == types.AnyRange || result.Kind == types.AnyMultirange) {
		return concreteRange(result, rng)
	}
	if result == nil || elem == nil {
		return result
	}
	switch result.Kind {
	case types.AnyElement, types.AnyEnum:
		return elem
	case types.AnyArray:
		return types.ArrayOf(elem)
	}
	return result
}
