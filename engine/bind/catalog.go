// Package bind gives a parse tree meaning: names, types and functions are resolved against a catalog by PostgreSQL's
// rules, and the result is a typed plan.
package bind

import (
	"context"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// Catalog is what the binder asks about names, as the statement's user may see them. Implementations need not be safe
// for concurrent use by one statement; one that is shared by statements must be.
type Catalog interface {
	// Relation resolves the name of a table or view of one to three parts (the last is the relation's) along the
	// search path. Errors are *sqlerr.Error: 42P01 with a hint when a similar name exists, 3F000, 3D000, 42501, or the
	// source's own; the binder adds the position.
	Relation(ctx context.Context, name []string) (*Relation, error)
	// Type resolves the name of a type that is not built in (an enum, a composite or a domain of a source), of one to
	// three parts; nil without error when there is none.
	Type(ctx context.Context, name []string) (*types.Type, error)
}

// Relation is what a name in FROM stands for: a table, or a view. Exactly one of Table and View is set.
type Relation struct {
	Table plan.TableRef
	// PrimaryKey are the names of the key's columns when Table has one: grouping by them determines the other columns.
	PrimaryKey []string
	View       *View
}

// View is a stored query. A table with a row filter or masks is given as a view over itself, whose Catalog answers the
// bare table and whose Barrier is set.
type View struct {
	// Name is the qualified name, for messages and EXPLAIN.
	Name string
	// Query is the view's SELECT.
	Query *parse.Statement
	// Columns are the declared names of the first columns; nil when the query's own are used.
	Columns []string
	// Catalog resolves the names in Query: by the search path, and with the rights, of the view's owner.
	Catalog Catalog
	// Barrier puts a plan.SecurityBarrier over the view.
	Barrier bool
}
