// Package catalog knows what there is: servers, schemas, views and declared tables, loaded from SQL; and the tables
// that the servers themselves have, discovered when a statement names them.
//
// What is declared is an immutable [Definitions]; a [Catalog] holds one together with the connected sources and what
// was discovered.
package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// Home is the reserved catalog of our own schemas and views. System is the catalog of what the engine says of itself.
const (
	Home   = "skein"
	System = "skein_catalog"
)

// Definitions are one version of what is declared. Immutable once built, safe for concurrent use.
type Definitions struct {
	Servers map[string]*Server
	Schemas map[string]*Schema
	// Tables are declared foreign tables: server, then "schema.table".
	Tables map[string]map[string]*sources.Table
	// Types are declared composite types and enums, by their name as written: "crm.public.mood".
	Types map[string]*types.Type
	// Version changes whenever what is declared does.
	Version string
}

// Server is a declared server with its user mapping for PUBLIC.
type Server struct {
	Name, Kind string
	// Options are as written, with ${VAR} expanded, without credentials.
	Options map[string]string
	// User and Secret are the credentials of PUBLIC's user mapping. Never log Secret.
	User, Secret string
	mapped       bool // there is a user mapping, be it empty
	// Altered are changes to discovered tables, by "schema.table": options of columns and of the table.
	Altered map[string]*Alteration
	// Origin is where it was declared, for messages: "catalog.sql:12" or "--source".
	Origin string
}

// Alteration is what ALTER FOREIGN TABLE says of a discovered table.
type Alteration struct {
	Options map[string]string
	Columns map[string]map[string]string
}

// Schema is a schema of the home catalog.
type Schema struct {
	Name  string
	Views map[string]*View
}

// View is a stored query of the home catalog.
type View struct {
	Schema, Name string
	Query        *parse.Statement
	Columns      []string
	Comment      string
	Origin       string
}

// QualifiedName is the view's name as one would write it.
func (v *View) QualifiedName() string { return Home + "." + v.Schema + "." + v.Name }

// newDefinitions is an empty version with the home catalog's default schema.
func newDefinitions() *Definitions {
	return &Definitions{
		Servers: map[string]*Server{},
		Schemas: map[string]*Schema{"public": {Name: "public", Views: map[string]*View{}}},
		Tables:  map[string]map[string]*sources.Table{},
		Types:   map[string]*types.Type{},
	}
}

// ServerNames are the servers' names, sorted.
func (d *Definitions) ServerNames() []string {
	out := make([]string, 0, len(d.Servers))
	for n := range d.Servers {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}

// AllViews are the views, ordered by schema and name.
func (d *Definitions) AllViews() []*View {
	var out []*View
	for _, s := range d.Schemas {
		for _, v := range s.Views {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *View) int { return strings.Compare(a.QualifiedName(), b.QualifiedName()) })
	return out
}

// seal computes the version: a hash of everything but secrets.
func (d *Definitions) seal() {
	var text strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&text, format+"\n", args...) }
	for _, name := range d.ServerNames() {
		s := d.Servers[name]
		line("server %q %q %q %q", name, s.Kind, s.User, sortedPairs(s.Options))
		for _, t := range sortedKeys(s.Altered) {
			line("alter %q %q", t, sortedPairs(s.Altered[t].Options))
			for _, c := range sortedKeys(s.Altered[t].Columns) {
				line("column %q %q", c, sortedPairs(s.Altered[t].Columns[c]))
			}
		}
		for _, t := range sortedKeys(d.Tables[name]) {
			line("%s", NewPrinter().Table(d.Tables[name][t]))
		}
	}
	for _, s := range sortedKeys(d.Schemas) {
		line("schema %q", s)
	}
	for _, v := range d.AllViews() {
		line("view %q %q %q %q", v.QualifiedName(), v.Columns, v.Query.SQL(), v.Comment)
	}
	sum := sha256.Sum256([]byte(text.String()))
	d.Version = hex.EncodeToString(sum[:8])
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func sortedPairs(m map[string]string) []string {
	var out []string
	for _, k := range sortedKeys(m) {
		out = append(out, k+"="+m[k])
	}
	return out
}
