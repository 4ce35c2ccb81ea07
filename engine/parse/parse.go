package parse

import (
	"regexp"
	"strings"
	"unicode/utf8"

	pg_query "github.com/pganalyze/pg_query_go/v6"
	"google.golang.org/protobuf/proto"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Statement is one parsed statement. It is immutable and may be shared; the tree must not be changed.
type Statement struct {
	// Text is the text that Parse or ParseScript was given: positions count in it.
	Text string
	// Root is the statement's node, nil for an empty statement.
	Root *Node
	// Start and End bound the statement in Text, in bytes.
	Start, End int
	// Params is the number of parameters: the placeholders, or the greatest n of $n.
	Params int

	form *rewritten
}

// Parse parses exactly one statement, with or without a semicolon; a text without one gives a Statement whose Root
// is nil. Errors are *sqlerr.Error: 54001 beyond a limit, 42601 with PostgreSQL's message and a position for
// what is no SQL, also for syntax newer than PostgreSQL 15.
func Parse(text string) (*Statement, error) {
	stmts, err := ParseScript(text)
	if err != nil {
		return nil, err
	}
	switch len(stmts) {
	case 0:
		return &Statement{Text: text, form: &rewritten{text: text}}, nil
	case 1:
		return stmts[0], nil
	}
	return nil, sqlerr.New(sqlerr.SyntaxError, "cannot insert multiple commands into a prepared statement")
}

// ParseScript parses the statements of a text, such as a catalog file. The statements share the text, so that
// their positions count in the whole of it.
func ParseScript(text string) ([]*Statement, error) {
	if i := invalidUTF8(text); i >= 0 {
		return nil, sqlerr.New(sqlerr.CharacterNotInRepertoire,
			"invalid byte sequence for encoding \"UTF8\": 0x%02x", text[i]).At(charAt(text, i))
	}
	if err := check(text); err != nil {
		return nil, err
	}
	form, err := placeholders(text)
	if err != nil {
		return nil, err
	}
	if err := checkNumbers(text); err != nil {
		return nil, err
	}
	tree, err := grammar(form.text)
	if err != nil {
		return nil, syntaxError(err, form, text)
	}
	var out []*Statement
	for _, raw := range tree.Stmts {
		s, err := newStatement(text, form, raw)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

func newStatement(text string, form *rewritten, raw *pg_query.RawStmt) (*Statement, error) {
	start := int(raw.StmtLocation)
	end := len(form.text)
	if raw.StmtLen > 0 {
		end = start + int(raw.StmtLen)
	}
	// The parser counts the blanks and comments before a statement to it.
	s := scanner{text: form.text[:end], pos: start}
	first := s.next()
	stmt := &Statement{Text: text, Root: raw.Stmt, Start: form.original(first.start), End: form.original(end), form: form}
	stmt.Params = countParams(raw.Stmt)
	if err := refuseNewer(stmt, raw.Stmt); err != nil {
		return nil, err
	}
	return stmt, nil
}

// placeholderName is how a message quotes what a placeholder was made of.
var placeholderName = regexp.MustCompile(`"\$[0-9]+"`)

func syntaxError(err error, form *rewritten, text string) error {
	msg, char := grammarError(err)
	code := sqlerr.SyntaxError
	switch {
	case strings.Contains(msg, "stack depth") || strings.Contains(msg, "memory exhausted") ||
		strings.Contains(msg, "maximum recursion depth"):
		return sqlerr.New(sqlerr.StatementTooComplex, "the statement is nested too deeply: %s", msg)
	case strings.Contains(msg, "not supported") || strings.Contains(msg, "not yet implemented") ||
		strings.Contains(msg, "not implemented"):
		code = sqlerr.FeatureNotSupported
	case strings.HasPrefix(msg, "frame start") || strings.HasPrefix(msg, "frame end"):
		code = sqlerr.WindowingError // the grammar itself refuses frames that end before they begin
	}
	if form.params > 0 {
		msg = placeholderName.ReplaceAllString(msg, `"?"`)
	}
	e := sqlerr.New(code, "%s", msg)
	if char > 0 {
		return e.At(charAt(text, form.original(form.parsed(char))))
	}
	return e
}

// SQL is the statement's own part of the text, without blanks around it.
func (s *Statement) SQL() string { return strings.TrimSpace(s.Text[s.Start:s.End]) }

// Position is the 1-based character of Text for a node's location, 0 for a node that has none.
func (s *Statement) Position(location int32) int {
	if location < 0 || int(location) > len(s.form.text) {
		return 0
	}
	return charAt(s.Text, s.form.original(int(location)))
}

// Sub is a statement inside of s, such as the query of a view or of EXPLAIN: its positions count in the same text.
func (s *Statement) Sub(root *Node) *Statement {
	c := *s
	c.Root = root
	c.Params = countParams(root)
	return &c
}

// Empty says that there is no statement.
func (s *Statement) Empty() bool { return s.Root == nil }

// treeVersion is the version of the grammar whose trees are written: libpg_query's PG_VERSION_NUM, without which it
// refuses a tree.
const treeVersion = 170007

// Deparse writes a statement's tree as SQL again.
func Deparse(root *Node) (string, error) {
	return deparse(&pg_query.ParseResult{Version: treeVersion, Stmts: []*pg_query.RawStmt{{Stmt: root}}})
}

// DeparseExpr writes an expression as SQL.
func DeparseExpr(e *Node) (string, error) {
	sel := &SelectStmt{
		TargetList:  []*Node{{Node: &NodeResTarget{ResTarget: &ResTarget{Val: e}}}},
		LimitOption: LimitOptionDefault, Op: SetopNone,
	}
	s, err := Deparse(&Node{Node: &NodeSelectStmt{SelectStmt: sel}})
	return strings.TrimPrefix(s, "SELECT "), err
}

// Normalized is the statement with its constants replaced by parameters, and Fingerprint a hash that is equal for
// statements that differ in constants only: what a log may show of a statement.
func (s *Statement) Normalized() (string, error) {
	if s.Root == nil {
		return "", nil
	}
	return normalize(s.parsedSQL())
}

// Fingerprint is a hash of the statement without its constants.
func (s *Statement) Fingerprint() (string, error) { return fingerprint(s.parsedSQL()) }

// parsedSQL is the statement as the grammar was given it.
func (s *Statement) parsedSQL() string {
	if len(s.form.shifts) == 0 {
		return s.Text[s.Start:s.End]
	}
	return s.form.text
}

// Expr is a scalar expression that was parsed on its own, such as a mask or a policy's condition.
type Expr struct {
	Statement *Statement // Root is a SELECT of the one expression
	Node      *Node
}

// ParseExpr parses one scalar expression.
func ParseExpr(text string) (*Expr, error) {
	const prefix = "SELECT "
	form := &rewritten{text: prefix + text, shifts: []shift{{0, 0}, {len(prefix), len(prefix)}}}
	if err := check(text); err != nil {
		return nil, err
	}
	tree, err := grammar(form.text)
	if err != nil {
		return nil, syntaxError(err, form, text)
	}
	bad := sqlerr.New(sqlerr.SyntaxError, "expected one expression")
	if len(tree.Stmts) != 1 {
		return nil, bad
	}
	sel := tree.Stmts[0].Stmt.GetSelectStmt()
	if sel == nil || len(sel.TargetList) != 1 || !bareExpression(sel) {
		return nil, bad
	}
	stmt := &Statement{Text: text, Root: tree.Stmts[0].Stmt, End: len(text), form: form}
	if err := refuseNewer(stmt, stmt.Root); err != nil {
		return nil, err
	}
	return &Expr{Statement: stmt, Node: sel.TargetList[0].GetResTarget().GetVal()}, nil
}

// bareExpression says that sel is SELECT and one unnamed expression, nothing else.
func bareExpression(sel *SelectStmt) bool {
	plain := &SelectStmt{TargetList: sel.TargetList, LimitOption: sel.LimitOption, Op: sel.Op}
	return proto.Equal(plain, sel) && sel.TargetList[0].GetResTarget().GetName() == ""
}

func invalidUTF8(s string) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 {
			return i
		}
		i += n
	}
	return -1
}

// charAt is the 1-based character at byte i.
func charAt(s string, i int) int { return utf8.RuneCountInString(s[:max(0, min(i, len(s)))]) + 1 }
