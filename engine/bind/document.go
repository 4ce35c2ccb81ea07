package bind

import (
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// documentField is doc -> 'name' and doc ->> 'name' of a row type: what the operators give of to_json(doc), so that a
// statement over documents reads the same whether a nested document is a row or json. PostgreSQL has no such operators
// for rows. A field that is NULL gives NULL. nil: the operands are others.
//
// It is bound to the field itself, which a source can be asked for by its path.
func (b *binder) documentField(symbol string, args []expr.Expr, pos int) (expr.Expr, error) {
	if len(args) != 2 || symbol != "->" && symbol != "->>" {
		return nil, nil
	}
	doc := args[0]
	if inner := b.asJSON[doc]; inner != nil {
		doc = inner
	}
	name, ok := literalText(args[1])
	if t := doc.Type(); !ok || t.Kind != types.Composite {
		return nil, nil
	}
	for i, f := range doc.Type().Fields {
		if f.Name != name {
			continue
		}
		if symbol == "->" {
			return b.json(fieldOf(doc, i))
		}
		return b.jsonText(fieldOf(doc, i), pos)
	}
	return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q not found in data type %s", name, bare(doc.Type())).At(pos)
}

// literalText is the text of a constant that is text or of unknown type.
func literalText(e expr.Expr) (string, bool) {
	c, ok := e.(*expr.Const)
	if !ok || c.Typ.Kind != types.Unknown && c.Typ.Kind != types.Text {
		return "", false
	}
	s, ok := c.Value.(string)
	return s, ok
}

// json is a value as json. What it was made of is remembered for the operators that follow.
func (b *binder) json(e expr.Expr) (expr.Expr, error) {
	if e.Type().Kind == types.JSON {
		return e, nil
	}
	out := &expr.Call{Fn: expr.FunctionByID("to_json"), Args: []expr.Expr{e}, Typ: types.JSONT}
	if b.asJSON == nil {
		b.asJSON = map[expr.Expr]expr.Expr{}
	}
	b.asJSON[out] = e
	return out, nil
}

// jsonText is the text of a value as json, without the quotes of a string.
func (b *binder) jsonText(e expr.Expr, pos int) (expr.Expr, error) {
	switch e.Type().Kind {
	case types.Text:
		return e, nil
	case types.Varchar, types.Bool, types.Int2, types.Int4, types.Int8, types.Float4, types.Float8, types.Numeric, types.UUID:
		return b.explicit(e, types.TextT, pos) // as in json but for quotes
	}
	j, err := b.json(e)
	if err != nil {
		return nil, err
	}
	root := &expr.Const{Typ: types.ArrayOf(types.TextT), Value: []any{}}
	return b.operate("#>>", []expr.Expr{j, root}, pos)
}
