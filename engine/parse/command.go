package parse

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Command classes statements by who runs them.
type Command uint8

// The commands. Query is SELECT, VALUES and TABLE; DML changes rows; DDL defines the catalog's own objects (servers,
// schemas, views, foreign tables, roles, policies, grants); Other is what the engine has no use for.
const (
	Empty Command = iota
	Query
	Explain
	Set
	Show
	Transaction
	Prepare
	Execute
	Deallocate
	Discard
	DML
	DDL
	Other
)

// Command says what kind of statement s is.
func (s *Statement) Command() Command {
	if s.Root == nil {
		return Empty
	}
	switch n := s.Root.Node.(type) {
	case *NodeSelectStmt:
		if n.SelectStmt.IntoClause != nil {
			return Other
		}
		return Query
	case *NodeExplainStmt:
		return Explain
	case *NodeVariableSetStmt:
		return Set
	case *NodeVariableShowStmt:
		return Show
	case *NodeTransactionStmt:
		return Transaction
	case *NodePrepareStmt:
		return Prepare
	case *NodeExecuteStmt:
		return Execute
	case *NodeDeallocateStmt:
		return Deallocate
	case *NodeDiscardStmt:
		return Discard
	case *NodeInsertStmt, *NodeUpdateStmt, *NodeDeleteStmt, *NodeMergeStmt, *NodeTruncateStmt, *NodeCopyStmt:
		return DML
	}
	if ddlTags[s.nodeName()] != "" {
		return DDL
	}
	return Other
}

// ddlTags are the command tags of what defines the catalog, by the name of the node.
var ddlTags = map[string]string{
	"CreateForeignServerStmt": "CREATE SERVER", "AlterForeignServerStmt": "ALTER SERVER",
	"CreateUserMappingStmt": "CREATE USER MAPPING", "AlterUserMappingStmt": "ALTER USER MAPPING",
	"DropUserMappingStmt": "DROP USER MAPPING", "CreateSchemaStmt": "CREATE SCHEMA", "ViewStmt": "CREATE VIEW",
	"CreateForeignTableStmt": "CREATE FOREIGN TABLE", "AlterTableStmt": "ALTER TABLE", "DropStmt": "DROP",
	"GrantStmt": "GRANT", "GrantRoleStmt": "GRANT ROLE", "CreateRoleStmt": "CREATE ROLE", "AlterRoleStmt": "ALTER ROLE",
	"AlterRoleSetStmt": "ALTER ROLE", "DropRoleStmt": "DROP ROLE", "CreatePolicyStmt": "CREATE POLICY",
	"AlterPolicyStmt": "ALTER POLICY", "RenameStmt": "ALTER", "CommentStmt": "COMMENT",
	"AlterOwnerStmt": "ALTER", "AlterObjectSchemaStmt": "ALTER",
}

var otherTags = map[string]string{
	"SelectStmt": "SELECT", "ExplainStmt": "EXPLAIN", "VariableShowStmt": "SHOW", "PrepareStmt": "PREPARE",
	"ExecuteStmt": "EXECUTE", "DeallocateStmt": "DEALLOCATE", "DiscardStmt": "DISCARD", "InsertStmt": "INSERT",
	"UpdateStmt": "UPDATE", "DeleteStmt": "DELETE", "MergeStmt": "MERGE", "TruncateStmt": "TRUNCATE TABLE",
	"CopyStmt": "COPY", "LockStmt": "LOCK TABLE", "CreateStmt": "CREATE TABLE",
	"ImportForeignSchemaStmt": "IMPORT FOREIGN SCHEMA",
	// Tags that do not follow from the node's name, as PostgreSQL's CreateCommandTag has them.
	"IndexStmt": "CREATE INDEX", "RuleStmt": "CREATE RULE", "CreateSeqStmt": "CREATE SEQUENCE", "AlterSeqStmt": "ALTER SEQUENCE",
	"CreatedbStmt": "CREATE DATABASE", "DropdbStmt": "DROP DATABASE", "AlterDatabaseSetStmt": "ALTER DATABASE",
	"CreateFdwStmt": "CREATE FOREIGN DATA WRAPPER", "AlterFdwStmt": "ALTER FOREIGN DATA WRAPPER",
	"CreateTrigStmt": "CREATE TRIGGER", "CreateEventTrigStmt": "CREATE EVENT TRIGGER", "AlterEventTrigStmt": "ALTER EVENT TRIGGER",
	"CreatePlangStmt": "CREATE LANGUAGE", "CreateEnumStmt": "CREATE TYPE", "CreateRangeStmt": "CREATE TYPE",
	"CompositeTypeStmt": "CREATE TYPE", "AlterEnumStmt": "ALTER TYPE", "AlterTypeStmt": "ALTER TYPE",
	"CreateOpClassStmt": "CREATE OPERATOR CLASS", "CreateOpFamilyStmt": "CREATE OPERATOR FAMILY",
	"AlterOpFamilyStmt": "ALTER OPERATOR FAMILY", "CreateTableSpaceStmt": "CREATE TABLESPACE",
	"DropTableSpaceStmt": "DROP TABLESPACE", "CreateStatsStmt": "CREATE STATISTICS", "AlterStatsStmt": "ALTER STATISTICS",
	"AlterDefaultPrivilegesStmt": "ALTER DEFAULT PRIVILEGES", "AlterTsconfigurationStmt": "ALTER TEXT SEARCH CONFIGURATION",
	"AlterTsdictionaryStmt": "ALTER TEXT SEARCH DICTIONARY", "ConstraintsSetStmt": "SET CONSTRAINTS", "SecLabelStmt": "SECURITY LABEL",
	"ReplicaIdentityStmt": "ALTER TABLE", "RefreshMatViewStmt": "REFRESH MATERIALIZED VIEW", "CheckPointStmt": "CHECKPOINT",
	"ClosePortalStmt": "CLOSE CURSOR", "ReassignOwnedStmt": "REASSIGN OWNED",
}

func (s *Statement) nodeName() string {
	m := s.Root.ProtoReflect()
	fd := m.WhichOneof(m.Descriptor().Oneofs().Get(0))
	if fd == nil {
		return ""
	}
	return string(fd.Message().Name())
}

// Tag is the statement's command tag as PostgreSQL says it, without a count: SELECT, SET, BEGIN, CREATE SERVER.
func (s *Statement) Tag() string {
	if s.Root == nil {
		return ""
	}
	switch n := s.Root.Node.(type) {
	case *NodeVariableSetStmt:
		if n.VariableSetStmt.Kind == VarReset || n.VariableSetStmt.Kind == VarResetAll {
			return "RESET"
		}
		return "SET"
	case *NodeTransactionStmt:
		return transactionTag(n.TransactionStmt.Kind)
	case *NodeGrantStmt:
		if !n.GrantStmt.IsGrant {
			return "REVOKE"
		}
		return "GRANT"
	case *NodeSelectStmt:
		if n.SelectStmt.IntoClause != nil {
			return "SELECT INTO"
		}
	case *NodeDropStmt:
		return "DROP " + objectWord(n.DropStmt.RemoveType)
	case *NodeAlterTableStmt:
		return "ALTER " + objectWord(n.AlterTableStmt.Objtype)
	}
	name := s.nodeName()
	if t := s.foreignTag(name); t != "" {
		return t
	}
	if t := otherTags[name]; t != "" {
		return t
	}
	if t := ddlTags[name]; t != "" {
		return t
	}
	return spaced(strings.TrimSuffix(name, "Stmt"))
}

// foreignTag is the tag of statements that the engine has no use for, where one node stands for several commands.
func (s *Statement) foreignTag(name string) string {
	switch {
	case name == "FetchStmt" && s.Root.GetFetchStmt().GetIsmove():
		return "MOVE"
	case name == "VacuumStmt" && !s.Root.GetVacuumStmt().GetIsVacuumcmd():
		return "ANALYZE"
	case name == "CreateTableAsStmt" && s.Root.GetCreateTableAsStmt().GetObjtype() == ObjectMatview:
		return "CREATE MATERIALIZED VIEW"
	case name == "DefineStmt":
		return "CREATE " + objectWord(s.Root.GetDefineStmt().GetKind())
	case name == "CreateFunctionStmt" && s.Root.GetCreateFunctionStmt().GetIsProcedure():
		return "CREATE PROCEDURE"
	}
	return ""
}

// spaced writes a node's name as a command: "DeclareCursor" is DECLARE CURSOR.
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToUpper(r))
	}
	return b.String()
}

func objectWord(t ObjectType) string {
	return strings.ReplaceAll(strings.TrimPrefix(t.String(), "OBJECT_"), "_", " ")
}

func transactionTag(k TransactionStmtKind) string {
	switch k {
	case TransStmtBegin:
		return "BEGIN"
	case TransStmtStart:
		return "START TRANSACTION"
	case TransStmtCommit:
		return "COMMIT"
	case TransStmtRollback:
		return "ROLLBACK"
	case TransStmtSavepoint:
		return "SAVEPOINT"
	case TransStmtRelease:
		return "RELEASE"
	case TransStmtRollbackTo:
		return "ROLLBACK"
	}
	return "PREPARE TRANSACTION"
}

// Option is one element of an OPTIONS list or of EXPLAIN's: a name and a value, with what ALTER does to it.
type Option struct {
	Name, Value string
	Action      DefElemAction
	Position    int // 1-based character in the text
}

// Options reads a list of DefElem. A value may be a word, a string or a number; without one it is "".
func (s *Statement) Options(list []*Node) []Option {
	out := make([]Option, 0, len(list))
	for _, n := range list {
		if d := n.GetDefElem(); d != nil {
			out = append(out, Option{
				Name: d.Defname, Value: Literal(d.Arg), Action: d.Defaction, Position: s.Position(d.Location),
			})
		}
	}
	return out
}

// Literal is the text of a constant, a word, a (type) name or a list of them joined by commas, "" for nil.
func Literal(n *Node) string {
	if n == nil {
		return ""
	}
	switch v := n.Node.(type) {
	case *NodeString:
		return v.String_.Sval
	case *NodeInteger:
		return itoa(v.Integer.Ival)
	case *NodeFloat:
		return v.Float.Fval
	case *NodeBoolean:
		return boolWord(v.Boolean.Boolval)
	case *NodeTypeName:
		return strings.Join(Names(v.TypeName.Names), ".")
	case *NodeAConst:
		return constText(v.AConst)
	case *NodeTypeCast:
		return Literal(v.TypeCast.Arg)
	case *NodeList:
		return strings.Join(Names(v.List.Items), ", ")
	case *NodeColumnRef:
		return strings.Join(Names(v.ColumnRef.Fields), ".")
	}
	return ""
}

func constText(c *AConst) string {
	if c.Isnull {
		return ""
	}
	if v := c.GetIval(); v != nil {
		return itoa(v.Ival)
	}
	if v := c.GetFval(); v != nil {
		return v.Fval
	}
	if v := c.GetBoolval(); v != nil {
		return boolWord(v.Boolval)
	}
	if v := c.GetBsval(); v != nil {
		return v.Bsval
	}
	return c.GetSval().GetSval()
}

func boolWord(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// Names are the texts of a list of names.
func Names(list []*Node) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = Literal(n)
	}
	return out
}

// RelationName is the name of a table or view as written, one to three parts.
func RelationName(r *RangeVar) []string {
	var out []string
	for _, p := range []string{r.Catalogname, r.Schemaname, r.Relname} {
		if p != "" {
			out = append(out, p)
		}
	}
	return out
}

// ExplainFormat is how EXPLAIN prints.
type ExplainFormat string

// The formats that the engine prints.
const (
	ExplainText ExplainFormat = "text"
	ExplainJSON ExplainFormat = "json"
)

// Explanation is an EXPLAIN statement.
type Explanation struct {
	Analyze, Verbose, Costs, Timing bool
	Format                          ExplainFormat
	Query                           *Statement
}

// Explain reads an EXPLAIN statement; options that the engine does not have are refused.
func (s *Statement) Explain() (*Explanation, error) {
	n := s.Root.GetExplainStmt()
	e := &Explanation{Format: ExplainText, Costs: true, Query: s.Sub(n.GetQuery())}
	for _, o := range s.Options(n.GetOptions()) {
		if o.Name == "format" {
			e.Format = ExplainFormat(strings.ToLower(o.Value))
			if e.Format != ExplainText && e.Format != ExplainJSON {
				return nil, sqlerr.Unsupported("EXPLAIN format " + o.Value).At(o.Position)
			}
			continue
		}
		on, err := truth(o)
		if err != nil {
			return nil, err
		}
		switch o.Name {
		case "analyze":
			e.Analyze, e.Timing = on, on
		case "verbose":
			e.Verbose = on
		case "costs":
			e.Costs = on
		case "timing":
			e.Timing = on
		case "summary", "buffers", "settings", "wal":
			// Accepted for the sake of tools: what they add is of a server that stores tables.
		default:
			return nil, sqlerr.New(sqlerr.SyntaxError, "unrecognized EXPLAIN option %q", o.Name).At(o.Position)
		}
	}
	return e, nil
}

func truth(o Option) (bool, error) {
	switch strings.ToLower(o.Value) {
	case "", "true", "on", "1":
		return true, nil
	case "false", "off", "0":
		return false, nil
	}
	return false, sqlerr.New(sqlerr.SyntaxError, "%s requires a Boolean value", o.Name).At(o.Position)
}

// Setting is a SET, SET LOCAL or RESET.
type Setting struct {
	// Name is lower-case; "" is RESET ALL.
	Name string
	// Values are what was written, one for most settings; nil resets (DEFAULT, RESET).
	Values []string
	Local  bool
}

// Setting reads a SET or RESET. SET TRANSACTION and SESSION CHARACTERISTICS have the name "TRANSACTION" or "SESSION
// CHARACTERISTICS" and the options as Values ("transaction_isolation=…").
func (s *Statement) Setting() Setting {
	n := s.Root.GetVariableSetStmt()
	set := Setting{Name: n.GetName(), Local: n.GetIsLocal()}
	if n.GetKind() != VarSetValue && n.GetKind() != VarSetMulti {
		return set
	}
	set.Values = []string{}
	for _, a := range n.GetArgs() {
		if d := a.GetDefElem(); d != nil {
			set.Values = append(set.Values, d.Defname+"="+Literal(d.Arg))
			continue
		}
		set.Values = append(set.Values, Literal(a))
	}
	return set
}

// Shown is the setting's name of a SHOW, "all" for all of them.
func (s *Statement) Shown() string { return s.Root.GetVariableShowStmt().GetName() }

func itoa(i int32) string { return strconv.FormatInt(int64(i), 10) }
