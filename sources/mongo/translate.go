package mongo

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

func itoa(n int) string { return strconv.Itoa(n) }

// translator turns conjuncts over a collection's columns into predicates.
type translator struct {
	fields map[expr.ColumnID]*field
	// words: strings compare by bytes; not so for a view whose collation cannot be overridden.
	words bool
}

// condition is e, or its negation, as a predicate, nil when it cannot be sent. exact: no document passes for which it
// is not true; otherwise the predicate passes more.
func (t *translator) condition(e expr.Expr, negate bool) (p *predicate, exact bool) {
	switch e := e.(type) {
	case *expr.Logic:
		return t.logic(e, negate)
	case *expr.Not:
		return t.condition(e.Arg, !negate)
	case *expr.IsNull:
		return t.isNull(e, negate)
	case *expr.IsBool:
		if !e.Negate && !negate {
			return t.condition(e.Arg, !e.Value)
		}
	case *expr.In:
		return t.in(e, negate)
	case *expr.Call:
		return t.call(e, negate)
	case *expr.Column, *expr.Field:
		if f := t.field(e); f != nil && f.op == opBool {
			value := &expr.Const{Typ: types.BoolT, Value: !negate}
			return &predicate{kind: predCompare, field: f, op: "=", values: []expr.Expr{value}}, !f.null
		}
	}
	return nil, false
}

// logic: an arm of OR that cannot be sent takes the whole OR with it; one of AND only makes it inexact.
func (t *translator) logic(e *expr.Logic, negate bool) (*predicate, bool) {
	out, exact := &predicate{kind: predAnd}, true
	if (e.Op == expr.Or) != negate {
		out.kind = predOr
	}
	for _, arg := range e.Args {
		p, ok := t.condition(arg, negate)
		exact = exact && ok
		switch {
		case p != nil:
			out.args = append(out.args, p)
		case out.kind == predOr:
			return nil, false
		}
	}
	if len(out.args) == 0 {
		return nil, false
	}
	return out, exact
}

// field is the field that e reads, nil when it is anything else or cannot be addressed. Casts that only widen are
// looked through: numbers compare by value, strings by bytes.
func (t *translator) field(e expr.Expr) *field {
	switch e := e.(type) {
	case *expr.Column:
		if f := t.fields[e.ID]; f != nil && f.addressable {
			return f
		}
	case *expr.Field:
		parent := t.field(e.Arg)
		if parent != nil && parent.op == opComposite && parent.kids[e.Index].addressable {
			return parent.kids[e.Index]
		}
	case *expr.Cast:
		if text, ok := e.Arg.(*expr.Cast); ok && throughText(text, e.Typ) {
			return t.field(text.Arg)
		}
		if f := t.field(e.Arg); f != nil && widens(e.Arg.Type(), e.Typ) {
			return f
		}
	}
	return nil
}

// throughText says whether the value that a cast makes text of is what the text's cast to a type gives:
// (doc ->> 'n')::int of an int.
func throughText(text *expr.Cast, to *types.Type) bool {
	from := text.Arg.Type()
	if text.Typ.Kind != types.Text || !types.Same(from, to) || to.Mod >= 0 {
		return false
	}
	switch to.Kind {
	case types.Int2, types.Int4, types.Int8, types.Float8, types.Numeric, types.Bool, types.UUID:
		return true
	}
	return false
}

// widens says whether a cast keeps every value and its order as the server has them.
func widens(from, to *types.Type) bool {
	switch {
	case to.Mod >= 0:
		return false
	case from.Kind == types.Varchar:
		return to.Kind == types.Text || to.Kind == types.Varchar
	case from.Kind == types.Int8 && to.Kind == types.Float8:
		return false // rounds
	}
	return (from.IsInteger() || from.Kind == types.Numeric) && (to.IsInteger() || to.Kind == types.Numeric || to.Kind == types.Float8) &&
		expr.LeakproofCast(from, to)
}

func (t *translator) isNull(e *expr.IsNull, negate bool) (*predicate, bool) {
	f := t.field(e.Arg)
	if f == nil || f.op == opComposite || f.op == opBytea || f.op == opDate {
		return nil, false
	}
	if e.Negate != negate {
		return &predicate{kind: predNotNull, field: f}, !f.null
	}
	if f.null {
		return nil, false // values that do not fit are NULL too
	}
	return &predicate{kind: predNull, field: f}, true
}

func (t *translator) in(e *expr.In, negate bool) (*predicate, bool) {
	f := t.field(e.Arg)
	if f == nil {
		return nil, false
	}
	p := &predicate{kind: predIn, field: f, values: e.List}
	if e.Negate != negate {
		p.kind = predNotIn
	}
	exact := !f.null
	for _, v := range e.List {
		if !t.comparable(f, "=", v) {
			return nil, false
		}
		exact = exact && v.Type().Kind != types.Numeric
	}
	return p, exact
}

var (
	negated = map[string]string{"=": "<>", "<>": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
	flipped = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
)

func (t *translator) call(e *expr.Call, negate bool) (*predicate, bool) {
	if e.Fn.Kind != expr.Operator || len(e.Args) != 2 {
		return nil, false
	}
	name, left, right := e.Fn.Name, e.Args[0], e.Args[1]
	if name == "~~" && !negate {
		return t.like(left, right)
	}
	if flipped[name] == "" {
		return nil, false
	}
	if isValue(left) {
		name, left, right = flipped[name], right, left
	}
	if negate {
		name = negated[name]
	}
	f := t.field(left)
	if f == nil || !t.comparable(f, name, right) {
		return nil, false
	}
	p := &predicate{kind: predCompare, field: f, op: name, values: []expr.Expr{right}}
	return p, !f.null && right.Type().Kind != types.Numeric
}

func isValue(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Const, *expr.Param:
		return true
	}
	return false
}

// comparable says whether the server compares the field with values of v's type as SQL does.
func (t *translator) comparable(f *field, op string, v expr.Expr) bool {
	if !isValue(v) {
		return false
	}
	typ, equality := v.Type(), op == "=" || op == "<>"
	switch f.op {
	case opInt2, opInt4, opInt8, opFloat8, opNumeric, opDecimal64, opDecimal128:
		return typ.IsInteger() || typ.IsFloat() || typ.Kind == types.Numeric
	case opText:
		return t.words && (typ.Kind == types.Text || typ.Kind == types.Varchar)
	case opObjectID:
		return typ.Kind == types.Text || typ.Kind == types.Varchar
	case opBool:
		return equality && typ.Kind == types.Bool
	case opUUID:
		return equality && typ.Kind == types.UUID
	case opTimestamp:
		return typ.Kind == f.typ.Kind
	}
	return false
}

// like sends the constant beginning of a pattern; a pattern that is a beginning and nothing else is exact.
func (t *translator) like(arg, pattern expr.Expr) (*predicate, bool) {
	f := t.field(arg)
	c, ok := pattern.(*expr.Const)
	if f == nil || f.op != opText || !t.words || !ok || c.Value == nil {
		return nil, false
	}
	prefix, rest := likePrefix(c.Value.(string))
	value := &expr.Const{Typ: types.TextT, Value: prefix}
	if rest == "" {
		return &predicate{kind: predCompare, field: f, op: "=", values: []expr.Expr{value}}, !f.null
	}
	if prefix == "" {
		return nil, false
	}
	return &predicate{kind: predPrefix, field: f, values: []expr.Expr{value}}, rest == "%" && !f.null
}

// likePrefix splits a LIKE pattern before its first wildcard and takes the escapes out of what stands before it. A
// pattern that ends in a backslash, which is an error, has no prefix.
func likePrefix(pattern string) (prefix, rest string) {
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '%', '_':
			return b.String(), pattern[i:]
		case '\\':
			if i++; i == len(pattern) {
				return "", pattern
			}
		}
		b.WriteByte(pattern[i])
	}
	return b.String(), ""
}

// pushableFunctions are the operators that call and like take, by name and argument types.
func pushableFunctions() map[string]bool {
	out := map[string]bool{}
	for _, f := range expr.AllFunctions() {
		if f.Kind != expr.Operator || len(f.Args) != 2 {
			continue
		}
		if flipped[f.Name] != "" && sendable(f.Args[0]) && sendable(f.Args[1]) ||
			f.Name == "~~" && f.Args[0].Kind == types.Text {
			out[f.ID] = true
		}
	}
	return out
}

func sendable(t *types.Type) bool {
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric, types.Text, types.Bool, types.UUID,
		types.Timestamp, types.TimestampTZ:
		return true
	}
	return false
}
