package expr

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// String is e as SQL-like text for EXPLAIN, messages and tests: columns as name#id, constants as PostgreSQL prints them,
// and every conversion written out. It is stable, but not to be parsed.
func String(e Expr) string { return string(Append(nil, e)) }

// Append adds e's text (see [String]) to dst.
func Append(dst []byte, e Expr) []byte {
	p := printer{dst}
	p.expr(e)
	return p.dst
}

type printer struct{ dst []byte }

func (p *printer) put(s string) { p.dst = append(p.dst, s...) }

func (p *printer) expr(e Expr) {
	switch e := e.(type) {
	case nil:
		p.put("NULL")
	case *Column:
		p.put(e.Name + "#" + strconv.Itoa(int(e.ID)))
	case *Const:
		p.constant(e)
	case *Param:
		p.put("$" + strconv.Itoa(e.Index))
	case *Call:
		p.call(e)
	case *Cast:
		p.operand(e.Arg)
		p.put("::" + typeName(e.Typ))
	case *Logic:
		p.between(e.Args, [...]string{" AND ", " OR "}[e.Op])
	case *Not:
		p.put("NOT ")
		p.operand(e.Arg)
	case *IsNull:
		p.test(e.Arg, e.Negate, "NULL")
	case *IsBool:
		p.test(e.Arg, e.Negate, strings.ToUpper(strconv.FormatBool(e.Value)))
	case *IsDistinct:
		p.operand(e.Left)
		p.put(map[bool]string{false: " IS DISTINCT FROM ", true: " IS NOT DISTINCT FROM "}[e.Negate])
		p.operand(e.Right)
	default:
		p.rare(e)
	}
}

func (p *printer) rare(e Expr) {
	switch e := e.(type) {
	case *Case:
		p.cases(e)
	case *Coalesce:
		p.list("COALESCE(", e.Args, ")")
	case *In:
		p.operand(e.Arg)
		p.put(map[bool]string{false: " IN ", true: " NOT IN "}[e.Negate])
		p.list("(", e.List, ")")
	case *Quantified:
		p.operand(e.Arg)
		p.put(" " + e.Op.Name + map[bool]string{false: " ANY (", true: " ALL ("}[e.All])
		p.expr(e.Array)
		p.put(")")
	case *ArrayOf:
		p.list("ARRAY[", e.Elems, "]")
	case *RowOf:
		p.list("ROW(", e.Elems, ")")
	case *Field:
		p.put("(")
		p.expr(e.Arg)
		p.put(")." + e.Arg.Type().Fields[e.Index].Name)
	case *Subscript:
		p.operand(e.Arg)
		p.put("[")
		p.expr(e.Index)
		p.put("]")
	}
}

// typeName is a type, with the storage that a numeric has without a modifier.
func typeName(t *types.Type) string {
	if t.Kind == types.Numeric && t.Mod < 0 && t.Precision > 0 {
		return "numeric{" + strconv.Itoa(int(t.Precision)) + "," + strconv.Itoa(int(t.Scale)) + "}"
	}
	return t.String()
}

// bareConst are the kinds whose text stands for itself, without quotes and a type.
func bareConst(t *types.Type) bool {
	switch t.Kind {
	case types.Bool, types.Int4, types.Numeric:
		return true
	}
	return false
}

func (p *printer) constant(e *Const) {
	if e.Value == nil {
		p.put("NULL::" + typeName(e.Typ))
		return
	}
	text := datum.Text(e.Typ, e.Value, nil)
	if bareConst(e.Typ) {
		p.put(text)
		return
	}
	p.put("'" + strings.ReplaceAll(text, "'", "''") + "'")
	if e.Typ.Kind != types.Text {
		p.put("::" + typeName(e.Typ))
	}
}

func (p *printer) call(e *Call) {
	if e.Fn.Kind != Operator {
		p.list(e.Fn.Name+"(", e.Args, ")")
		return
	}
	if len(e.Args) == 1 {
		p.put(e.Fn.Name)
		p.operand(e.Args[0])
		return
	}
	p.operand(e.Args[0])
	p.put(" " + e.Fn.Name + " ")
	p.operand(e.Args[1])
}

func (p *printer) list(open string, es []Expr, closing string) {
	p.put(open)
	for i, e := range es {
		if i > 0 {
			p.put(", ")
		}
		p.expr(e)
	}
	p.put(closing)
}

func (p *printer) between(es []Expr, word string) {
	for i, e := range es {
		if i > 0 {
			p.put(word)
		}
		p.operand(e)
	}
}

func (p *printer) test(e Expr, negate bool, what string) {
	p.operand(e)
	p.put(" IS " + map[bool]string{false: "", true: "NOT "}[negate] + what)
}

func (p *printer) cases(e *Case) {
	p.put("CASE")
	for _, w := range e.Whens {
		p.put(" WHEN ")
		p.expr(w.Cond)
		p.put(" THEN ")
		p.expr(w.Then)
	}
	if e.Else != nil {
		p.put(" ELSE ")
		p.expr(e.Else)
	}
	p.put(" END")
}

// operand writes e in parentheses unless it binds tighter than anything around it.
func (p *printer) operand(e Expr) {
	switch e := e.(type) {
	case *Column, *Const, *Param, *Coalesce, *ArrayOf, *RowOf, *Field, *Subscript, *Case, *Cast:
		p.expr(e)
		return
	case *Call:
		if e.Fn.Kind != Operator {
			p.expr(e)
			return
		}
	}
	p.put("(")
	p.expr(e)
	p.put(")")
}
