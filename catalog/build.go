package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// Builder collects declarations into a version of the catalog. Not for concurrent use.
type Builder struct {
	defs   *Definitions
	expand func(name string) (string, bool)
	// dir is what relative paths in the script being applied start from.
	dir    string
	origin string
}

// NewBuilder starts an empty catalog. lookup gives the value of ${NAME} in options; nil reads the environment.
func NewBuilder(lookup func(string) (string, bool)) *Builder {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	return &Builder{defs: newDefinitions(), expand: lookup}
}

// File applies a file of SQL statements.
func (b *Builder) File(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the catalog file %s: %w", path, err)
	}
	return b.Script(path, string(text))
}

// Script applies statements; name says where they come from, for messages, and relative paths start from its folder.
// What is wrong with each statement is in the error, not with the first alone.
func (b *Builder) Script(name, text string) error {
	b.dir, b.origin = filepath.Dir(name), name
	stmts, err := parse.ParseScript(text)
	if err != nil {
		return located(name, text, 0, err)
	}
	var errs []error
	for _, s := range stmts {
		if err := b.apply(s); err != nil {
			errs = append(errs, located(name, text, s.Start, err))
		}
	}
	return errors.Join(errs...)
}

// Build seals what was declared.
func (b *Builder) Build() *Definitions {
	b.defs.seal()
	return b.defs
}

// located puts "file:line: " before an error.
func located(name, text string, at int, err error) error {
	var e *sqlerr.Error
	if errors.As(err, &e) && e.Position > 0 {
		at = len(string([]rune(text)[:min(e.Position-1, len([]rune(text)))]))
	}
	line := 1 + strings.Count(text[:min(at, len(text))], "\n")
	return fmt.Errorf("%s:%d: %w", name, line, err)
}

func (b *Builder) originOf(s *parse.Statement) string {
	return fmt.Sprintf("%s:%d", b.origin, 1+strings.Count(s.Text[:s.Start], "\n"))
}

// apply runs one statement of a script.
func (b *Builder) apply(s *parse.Statement) error {
	switch n := s.Root.Node.(type) {
	case *parse.NodeCreateForeignServerStmt:
		return b.createServer(s, n.CreateForeignServerStmt)
	case *parse.NodeAlterForeignServerStmt:
		return b.alterServer(s, n.AlterForeignServerStmt)
	case *parse.NodeCreateUserMappingStmt:
		return b.createMapping(s, n.CreateUserMappingStmt)
	case *parse.NodeAlterUserMappingStmt:
		return b.alterMapping(s, n.AlterUserMappingStmt)
	case *parse.NodeDropUserMappingStmt:
		return b.dropMapping(n.DropUserMappingStmt)
	case *parse.NodeCreateSchemaStmt:
		return b.createSchema(n.CreateSchemaStmt)
	case *parse.NodeViewStmt:
		return b.createView(s, n.ViewStmt)
	case *parse.NodeCompositeTypeStmt:
		return b.createComposite(s, n.CompositeTypeStmt)
	case *parse.NodeCreateEnumStmt:
		return b.createEnum(n.CreateEnumStmt)
	case *parse.NodeCreateForeignTableStmt:
		return b.createTable(s, n.CreateForeignTableStmt)
	case *parse.NodeAlterTableStmt:
		return b.alterTable(s, n.AlterTableStmt)
	case *parse.NodeDropStmt:
		return b.drop(n.DropStmt)
	case *parse.NodeCommentStmt:
		return b.comment(n.CommentStmt)
	}
	return sqlerr.New(sqlerr.FeatureNotSupported, "%s is not a statement of a catalog file", s.Tag()).
		WithHint("catalog files hold CREATE, ALTER and DROP of SERVER, USER MAPPING, SCHEMA, VIEW and FOREIGN TABLE, CREATE TYPE, and COMMENT ON VIEW")
}
