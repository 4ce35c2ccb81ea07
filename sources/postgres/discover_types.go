package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// typeCatalog resolves the server's types.
type typeCatalog struct {
	rows map[uint32]typeRow
	made map[uint32]*types.Type
}

type typeRow struct {
	OID    uint32   `json:"oid"`
	Name   string   `json:"name"`
	Plain  string   `json:"plain"`
	Schema string   `json:"schema"`
	System bool     `json:"system"`
	Kind   string   `json:"kind"`
	Base   uint32   `json:"base"`
	Mod    int32    `json:"mod"`
	Elem   uint32   `json:"elem"`
	Sub    uint32   `json:"sub"`
	Labels []string `json:"labels"`
	// NotNull and Checks are a domain's.
	NotNull bool `json:"notnull"`
	Checks  []struct {
		Name      string `json:"name"`
		Condition string `json:"condition"`
	} `json:"checks"`
	Fields []struct {
		Name string `json:"name"`
		Type uint32 `json:"type"`
		Mod  int32  `json:"mod"`
	} `json:"fields"`
}

func newTypeCatalog() *typeCatalog {
	return &typeCatalog{rows: map[uint32]typeRow{}, made: map[uint32]*types.Type{}}
}

func (k *typeCatalog) read(rows [][][]byte) error {
	for _, r := range rows {
		var row typeRow
		if err := json.Unmarshal(r[0], &row); err != nil {
			return fmt.Errorf("understanding the catalog's types: %w", err)
		}
		k.rows[row.OID] = row
	}
	return nil
}

// column is a column's type as the engine has it, and the type behind domains, which the wire has. A type that cannot
// be read as it is becomes opaque.
func (k *typeCatalog) column(oid uint32, mod int32) (t *types.Type, base uint32, baseMod int32) {
	base, baseMod = k.behind(oid, mod)
	t = k.resolve(oid, mod)
	if !readable(t) {
		t = types.OpaqueOf(base, k.rows[base].Name).WithDomain(t.Domain)
	}
	return t, base, baseMod
}

// withDimensions is the type of a column that was declared with several dimensions: its arrays may have any. In those of
// one, which almost all columns have, an array of another shape is refused when it comes.
func withDimensions(t *types.Type, dims int32) *types.Type {
	if t.Kind != types.Array || dims < 2 {
		return t
	}
	return types.ShapedArrayOf(t.Elem, min(dims, datum.MaxDimensions)).WithDomain(t.Domain)
}

// behind follows domains to what they are made of.
func (k *typeCatalog) behind(oid uint32, mod int32) (uint32, int32) {
	for k.rows[oid].Kind == "d" {
		row := k.rows[oid]
		oid, mod = row.Base, row.Mod
	}
	return oid, mod
}

// resolve is a type as the engine has it; one behind a domain knows its name.
func (k *typeCatalog) resolve(oid uint32, mod int32) *types.Type {
	base, baseMod := k.behind(oid, mod)
	return k.plain(base, baseMod).WithDomain(k.domain(oid))
}

// domain is what an identifier says if it is a domain's, else nil.
func (k *typeCatalog) domain(oid uint32) *types.Domain {
	row := k.rows[oid]
	if row.Kind != "d" {
		return nil
	}
	d := &types.Domain{Name: row.Name, NotNull: row.NotNull, Over: k.domain(row.Base)}
	for _, c := range row.Checks {
		d.Checks = append(d.Checks, types.Check{Name: c.Name, Condition: c.Condition})
	}
	return d
}

func (k *typeCatalog) plain(oid uint32, mod int32) *types.Type {
	if t := types.ByOID(oid, mod); t != nil && !t.IsRegistered() { // names of objects are the server's own
		return t
	}
	if t := k.made[oid]; t != nil {
		return t
	}
	row := k.rows[oid]
	k.made[oid] = types.OpaqueOf(oid, row.Name) // a type that contains itself is opaque inside
	t := k.compose(row)
	k.made[oid] = t
	return t
}

func (k *typeCatalog) compose(row typeRow) *types.Type {
	switch {
	case row.Elem != 0:
		return types.ArrayOf(k.resolve(row.Elem, -1))
	case row.Kind == "e":
		return types.EnumOf(row.Name, row.Labels)
	case row.Kind == "r" && row.Sub != 0:
		return types.RangeOf(row.Name, k.resolve(row.Sub, -1))
	case row.Kind == "c" && len(row.Fields) > 0:
		fields := make([]types.Field, len(row.Fields))
		for i, f := range row.Fields {
			fields[i] = types.Field{Name: f.Name, Type: k.resolve(f.Type, f.Mod)}
		}
		return types.CompositeOf(row.Name, fields)
	}
	name := row.Name
	if row.System {
		name = row.Plain
	}
	return types.OpaqueOf(row.OID, name)
}

// FindType implements sources.TypeSource.
func (s *Source) FindType(ctx context.Context, schemas []string, name string) (*types.Type, error) {
	lease, err := s.budget.Acquire(ctx, map[string]int{s.name: 1})
	if err != nil {
		return nil, err
	}
	defer lease.Close()
	quoted := make([]string, len(schemas))
	for i, schema := range schemas {
		quoted[i] = sqltext.QuoteString(schema)
	}
	which := fmt.Sprintf(typesByName, sqltext.QuoteString(name), strings.Join(quoted, ", "))
	results, err := s.readOnce(ctx, []string{
		beginTransaction, strings.TrimSuffix(s.settings(sources.Identity{}, sources.Limits{}), ";"), fmt.Sprintf(typesQuery, which), "COMMIT",
	})
	if err != nil {
		return nil, s.failedIn(ctx, "reading the catalog", err)
	}
	known := newTypeCatalog()
	if err := known.read(results[0].Rows); err != nil {
		return nil, err
	}
	for _, schema := range schemas {
		for oid, row := range known.rows {
			if row.Schema == schema && row.Plain == name {
				return known.resolve(oid, -1), nil
			}
		}
	}
	return nil, nil
}
