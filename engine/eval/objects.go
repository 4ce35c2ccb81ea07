package eval

import (
	"context"

	"github.com/skeinsql/skein/engine/types"
)

// Objects answers the functions that tell of what the system catalogs list, by the identifiers given there and as the
// session sees it. Safe for concurrent use.
type Objects interface {
	// Relation is the identifier of a table or view as written, 0 when there is none of that name.
	Relation(ctx context.Context, name string) (int64, error)
	// RelationName is a relation's name, qualified where it is not on the search path; ok is false for unknown ones.
	RelationName(oid int64) (name string, ok bool)
	// TypeName is what format_type says; ok is false for unknown types.
	TypeName(oid int64, mod int32) (name string, ok bool)
	// Type is the identifier of a type as written, 0 when there is none.
	Type(ctx context.Context, name string) (int64, error)
	// TypeOID is the identifier of a type.
	TypeOID(t *types.Type) int64
	// Namespace is the identifier of a schema as pg_namespace calls it, 0 when none is known; NamespaceName the reverse.
	Namespace(name string) int64
	NamespaceName(oid int64) (name string, ok bool)
	// ViewDefinition is the query of a view; ok is false where it is not known.
	ViewDefinition(oid int64) (query string, ok bool)
	// RoleName is a role's name.
	RoleName(oid int64) (name string, ok bool)
	// Comment is a relation's comment.
	Comment(oid int64) (comment string, ok bool)
	// Visible says whether a relation is found by its bare name.
	Visible(oid int64) bool
	// ConstraintDefinition and IndexDefinition are those of keys.
	ConstraintDefinition(oid int64) (definition string, ok bool)
	IndexDefinition(oid int64, column int, pretty bool) (definition string, ok bool)
	// Schemas are those of the search path; implicit adds pg_catalog.
	Schemas(implicit bool) []string
	// PID is the number of the statement that runs.
	PID() int32
	// Set is set_config.
	Set(name, value string, local bool) (string, error)
}
