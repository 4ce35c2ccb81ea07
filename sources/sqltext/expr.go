package sqltext

import (
	"errors"
	"fmt"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// Column is a column that expressions can refer to.
type Column struct {
	// SQL is how a query calls it.
	SQL string
	// Bytewise: two of its texts are equal when their bytes are. ByteOrder: they are ordered by their bytes. Both let
	// the server use its indexes.
	Bytewise, ByteOrder bool
	// Cast is a type that a table's column is cast to before anything else sees it, nil for none.
	Cast *types.Type
}

// renderer renders expressions over the columns of one query.
type renderer struct {
	dialect *Dialect
	columns map[expr.ColumnID]Column
	params  *[]*expr.Param // in the order of their placeholders
}

// errNotRendered is why an expression stays with the engine, without more to say.
var errNotRendered = errors.New("it is not rendered")

// expr renders e in parentheses where it needs them.
func (r *renderer) expr(e expr.Expr) (string, error) {
	switch e := e.(type) {
	case *expr.Column:
		c, ok := r.columns[e.ID]
		if !ok {
			return "", fmt.Errorf("column %s is not in reach", e.Name)
		}
		return c.SQL, nil
	case *expr.Const:
		return r.dialect.Literal(e.Typ, e.Value)
	case *expr.Param:
		return r.param(e)
	case *expr.Call:
		return r.call(e.Fn, e.Args)
	case *expr.Cast:
		return r.cast(e)
	case *expr.Logic:
		return r.logic(e)
	case *expr.Not:
		return r.wrap("(NOT ", e.Arg, ")")
	case *expr.IsNull:
		return r.isNull(e)
	case *expr.IsBool:
		word := map[bool]string{true: "TRUE", false: "FALSE"}[e.Value]
		return r.wrap("(", e.Arg, " IS "+not(e.Negate)+word+")")
	case *expr.IsDistinct:
		return r.isDistinct(e)
	case *expr.In:
		return r.in(e)
	case *expr.Quantified:
		return r.quantified(e)
	case *expr.Case:
		return r.caseWhen(e)
	case *expr.Coalesce:
		list, err := r.list(e.Args)
		return "COALESCE(" + list + ")", err
	}
	return "", fmt.Errorf("%T: %w", e, errNotRendered)
}

func not(negate bool) string {
	if negate {
		return "NOT "
	}
	return ""
}

func (r *renderer) wrap(before string, e expr.Expr, after string) (string, error) {
	s, err := r.expr(e)
	return before + s + after, err
}

func (r *renderer) list(es []expr.Expr) (string, error) {
	out := make([]string, len(es))
	for i, e := range es {
		s, err := r.expr(e)
		if err != nil {
			return "", err
		}
		out[i] = s
	}
	return strings.Join(out, ", "), nil
}

func (r *renderer) param(p *expr.Param) (string, error) {
	name, ok := r.dialect.TypeName(p.Typ)
	if !ok {
		return "", fmt.Errorf("parameters of type %s are not sent", p.Typ)
	}
	for i, have := range *r.params {
		if have.Index == p.Index && types.Same(have.Typ, p.Typ) {
			return placeholder(i+1) + "::" + name, nil
		}
	}
	*r.params = append(*r.params, p)
	return placeholder(len(*r.params)) + "::" + name, nil
}

// isNull renders IS NULL for values that are not rows: of a row it asks for its fields.
func (r *renderer) isNull(e *expr.IsNull) (string, error) {
	if k := e.Arg.Type().Kind; k == types.Composite || k == types.Record {
		if e.Negate {
			return r.wrap("(", e.Arg, " IS DISTINCT FROM NULL)")
		}
		return r.wrap("(", e.Arg, " IS NOT DISTINCT FROM NULL)")
	}
	return r.wrap("(", e.Arg, " IS "+not(e.Negate)+"NULL)")
}

func (r *renderer) logic(e *expr.Logic) (string, error) {
	word := map[expr.LogicOp]string{expr.And: " AND ", expr.Or: " OR "}[e.Op]
	out := make([]string, len(e.Args))
	for i, a := range e.Args {
		s, err := r.expr(a)
		if err != nil {
			return "", err // an arm of an OR that stays behind keeps all of it
		}
		out[i] = s
	}
	return "(" + strings.Join(out, word) + ")", nil
}

func (r *renderer) call(f *expr.Function, args []expr.Expr) (string, error) {
	switch r.dialect.calls[f.ID] {
	case comparison:
		return r.compare(f.Name, args[0], args[1])
	case infix:
		return r.infix(f.Name, args[0], args[1], "")
	case like:
		return r.infix(f.Name, args[0], args[1], r.collation("=", args[0], args[1]))
	}
	return "", fmt.Errorf("function %s is not sent", f)
}

func (r *renderer) infix(op string, a, b expr.Expr, collate string) (string, error) {
	left, err := r.expr(a)
	if err != nil {
		return "", err
	}
	right, err := r.expr(b)
	return "(" + left + collate + " " + op + " " + right + ")", err
}

// compare renders a comparison. A column is compared as it is, not widened first, where that is the same: an index
// serves it then.
func (r *renderer) compare(op string, a, b expr.Expr) (string, error) {
	for _, e := range []expr.Expr{a, b} {
		if !comparable(e.Type()) {
			return "", fmt.Errorf("%s is not compared at the server", e.Type())
		}
	}
	a, b = unwiden(a), unwiden(b)
	return r.infix(op, a, b, r.collation(op, a, b))
}

// unwiden takes a widening cast off a column of an integer type: PostgreSQL has operators for the mixed types, in the
// family of the index.
func unwiden(e expr.Expr) expr.Expr {
	c, ok := e.(*expr.Cast)
	if !ok {
		return e
	}
	if _, ok := c.Arg.(*expr.Column); !ok {
		return e
	}
	from, to := c.Arg.Type().Kind, c.Typ.Kind
	if from == types.Int2 && (to == types.Int4 || to == types.Int8) || from == types.Int4 && to == types.Int8 {
		return c.Arg
	}
	return e
}

// collation is what follows the left operand so that texts compare by their bytes, nothing where they do already.
func (r *renderer) collation(op string, a, b expr.Expr) string {
	if !collated(a.Type()) {
		return ""
	}
	col, value := a, b
	if !constant(value) {
		col, value = b, a
	}
	if constant(value) {
		if c, ok := r.plain(col); ok && (c.ByteOrder || c.Bytewise && (op == "=" || op == "<>")) {
			return ""
		}
	}
	return r.dialect.Collate
}

// plain is the column behind e, through casts between varchar and text, which change nothing.
func (r *renderer) plain(e expr.Expr) (Column, bool) {
	if c, ok := e.(*expr.Cast); ok && c.Typ.Kind == types.Text && c.Arg.Type().Kind == types.Varchar {
		e = c.Arg
	}
	c, ok := e.(*expr.Column)
	if !ok {
		return Column{}, false
	}
	col, ok := r.columns[c.ID]
	return col, ok
}

func constant(e expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Const, *expr.Param:
		return true
	case *expr.Cast:
		return constant(e.Arg)
	}
	return false
}

func (r *renderer) isDistinct(e *expr.IsDistinct) (string, error) {
	if !comparable(e.Left.Type()) {
		return "", fmt.Errorf("%s is not compared at the server", e.Left.Type())
	}
	// IS NOT DISTINCT FROM is e.Negate.
	return r.infix("IS "+not(e.Negate)+"DISTINCT FROM", e.Left, e.Right, r.collation("=", e.Left, e.Right))
}

func (r *renderer) in(e *expr.In) (string, error) {
	if !comparable(e.Arg.Type()) || len(e.List) == 0 {
		return "", fmt.Errorf("IN over %s: %w", e.Arg.Type(), errNotRendered)
	}
	collate := ""
	if collated(e.Arg.Type()) {
		collate = r.dialect.Collate
		if c, ok := r.plain(e.Arg); ok && c.Bytewise && allConstant(e.List) {
			collate = ""
		}
	}
	arg, err := r.expr(e.Arg)
	if err != nil {
		return "", err
	}
	list, err := r.list(e.List)
	return "(" + arg + collate + " " + not(e.Negate) + "IN (" + list + "))", err
}

func allConstant(es []expr.Expr) bool {
	for _, e := range es {
		if !constant(e) {
			return false
		}
	}
	return true
}

func (r *renderer) quantified(e *expr.Quantified) (string, error) {
	if r.dialect.calls[e.Op.ID] != comparison || !comparable(e.Arg.Type()) || e.Array.Type().Kind != types.Array {
		return "", fmt.Errorf("%s ANY: %w", e.Op, errNotRendered)
	}
	arg, err := r.expr(e.Arg)
	if err != nil {
		return "", err
	}
	array, err := r.expr(e.Array)
	word := map[bool]string{true: "ALL", false: "ANY"}[e.All]
	return "(" + arg + r.collation(e.Op.Name, e.Arg, e.Array) + " " + e.Op.Name + " " + word + " (" + array + "))", err
}

func (r *renderer) caseWhen(e *expr.Case) (string, error) {
	var b strings.Builder
	b.WriteString("(CASE")
	for _, w := range e.Whens {
		cond, err := r.expr(w.Cond)
		if err != nil {
			return "", err
		}
		then, err := r.expr(w.Then)
		if err != nil {
			return "", err
		}
		b.WriteString(" WHEN " + cond + " THEN " + then)
	}
	if e.Else != nil {
		other, err := r.expr(e.Else)
		if err != nil {
			return "", err
		}
		b.WriteString(" ELSE " + other)
	}
	b.WriteString(" END)")
	return b.String(), nil
}

// cast renders the conversions that cannot differ: widening ones, and between text and varchar without a length.
func (r *renderer) cast(e *expr.Cast) (string, error) {
	from, to := e.Arg.Type(), e.Typ
	if !exactCast(from, to) {
		return "", fmt.Errorf("the cast from %s to %s is not sent", from, to)
	}
	name, ok := r.dialect.TypeName(to)
	if !ok {
		return "", fmt.Errorf("type %s is not sent", to)
	}
	return r.wrap("(", e.Arg, ")::"+name)
}

func exactCast(from, to *types.Type) bool {
	if to.Mod >= 0 {
		return false
	}
	integer := func(t *types.Type) bool { return t.IsInteger() && t.Kind != types.OID }
	switch {
	case types.Same(from, to):
		return true
	case integer(from):
		return integer(to) && from.Kind < to.Kind || to.Kind == types.Numeric || to.Kind == types.Float8
	case from.Kind == types.Float4:
		return to.Kind == types.Float8
	case from.Kind == types.Varchar || from.Kind == types.Text:
		return to.Kind == types.Text || to.Kind == types.Varchar
	case from.Kind == types.Bpchar || from.Kind == types.Name:
		return to.Kind == types.Text
	}
	return false
}
