package bind

import (
	"context"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// TypeName resolves a type as written, such as a column's in CREATE FOREIGN TABLE, among the built-in types.
func TypeName(stmt *parse.Statement, n *parse.TypeName) (*types.Type, error) {
	b := &binder{stmt: stmt}
	return b.typeName(n)
}

// TypeNameIn is [TypeName] with the types that the catalog knows.
func TypeNameIn(ctx context.Context, stmt *parse.Statement, cat Catalog, n *parse.TypeName) (*types.Type, error) {
	b := &binder{ctx: ctx, cat: cat, stmt: stmt}
	return b.typeName(n)
}

// typeName resolves a type as written, with its modifiers and array bounds.
func (b *binder) typeName(n *parse.TypeName) (*types.Type, error) {
	pos := b.pos(n.Location)
	t, err := b.namedType(parse.Names(n.Names), pos)
	if err != nil {
		return nil, err
	}
	if n.PctType || n.Setof {
		return nil, sqlerr.Unsupported("%TYPE and SETOF").At(pos)
	}
	if len(n.Typmods) > 0 {
		names := parse.Names(n.Names)
		mod, err := b.modifier(t, names[len(names)-1], n.Typmods, pos)
		if err != nil {
			return nil, err
		}
		t = t.WithMod(mod)
	} else if n.Typemod >= 0 && t.Kind == types.Bpchar {
		t = t.WithMod(n.Typemod)
	}
	if len(n.ArrayBounds) > 0 {
		return types.ArrayOf(t), nil // PostgreSQL does not distinguish dimensions
	}
	return t, nil
}

func (b *binder) namedType(parts []string, pos int) (*types.Type, error) {
	name := parts[len(parts)-1]
	if len(parts) == 1 || parts[len(parts)-2] == "pg_catalog" {
		if t := types.ByName(name); t != nil {
			return t, nil
		}
		if t := aliasTypes[name]; t != nil {
			return t, nil
		}
	}
	if len(parts) == 1 && builtinOnly[name] || len(parts) > 1 && parts[len(parts)-2] == "pg_catalog" && builtinOnly[name] {
		return nil, sqlerr.Unsupported("type " + name).At(pos)
	}
	if b.cat != nil {
		t, err := b.cat.Type(b.ctx, parts)
		if t != nil && t.Kind == types.Opaque && t.OID != types.JSONPathT.OID {
			return nil, sqlerr.Unsupported("type " + t.Named()).At(pos)
		}
		if t != nil || err != nil {
			return t, b.at(err, pos)
		}
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "type %q does not exist", strings.Join(parts, ".")).At(pos)
}

// aliasTypes are names of types that mean another one to the engine.
var aliasTypes = map[string]*types.Type{
	"serial": types.Int4T, "bigserial": types.Int8T, "smallserial": types.Int2T,
}

// builtinOnly are the types of pg_catalog that the engine does not have.
var builtinOnly = func() map[string]bool {
	out := map[string]bool{}
	for name := range strings.FieldsSeq(`aclitem box cid cidr circle cstring gtsvector int2vector line lseg oidvector path pg_lsn
		pg_node_tree pg_snapshot point polygon refcursor regcollation regconfig regdictionary regoper regoperator regproc regprocedure
		regrole tid tsquery tsvector txid_snapshot xid xid8 xml int4multirange int8multirange nummultirange datemultirange tsmultirange
		tstzmultirange`) {
		out[name], out["_"+name] = true, true
	}
	return out
}()

// modifier computes the typmod from a type's arguments, as the type's typmodin function does.
func (b *binder) modifier(t *types.Type, name string, args []*parse.Node, pos int) (int32, error) {
	ints := make([]int32, len(args))
	for i, a := range args {
		v, err := strconv.ParseInt(parse.Literal(a), 10, 32)
		if err != nil {
			return 0, sqlerr.New(sqlerr.SyntaxError, "type modifiers must be simple constants or identifiers").At(pos)
		}
		ints[i] = int32(v)
	}
	if t.Domain != nil {
		return 0, sqlerr.New(sqlerr.SyntaxError, "type modifier is not allowed for type %q", name).At(pos)
	}
	switch t.Kind {
	case types.Varchar, types.Bpchar:
		return lengthMod(t, ints, pos)
	case types.Numeric:
		return numericMod(ints, pos)
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		if len(ints) != 1 {
			return 0, invalidModifier(pos)
		}
		if ints[0] < 0 {
			return 0, sqlerr.New(sqlerr.InvalidParameterValue, "%s(%d) precision must not be negative", strings.ToUpper(t.Name), ints[0]).At(pos)
		}
		return min(ints[0], 6), nil
	case types.Interval:
		return intervalMod(ints, pos)
	case types.Bit:
		if len(ints) != 1 || ints[0] < 1 {
			return 0, sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s must be at least 1", t.Name).At(pos)
		}
		return ints[0], nil
	}
	return 0, sqlerr.New(sqlerr.SyntaxError, "type modifier is not allowed for type %q", name).At(pos)
}

func invalidModifier(pos int) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "invalid type modifier").At(pos)
}

func lengthMod(t *types.Type, ints []int32, pos int) (int32, error) {
	const most = 10485760 // MaxAttrSize
	name := map[types.Kind]string{types.Varchar: "varchar", types.Bpchar: "char"}[t.Kind]
	switch {
	case len(ints) != 1:
		return 0, invalidModifier(pos)
	case ints[0] < 1:
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s must be at least 1", name).At(pos)
	case ints[0] > most:
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "length for type %s cannot exceed %d", name, most).At(pos)
	}
	return ints[0] + 4, nil
}

func numericMod(ints []int32, pos int) (int32, error) {
	if len(ints) == 0 || len(ints) > 2 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid NUMERIC type modifier").At(pos)
	}
	p, s := ints[0], int32(0)
	if len(ints) == 2 {
		s = ints[1]
	}
	if p < 1 || p > 1000 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "NUMERIC precision %d must be between 1 and 1000", p).At(pos)
	}
	if s < -1000 || s > 1000 {
		return 0, sqlerr.New(sqlerr.InvalidParameterValue, "NUMERIC scale %d must be between -1000 and 1000", s).At(pos)
	}
	return (p<<16 | s&0x7ff) + 4, nil
}

// intervalMod packs the fields' mask and the precision (INTERVAL_TYPMOD of timestamp.h).
func intervalMod(ints []int32, pos int) (int32, error) {
	const fullPrecision = 0xffff
	switch len(ints) {
	case 1:
		if ints[0] == 0x7fff {
			return -1, nil
		}
		return ints[0]<<16 | fullPrecision, nil
	case 2:
		if ints[1] < 0 {
			return 0, sqlerr.New(sqlerr.InvalidParameterValue, "INTERVAL(%d) precision must not be negative", ints[1]).At(pos)
		}
		return ints[0]<<16 | min(ints[1], 6), nil
	}
	return 0, sqlerr.New(sqlerr.InvalidParameterValue, "invalid INTERVAL type modifier").At(pos)
}

// typeCast binds CAST(x AS t), x::t and t 'x'.
func (c *clause) typeCast(n *parse.TypeCast) (expr.Expr, error) {
	t, err := c.b.typeName(n.TypeName)
	if err != nil {
		return nil, err
	}
	if arr := n.Arg.GetAArrayExpr(); arr != nil && t.Kind == types.Array {
		e, err := c.arrayOf(arr, t.WithDomain(nil))
		if err == nil && t.Domain != nil {
			e, err = c.b.explicit(e, t, c.b.pos(n.Location))
		}
		return e, err
	}
	e, err := c.expr(n.Arg)
	if err != nil {
		return nil, err
	}
	pos := c.b.pos(n.Location)
	if pos == 0 || e.Type().Kind == types.Unknown {
		pos = c.b.posOf(n.Arg)
	}
	return c.b.explicit(e, t, pos)
}
