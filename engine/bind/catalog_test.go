package bind_test

import (
	"context"
	"strings"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// fakeTable is a table without rows.
type fakeTable struct {
	name string
	cols []plan.TableColumn
	key  []string
}

func (t *fakeTable) Server() string              { return "pg" }
func (t *fakeTable) Schema() string              { return "public" }
func (t *fakeTable) Name() string                { return t.name }
func (t *fakeTable) Columns() []plan.TableColumn { return t.cols }
func (t *fakeTable) Rows() float64               { return 1000 }

// fakeCatalog holds the tables that ddl declares, and views.
type fakeCatalog struct {
	tables map[string]*fakeTable
	views  map[string]*bind.View
}

func (c *fakeCatalog) Relation(_ context.Context, name []string) (*bind.Relation, error) {
	last := name[len(name)-1]
	if v := c.views[last]; v != nil {
		return &bind.Relation{View: v}, nil
	}
	prefix := []string{"pg", "public"}[3-len(name):]
	t := c.tables[last]
	if t == nil || strings.Join(name[:len(name)-1], ".") != strings.Join(prefix, ".") {
		return nil, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(name, "."))
	}
	return &bind.Relation{Table: t, PrimaryKey: t.key}, nil
}

func (c *fakeCatalog) Type(_ context.Context, name []string) (*types.Type, error) {
	if name[len(name)-1] == "mood" {
		return types.EnumOf("mood", []string{"sad", "ok", "happy"}), nil
	}
	return nil, nil
}

// newCatalog reads CREATE TABLE statements.
func newCatalog(ddl string) *fakeCatalog {
	c := &fakeCatalog{tables: map[string]*fakeTable{}, views: map[string]*bind.View{}}
	stmts, err := parse.ParseScript(ddl)
	if err != nil {
		panic(err)
	}
	for _, s := range stmts {
		if v := s.Root.GetViewStmt(); v != nil {
			name := v.View.Relname
			c.views[name] = &bind.View{Name: "skein.shop." + name, Query: s.Sub(v.Query), Columns: parse.Names(v.Aliases), Catalog: c}
			continue
		}
		n := s.Root.GetCreateStmt()
		t := &fakeTable{name: n.Relation.Relname}
		for _, e := range n.TableElts {
			if d := e.GetColumnDef(); d != nil {
				t.cols = append(t.cols, column(s, d))
				for _, k := range d.Constraints {
					if k.GetConstraint().Contype == parse.ConstrPrimary {
						t.key = []string{d.Colname}
					}
				}
			}
			if k := e.GetConstraint(); k != nil && k.Contype == parse.ConstrPrimary {
				t.key = parse.Names(k.Keys)
			}
		}
		for _, k := range t.key {
			for i := range t.cols {
				if t.cols[i].Name == k {
					t.cols[i].Nullable = false
				}
			}
		}
		c.tables[t.name] = t
	}
	return c
}

func column(s *parse.Statement, d *parse.ColumnDef) plan.TableColumn {
	t, err := bind.TypeName(s, d.TypeName)
	if err != nil {
		panic(err)
	}
	notNull := false
	for _, k := range d.Constraints {
		notNull = notNull || k.GetConstraint().Contype == parse.ConstrNotnull
	}
	return plan.TableColumn{Name: d.Colname, Type: t, Nullable: !notNull}
}
