package postgres

import (
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// declare lets the catalog's definitions take the place of what the server says: the columns that they name, in their
// order, of their types, which the server casts to.
func (s *Source) declare(found []*sources.Table, p sources.Pattern) ([]*sources.Table, error) {
	if p.NamesOnly {
		return found, nil
	}
	for i, t := range found {
		for _, d := range p.Declared {
			if d.SchemaName == t.SchemaName && d.TableName == t.TableName {
				declared, err := s.declared(t, d)
				if err != nil {
					return nil, err
				}
				found[i] = declared
			}
		}
	}
	return found, nil
}

func (s *Source) declared(t, d *sources.Table) (*sources.Table, error) {
	out, rel := *t, *t.Detail.(*relation)
	out.ColumnOptions, out.Options = d.ColumnOptions, d.Options
	if len(d.Cols) == 0 { // only options were declared
		return &out, nil
	}
	out.Cols, rel.columns = nil, nil
	for _, c := range d.Cols {
		i := t.Column(c.Name)
		if i < 0 {
			return nil, sqlerr.New(sqlerr.FDWSchemaMismatch, "table %s.%s has no column %s, which is declared", t.SchemaName, t.TableName, c.Name).
				From(s.name).WithHint("declare the columns that the table has, or drop the foreign table")
		}
		have, a := t.Cols[i], t.Detail.(*relation).columns[i]
		typ, err := s.declaredType(have, c)
		if err != nil {
			return nil, err
		}
		if typ.Kind != have.Type.Kind || !types.Same(typ, have.Type) {
			a.declared, a.bytewise, a.cOrder = typ, false, false
		}
		have.Type, have.Nullable = typ, have.Nullable || c.Nullable && a.declared != nil
		out.Cols = append(out.Cols, have)
		rel.columns = append(rel.columns, a)
	}
	out.Detail = &rel
	return &out, nil
}

// declaredType is a column's type as declared. A length is taken only from the server: a cast would cut values silently.
// A numeric's precision and scale are taken: a value that does not fit them fails.
func (s *Source) declaredType(have, c plan.TableColumn) (*types.Type, error) {
	typ := c.Type
	if typ.Kind != types.Numeric && typ.Mod >= 0 {
		typ = typ.WithMod(-1)
	}
	if types.Same(typ, have.Type) {
		if typ.Kind == types.Numeric {
			return typ, nil
		}
		return have.Type, nil
	}
	if _, ok := sqltext.Postgres.TypeName(typ); !ok || !readable(typ) {
		return nil, sqlerr.New(sqlerr.FDWSchemaMismatch, "column %s of type %s cannot be declared %s", c.Name, have.Type, typ).From(s.name)
	}
	return typ, nil
}
