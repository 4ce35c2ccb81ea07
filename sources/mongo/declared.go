package mongo

import (
	"maps"
	"slices"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

var (
	tableOptions  = []string{"on_mismatch"}
	columnOptions = []string{"bson", "name", "on_mismatch", "type"}
	mismatchModes = []string{"error", "null", "json"}
)

// checkDeclared refuses options of tables and columns that mean nothing here.
func checkDeclared(server string, tables []*sources.Table) error {
	for _, t := range tables {
		if t.ServerName != server {
			continue
		}
		name := (&tableName{server, t.SchemaName, t.TableName}).String()
		if err := sources.CheckNames("foreign table "+name, t.Options, tableOptions); err != nil {
			return err
		}
		if v, ok := t.Options["on_mismatch"]; ok && !slices.Contains(mismatchModes, v) {
			return invalidOption("foreign table "+name, "on_mismatch", v, "it must be error, null or json")
		}
		for _, column := range slices.Sorted(maps.Keys(t.ColumnOptions)) {
			if err := checkColumnOptions("column "+quoteIdentifier(column)+" of "+name, t.ColumnOptions[column]); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkColumnOptions(column string, options map[string]string) error {
	if err := sources.CheckNames(column, options, columnOptions); err != nil {
		return err
	}
	if v, ok := options["on_mismatch"]; ok && !slices.Contains(mismatchModes, v) {
		return invalidOption(column, "on_mismatch", v, "it must be error, null or json")
	}
	if v, ok := options["name"]; ok && v == "" {
		return invalidOption(column, "name", v, "it must be the key of a field")
	}
	if v, ok := options["bson"]; ok {
		if _, err := parseObjectIDs(v); err != nil {
			return invalidOption(column, "bson", v, "it must be objectId, or a JSON object of fields that are")
		}
	}
	if v, ok := options["type"]; ok {
		if _, err := parseType(v); err != nil {
			return sqlerr.New(sqlerr.Code(err), "option type of %s: %w", column, err)
		}
	}
	return nil
}

func invalidOption(of, option, value, why string) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "option %s of %s is %q; %s", option, of, value, why)
}
