package differential

import (
	"context"
	"fmt"
	"strings"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/parse"
)

// External runs files of statements that are not this package's own: statements without rows (DDL, INSERT, SET) on
// PostgreSQL alone, queries on both, over the tables of schema public, where bare names resolve. Not for concurrent use;
// Close it.
type External struct {
	d      *Dataset
	oracle *oracle
	stale  bool // tables changed since they were shuffled
}

// OpenExternal connects to a database whose schema public has the tables; statements may make them too.
func OpenExternal(ctx context.Context, url string) (*External, error) {
	db, err := skein.Open(ctx, skein.Source("pg", url), skein.Setting("skein.numeric", "text"), skein.Setting("search_path", "pg.public"))
	if err != nil {
		return nil, err
	}
	o, err := newOracle(ctx, url)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return &External{d: &Dataset{URL: url, DB: db}, oracle: o, stale: true}, nil
}

// Close ends the connections.
func (x *External) Close(ctx context.Context) error {
	if err := x.oracle.close(ctx); err != nil {
		return err
	}
	return x.d.Close()
}

// Run runs the statements of one file; the results are those of its queries. feature is their name in reports. What
// psql understands and SQL does not (\commands, COPY … FROM stdin with its lines) is left out.
func (x *External) Run(ctx context.Context, feature, text string) ([]Result, error) {
	var out []Result
	for _, sql := range Split(text) {
		if !isQuery(sql) {
			if runsHere(sql) {
				if _, err := x.oracle.ask(ctx, schemaFull, sql); err != nil {
					return out, fmt.Errorf("%.80s: %w", sql, err)
				}
				x.stale = true
			}
			continue
		}
		r, err := x.compare(ctx, Statement{SQL: sql, Feature: feature})
		if err != nil {
			return out, fmt.Errorf("%.80s: %w", sql, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func (x *External) compare(ctx context.Context, s Statement) (Result, error) {
	c := newComparison(x.d, x.oracle, Options{Placements: []Placement{Unpushed, Pushed}, Timeout: defaultTimeout}, s)
	c.shuffle = func() error {
		if !x.stale {
			return nil
		}
		for n := 1; n <= copies; n++ {
			if err := shuffle(ctx, x.oracle.conn, schemaFull, shuffled(schemaFull, n)); err != nil {
				return err
			}
		}
		x.stale = false
		return nil
	}
	return c.run(ctx)
}

// isQuery says whether a statement gives rows and changes nothing; text that does not parse is one, as PostgreSQL and
// Skein must refuse it alike.
func isQuery(sql string) bool {
	stmts, err := parse.ParseScript(sql)
	if err != nil {
		word, _, _ := strings.Cut(strings.ToUpper(strings.TrimLeft(sql, "( \n\t")), " ")
		return word == "SELECT" || word == "VALUES" || word == "WITH" || word == "TABLE"
	}
	if len(stmts) != 1 || stmts[0].Root.GetSelectStmt() == nil {
		return false
	}
	changes := stmts[0].Root.GetSelectStmt().GetIntoClause() != nil
	parse.Visit(stmts[0].Root, func(node any) bool {
		switch node.(type) {
		case *parse.InsertStmt, *parse.UpdateStmt, *parse.DeleteStmt:
			changes = true
		}
		return !changes
	})
	return !changes
}

// runsHere says whether PostgreSQL can run a statement over a connection without lines of data beside it.
func runsHere(sql string) bool {
	upper := strings.ToUpper(strings.TrimSpace(sql))
	return !strings.HasPrefix(upper, "COPY") && !strings.HasPrefix(upper, "CREATE DATABASE") && !strings.HasPrefix(upper, "DROP DATABASE")
}

// Split cuts a script as psql does: at semicolons outside of quotes, comments and dollar quotes. Lines of backslash
// commands, and the lines of data after COPY … FROM stdin, are left out.
func Split(text string) []string {
	var out []string
	var b strings.Builder
	depth := 0
	flush := func() {
		if s := strings.TrimSpace(b.String()); s != "" {
			out = append(out, s)
		}
		b.Reset()
	}
	for i := 0; i < len(text); {
		rest := text[i:]
		n := 1
		switch {
		case strings.HasPrefix(rest, "--"):
			i += lineEnd(rest)
			continue
		case strings.HasPrefix(rest, "/*"):
			i += commentEnd(rest)
			b.WriteByte(' ')
			continue
		case rest[0] == '\\' && strings.TrimSpace(b.String()) == "" || rest[0] == '\\' && (i == 0 || text[i-1] == '\n'):
			i += lineEnd(rest)
			continue
		case rest[0] == '\'' || rest[0] == '"':
			n = quoteEnd(rest, i > 0 && (text[i-1] == 'e' || text[i-1] == 'E'))
		case rest[0] == '$':
			n = dollarEnd(rest)
		case rest[0] == '(':
			depth++
		case rest[0] == ')':
			depth--
		case rest[0] == ';' && depth <= 0:
			copying := strings.HasPrefix(strings.ToUpper(strings.TrimSpace(b.String())), "COPY") && strings.Contains(strings.ToUpper(b.String()), "FROM STDIN")
			flush()
			depth = 0
			i++
			if copying {
				i += dataEnd(text[i:])
			}
			continue
		}
		b.WriteString(rest[:n])
		i += n
	}
	flush()
	return out
}

func lineEnd(s string) int {
	if n := strings.IndexByte(s, '\n'); n >= 0 {
		return n
	}
	return len(s)
}

func commentEnd(s string) int {
	depth := 0
	for i := 0; i+1 < len(s); i++ {
		switch s[i : i+2] {
		case "/*":
			depth++
			i++
		case "*/":
			i++
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

func quoteEnd(s string, escapes bool) int {
	for i := 1; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

func dollarEnd(s string) int {
	n := strings.IndexByte(s[1:], '$')
	if n < 0 || strings.ContainsAny(s[1:n+1], " \n\t;,()'\"+-=") {
		return 1
	}
	tag := s[:n+2]
	if end := strings.Index(s[len(tag):], tag); end >= 0 {
		return end + 2*len(tag)
	}
	return 1
}

// dataEnd is where the lines of COPY's data end, with the line \. behind them.
func dataEnd(s string) int {
	if n := strings.Index(s, "\n\\."); n >= 0 {
		return n + 3
	}
	return 0
}
