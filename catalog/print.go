package catalog

import (
	"fmt"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Printer writes tables as the statements that declare them. Not for concurrent use.
type Printer struct {
	declared map[string]*types.Type // types that were written, by their name as written
	out      strings.Builder
}

// NewPrinter starts a script.
func NewPrinter() *Printer { return &Printer{declared: map[string]*types.Type{}} }

// Table is a table as CREATE FOREIGN TABLE, after CREATE TYPE for each row type and enum that its columns have and that
// no table before it had. A type that SQL cannot declare (a range or an extension's type of the server) is text, which
// is how its values arrive.
func (p *Printer) Table(t *sources.Table) string {
	p.out.Reset()
	var lines []string
	for _, c := range t.Cols {
		line := "    " + quoteIdent(c.Name) + " " + p.typeName(t.ServerName, t.SchemaName+"."+t.TableName+"."+c.Name, c.Type)
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
	fmt.Fprintf(&p.out, "CREATE FOREIGN TABLE %s.%s.%s (\n%s\n) SERVER %s", quoteIdent(t.ServerName), quoteIdent(t.SchemaName),
		quoteIdent(t.TableName), strings.Join(lines, ",\n"), quoteIdent(t.ServerName))
	if len(t.Options) > 0 {
		p.out.WriteString(" OPTIONS (" + optionList(t.Options) + ")")
	}
	p.out.WriteString(";")
	return p.out.String()
}

// typeName is a type as SQL writes it. path names what has no name of its own.
func (p *Printer) typeName(server, path string, t *types.Type) string {
	switch t.Kind {
	case types.Array:
		return p.typeName(server, path, t.Elem) + "[]"
	case types.Composite, types.Record, types.Enum:
		if t.Kind == types.Record {
			if len(t.Fields) == 0 {
				return "text"
			}
			t = types.CompositeOf(path, t.Fields)
		}
		return p.ownType(server, t)
	}
	if known := types.ByName(t.Name); known == nil || !types.Same(known, t) {
		return "text"
	}
	if t.Kind == types.Char {
		return quoteIdent(t.Name) // without quotes, char is another type
	}
	return t.String()
}

// ownType declares a row type or an enum, unless that was done, and gives its name. Names that two types of a server
// have in common (rows of files have names of our making) are told apart by a number.
func (p *Printer) ownType(server string, t *types.Type) string {
	base := append([]string{server}, strings.Split(t.Name, ".")...)
	if t.Kind != types.Enum && len(base) > 3 || slices.Contains(base, "") {
		base = []string{server, t.Name} // row types have at most three parts, as tables
	}
	name := quoteAll(base)
	for n := 2; p.declared[name] != nil; n++ {
		if types.Equal(p.declared[name], t) {
			return name
		}
		name = quoteAll(append(base[:len(base)-1:len(base)-1], fmt.Sprintf("%s %d", base[len(base)-1], n)))
	}
	p.declared[name] = t
	var body string
	if t.Kind == types.Enum {
		labels := make([]string, len(t.Labels))
		for i, l := range t.Labels {
			labels[i] = quoteText(l)
		}
		body = "ENUM (" + strings.Join(labels, ", ") + ")"
	} else {
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = quoteIdent(f.Name) + " " + p.typeName(server, t.Name+"."+f.Name, f.Type)
		}
		body = "(" + strings.Join(fields, ", ") + ")"
	}
	fmt.Fprintf(&p.out, "CREATE TYPE %s AS %s;\n", name, body)
	return name
}

func quoteAll(parts []string) string {
	out := make([]string, len(parts))
	for i, s := range parts {
		out[i] = quoteIdent(s)
	}
	return strings.Join(out, ".")
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

func quoteText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func optionList(o map[string]string) string {
	var out []string
	for _, k := range sortedKeys(o) {
		out = append(out, quoteIdent(k)+" "+quoteText(o[k]))
	}
	return strings.Join(out, ", ")
}
