package engine

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// noRows is the result of a command that only has a tag.
func noRows() *Result { return &Result{Reader: batch.FromRecords(noFields), Affected: 0} }

// textRows is a result of text columns, given by row.
func textRows(schema *arrow.Schema, rows [][]string) *Result {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer b.Release()
	for _, r := range rows {
		for i, v := range r {
			b.Field(i).(*array.StringBuilder).Append(v)
		}
	}
	return &Result{Reader: batch.FromRecords(schema, b.NewRecordBatch()), Affected: -1}
}

func textSchema(names ...string) *arrow.Schema {
	fields := make([]arrow.Field, len(names))
	for i, n := range names {
		fields[i] = arrow.Field{Name: n, Type: arrow.BinaryTypes.String}
	}
	return arrow.NewSchema(fields, nil)
}

// setCommand is SET and RESET.
type setCommand struct{}

func (setCommand) run(_ context.Context, st *Statement, _ []any) (*Result, error) {
	set := st.stmt.Setting()
	s := st.session
	switch {
	case set.Name == "":
		s.settings.resetAll()
		return noRows(), nil
	case set.Name == "TRANSACTION" || set.Name == "SESSION CHARACTERISTICS":
		return noRows(), checkModes(set.Values)
	case set.Name == "TRANSACTION SNAPSHOT":
		return nil, sqlerr.Unsupported("SET TRANSACTION SNAPSHOT")
	case set.Local && !s.transaction.isOpen():
		return noRows(), nil // PostgreSQL warns that it has no effect
	case set.Values == nil && set.Local:
		return noRows(), s.settings.resetLocal(set.Name)
	case set.Values == nil:
		return noRows(), s.Reset(set.Name)
	case set.Local:
		return noRows(), s.settings.setLocal(set.Name, strings.Join(set.Values, ", "))
	}
	return noRows(), s.Set(set.Name, strings.Join(set.Values, ", "))
}

// discardCommand is DISCARD: ALL gives the session the state of a new one; there are no sequences and no temporary
// tables, and plans are not the session's own.
type discardCommand struct{}

func (discardCommand) run(_ context.Context, st *Statement, _ []any) (*Result, error) {
	if st.stmt.Root.GetDiscardStmt().GetTarget() != parse.DiscardAll {
		return noRows(), nil
	}
	s := st.session
	if s.transaction.isOpen() {
		return nil, sqlerr.New(sqlerr.ActiveTransaction, "DISCARD ALL cannot run inside a transaction block")
	}
	s.settings.resetAll()
	s.prepared.clear()
	return noRows(), nil
}

// prepareShow is SHOW name and SHOW ALL.
func (s *Session) prepareShow(stmt *parse.Statement) (*Statement, error) {
	name := stmt.Shown()
	if strings.EqualFold(name, "all") {
		schema := textSchema("name", "setting", "description")
		return &Statement{session: s, stmt: stmt, schema: schema, params: noFields, rows: true, command: showAll{schema}}, nil
	}
	if _, err := s.settings.get(name); err != nil {
		return nil, err
	}
	title := strings.ToLower(name)
	if def, key, err := findSetting(name); err == nil {
		if title = key; def.shown != "" {
			title = def.shown
		}
	}
	schema := textSchema(title)
	return &Statement{session: s, stmt: stmt, schema: schema, params: noFields, rows: true, command: showOne{schema, name}}, nil
}

type showOne struct {
	schema *arrow.Schema
	name   string
}

func (c showOne) run(_ context.Context, st *Statement, _ []any) (*Result, error) {
	v, err := st.session.Get(c.name)
	if err != nil {
		return nil, err
	}
	return textRows(c.schema, [][]string{{v}}), nil
}

type showAll struct{ schema *arrow.Schema }

func (c showAll) run(_ context.Context, st *Statement, _ []any) (*Result, error) {
	all := st.session.Settings()
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		rows = append(rows, []string{name, all[name], settingTable[name].about})
	}
	return textRows(c.schema, rows), nil
}
