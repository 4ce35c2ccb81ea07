package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// relation is what the source itself knows of a table: the Detail of its sources.Table.
type relation struct {
	oid     uint32
	kind    byte // pg_class.relkind
	columns []attribute
	width   int   // the number of its columns, declared or not
	keys    int64 // the sum of its keys' object identifiers
}

// attribute is a column as the catalog has it, and its type behind domains, which is what is sent.
type attribute struct {
	name             string
	num              int16
	typeOID, baseOID uint32
	typeMod, baseMod int32
	notNull          bool
	// declared is the type that the catalog gives the column in the place of its own, nil for none.
	declared *types.Type
	// bytewise: equality of the column's texts is equality of their bytes; cOrder: so is their order.
	bytewise, cOrder bool
}

// lockable says whether LOCK TABLE takes it.
func (r *relation) lockable() bool { return r.kind == 'r' || r.kind == 'p' || r.kind == 'v' }

// scannable says whether its rows have a ctid by which it can be split.
func (r *relation) scannable() bool { return r.kind == 'r' || r.kind == 'p' || r.kind == 'm' }

// Discover lists tables, views, materialised views, partitioned and foreign tables. Schemas of the system are left out
// unless named.
func (s *Source) Discover(ctx context.Context, p sources.Pattern) ([]*sources.Table, error) {
	lease, err := s.budget.Acquire(ctx, map[string]int{s.name: 1})
	if err != nil {
		return nil, err
	}
	defer lease.Close()
	found, err := s.readCatalog(ctx, p)
	if err != nil {
		return nil, s.failedIn(ctx, "reading the catalog", err)
	}
	return s.declare(found, p)
}

func (s *Source) readCatalog(ctx context.Context, p sources.Pattern) ([]*sources.Table, error) {
	which := catalogCondition(p)
	sql := []string{beginTransaction, strings.TrimSuffix(s.settings(sources.Identity{}, sources.Limits{}), ";")}
	if p.NamesOnly {
		sql = append(sql, fmt.Sprintf(relationsQuery, "", which))
	} else {
		detail := fmt.Sprintf(detailColumns, "")
		if p.Table != "" { // of one table; those of all would be too much
			detail = fmt.Sprintf(detailColumns, valueStatistics)
		}
		sql = append(sql, fmt.Sprintf(relationsQuery, detail, which), fmt.Sprintf(typesQuery, fmt.Sprintf(typesOfRelations, which)))
	}
	results, err := s.readOnce(ctx, append(sql, "COMMIT"))
	if err != nil {
		return nil, err
	}
	known := newTypeCatalog()
	if !p.NamesOnly {
		if err := known.read(results[1].Rows); err != nil {
			return nil, err
		}
	}
	return s.tables(results[0].Rows, known)
}

// readOnce asks the server in one message and gives the results of its SELECTs. A connection that broke while it was idle
// is replaced.
func (s *Source) readOnce(ctx context.Context, sql []string) ([]*pgconn.Result, error) {
	for {
		c, err := s.take(ctx, sources.Identity{})
		if err != nil {
			return nil, err
		}
		results, err := c.exec(ctx, sql...)
		again := err != nil && c.reused && brokenConnection(err) && ctx.Err() == nil
		s.putBack(c)
		if again {
			continue
		}
		if err != nil {
			return nil, err
		}
		return selections(results), nil
	}
}

func catalogCondition(p sources.Pattern) string {
	which := "c.relkind IN ('r', 'v', 'm', 'p', 'f')"
	if p.Schema != "" {
		which += " AND n.nspname = " + sqltext.QuoteString(p.Schema)
	} else {
		which += " AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"
	}
	if p.Table != "" {
		which += " AND c.relname = " + sqltext.QuoteString(p.Table)
	}
	return which
}

// catalogRow is one relation as relationsQuery gives it.
type catalogRow struct {
	OID     uint32          `json:"oid"`
	Schema  string          `json:"schema"`
	Name    string          `json:"name"`
	Kind    string          `json:"kind"`
	Rows    float64         `json:"rows"`
	Comment string          `json:"comment"`
	Columns []catalogColumn `json:"columns"`
	Keys    []struct {
		Columns []int16 `json:"columns"`
		Primary bool    `json:"primary"`
		Index   int64   `json:"index"`
	} `json:"keys"`
	Foreign []struct {
		Name       string   `json:"name"`
		Columns    []int16  `json:"columns"`
		RefSchema  string   `json:"ref_schema"`
		RefTable   string   `json:"ref_table"`
		RefColumns []string `json:"ref_columns"`
		Update     string   `json:"update"`
		Delete     string   `json:"delete"`
	} `json:"foreign"`
	Stats []columnStatistics `json:"stats"`
}

type catalogColumn struct {
	Name     string `json:"name"`
	Num      int16  `json:"num"`
	Type     uint32 `json:"type"`
	Mod      int32  `json:"mod"`
	Dims     int32  `json:"dims"`
	NotNull  bool   `json:"notnull"`
	Bytewise bool   `json:"bytewise"`
	COrder   bool   `json:"c_order"`
}

var tableTypes = map[string]sources.TableType{
	"r": sources.BaseTable, "v": sources.ViewTable, "m": sources.MaterializedView, "p": sources.PartitionedTable,
	"f": sources.ForeignTable,
}

func (s *Source) tables(rows [][][]byte, known *typeCatalog) ([]*sources.Table, error) {
	out := make([]*sources.Table, 0, len(rows))
	for _, r := range rows {
		var row catalogRow
		if err := json.Unmarshal(r[0], &row); err != nil {
			return nil, fmt.Errorf("understanding the catalog: %w", err)
		}
		out = append(out, s.table(&row, known))
	}
	return out, nil
}

func (s *Source) table(row *catalogRow, known *typeCatalog) *sources.Table {
	t := &sources.Table{
		ServerName: s.name, SchemaName: row.Schema, TableName: row.Name, Type: tableTypes[row.Kind], RowCount: row.Rows,
		Comment: row.Comment,
	}
	rel := &relation{oid: row.OID, kind: row.Kind[0], width: len(row.Columns)}
	t.Detail = rel
	names := map[int16]string{}
	at := map[string]int{}
	for _, c := range row.Columns {
		typ, baseOID, baseMod := known.column(c.Type, c.Mod)
		typ = withDimensions(typ, c.Dims)
		names[c.Num], at[c.Name] = c.Name, len(t.Cols)
		t.Cols = append(t.Cols, plan.TableColumn{Name: c.Name, Type: typ, Nullable: !c.NotNull})
		rel.columns = append(rel.columns, attribute{
			name: c.Name, num: c.Num, typeOID: c.Type, typeMod: c.Mod, baseOID: baseOID, baseMod: baseMod,
			notNull: c.NotNull, bytewise: c.Bytewise, cOrder: c.COrder,
		})
	}
	for _, k := range row.Keys {
		rel.keys += k.Index
	}
	for _, st := range row.Stats {
		if i, ok := at[st.Column]; ok {
			st.describe(&t.Cols[i], row.Rows)
		}
	}
	addKeys(t, row, names)
	return t
}

func addKeys(t *sources.Table, row *catalogRow, names map[int16]string) {
	list := func(nums []int16) []string {
		out := make([]string, len(nums))
		for i, n := range nums {
			out[i] = names[n]
		}
		return out
	}
	for _, k := range row.Keys {
		if k.Primary {
			t.PrimaryKey = list(k.Columns)
		} else {
			t.Unique = append(t.Unique, list(k.Columns))
		}
	}
	for _, f := range row.Foreign {
		t.Foreign = append(t.Foreign, sources.ForeignKey{
			Name: f.Name, Columns: list(f.Columns), RefSchema: f.RefSchema, RefTable: f.RefTable, RefColumns: f.RefColumns,
			UpdateRule: foreignKeyRules[f.Update], DelRule: foreignKeyRules[f.Delete],
		})
	}
}

var foreignKeyRules = map[string]string{
	"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT",
}
