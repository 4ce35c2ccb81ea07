package postgres

import (
	"encoding/json"
	"fmt"

	"github.com/skeinsql/skein/engine/types"
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
	System bool     `json:"system"`
	Kind   string   `json:"kind"`
	Base   uint32   `json:"base"`
	Mod    int32    `json:"mod"`
	Elem   uint32   `json:"elem"`
	Sub    uint32   `json:"sub"`
	Labels []string `json:"labels"`
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
	t = k.resolve(base, baseMod)
	if !readable(t) {
		t = types.OpaqueOf(base, k.rows[base].Name)
	}
	return t, base, baseMod
}

// behind follows domains to what they are made of.
func (k *typeCatalog) behind(oid uint32, mod int32) (uint32, int32) {
	for k.rows[oid].Kind == "d" {
		row := k.rows[oid]
		oid, mod = row.Base, row.Mod
	}
	return oid, mod
}

func (k *typeCatalog) resolve(oid uint32, mod int32) *types.Type {
	oid, mod = k.behind(oid, mod)
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
