package catalog

import (
	"fmt"
	"strings"

	"github.com/skeinsql/skein/sources"
)

// TableDDL is a table as the CREATE FOREIGN TABLE statement that declares it.
func TableDDL(t *sources.Table) string {
	var lines []string
	for _, c := range t.Cols {
		line := "    " + quoteIdent(c.Name) + " " + c.Type.String()
		if o := t.ColumnOptions[c.Name]; len(o) > 0 {
			line += " OPTIONS (" + optionList(o) + ")"
		}
		if !c.Nullable {
			line += " NOT NULL"
		}
		lines = append(lines, line)
	}
	if len(t.PrimaryKey) > 0 {
		lines = append(lines, "    PRIMARY KEY ("+identList(t.PrimaryKey)+")")
	}
	for _, u := range t.Unique {
		lines = append(lines, "    UNIQUE ("+identList(u)+")")
	}
	ddl := fmt.Sprintf("CREATE FOREIGN TABLE %s (\n%s\n) SERVER %s",
		quoteIdent(t.ServerName)+"."+quoteIdent(t.SchemaName)+"."+quoteIdent(t.TableName), strings.Join(lines, ",\n"), quoteIdent(t.ServerName))
	if len(t.Options) > 0 {
		ddl += " OPTIONS (" + optionList(t.Options) + ")"
	}
	return ddl + ";"
}

func identList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoteIdent(n)
	}
	return strings.Join(out, ", ")
}

// quoteIdent quotes always: what is a keyword differs between versions.
func quoteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func optionList(o map[string]string) string {
	var out []string
	for _, k := range sortedKeys(o) {
		out = append(out, k+" '"+strings.ReplaceAll(o[k], "'", "''")+"'")
	}
	return strings.Join(out, ", ")
}
