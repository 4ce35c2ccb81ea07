package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// maxRepeated bounds the size of an operand that has to be written more than once (BETWEEN, simple CASE, NULLIF, row
// comparisons). Nested, these double with every level: 64 levels in a statement of 2 kB would never end.
const maxRepeated = 5000

// repeatable refuses an operand that is too large to be repeated.
func (b *binder) repeatable(pos int, es ...expr.Expr) error {
	for _, e := range es {
		if b.size(e) > maxRepeated {
			return sqlerr.New(sqlerr.StatementTooComplex, "an operand of BETWEEN, CASE, NULLIF or of a row comparison is nested too deeply").
				WithHint("Compute it in a subquery.").At(pos)
		}
	}
	return nil
}

// size is the number of nodes of an expression written out, counted up to just beyond maxRepeated.
func (b *binder) size(e expr.Expr) int {
	if n, ok := b.sizes[e]; ok {
		return n
	}
	n := 1
	for _, c := range expr.Children(e) {
		if n += b.size(c); n > maxRepeated {
			break
		}
	}
	if b.sizes == nil {
		b.sizes = map[expr.Expr]int{}
	}
	b.sizes[e] = n
	return n
}
