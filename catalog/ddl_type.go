package catalog

import (
	"strings"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// createComposite declares a row type for columns of foreign tables: CREATE TYPE server.name AS (field type, …).
func (b *Builder) createComposite(s *parse.Statement, n *parse.CompositeTypeStmt) error {
	name := parse.RelationName(n.Typevar)
	fields := make([]types.Field, 0, len(n.Coldeflist))
	seen := map[string]bool{}
	for _, e := range n.Coldeflist {
		def := e.GetColumnDef()
		if seen[def.Colname] {
			return sqlerr.New(sqlerr.DuplicateColumn, "attribute %q specified more than once", def.Colname).At(s.Position(def.Location))
		}
		seen[def.Colname] = true
		t, err := b.columnType(s, def.TypeName)
		if err != nil {
			return err
		}
		fields = append(fields, types.Field{Name: def.Colname, Type: t})
	}
	if len(fields) == 0 {
		return sqlerr.Unsupported("a composite type without attributes")
	}
	return b.addType(name, types.CompositeOf(b.localName(name), fields))
}

// createEnum declares an enum for columns of foreign tables: CREATE TYPE server.schema.name AS ENUM ('label', …).
func (b *Builder) createEnum(n *parse.CreateEnumStmt) error {
	name := parse.Names(n.TypeName)
	return b.addType(name, types.EnumOf(b.localName(name), parse.Names(n.Vals)))
}

func (b *Builder) addType(name []string, t *types.Type) error {
	key := strings.Join(name, ".")
	if b.defs.Types[key] != nil || len(name) == 1 && types.ByName(key) != nil {
		return sqlerr.New(sqlerr.DuplicateObject, "type %q already exists", key)
	}
	b.defs.Types[key] = t
	return nil
}

// localName is what the server itself calls a type: the name without the server's in front.
func (b *Builder) localName(name []string) string {
	if len(name) > 1 && b.defs.Servers[name[0]] != nil {
		name = name[1:]
	}
	return strings.Join(name, ".")
}
