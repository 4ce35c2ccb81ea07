package differential

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Statement is one case: SQL text and what is known of it. Several statements of one case run in one session; the last
// one's answer counts.
type Statement struct {
	SQL     string
	Feature string // the file that it came from
	// Unsupported expects a refusal with 0A000; an answer that is PostgreSQL's is reported as news.
	Unsupported bool
	// PostgresOnly keeps the statement to the tables in PostgreSQL.
	PostgresOnly bool
}

// ReadStatements reads the statements of the files that a pattern matches. In a file, a statement ends with a semicolon
// at the end of a line; lines that begin with -- are comments, except
//
//	-- @unsupported   the next statement must be refused with 0A000
//	-- @postgres      the next statement runs over the tables in PostgreSQL alone
//	-- @script        the next statements, up to a line "-- @end", are one case, run in one session
//	-- @all …         the given words hold for all statements that follow in the file
func ReadStatements(files fs.FS, pattern string) ([]Statement, error) {
	names, err := fs.Glob(files, pattern)
	if err != nil {
		return nil, err
	}
	var out []Statement
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		stmts, err := parseStatements(string(text), strings.TrimSuffix(path.Base(name), ".sql"))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, stmts...)
	}
	return out, nil
}

// reader collects a file's statements.
type reader struct {
	feature string
	all     []string
	next    []string
	lines   []string
	script  bool
	out     []Statement
}

func parseStatements(text, feature string) ([]Statement, error) {
	r := &reader{feature: feature}
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		words := strings.Fields(strings.TrimPrefix(trimmed, "-- "))
		switch {
		case strings.HasPrefix(trimmed, "-- @") && len(r.lines) > 0 && words[0] != "@end":
			return nil, fmt.Errorf("line %d: a directive inside of a statement", i+1)
		case strings.HasPrefix(trimmed, "-- @"):
			r.directive(words)
		case len(r.lines) == 0 && (trimmed == "" || strings.HasPrefix(trimmed, "--")):
		default:
			r.lines = append(r.lines, line)
			if strings.HasSuffix(trimmed, ";") && !r.script {
				r.flush()
			}
		}
	}
	if len(r.lines) > 0 {
		return nil, fmt.Errorf("the last statement does not end with a semicolon")
	}
	return r.out, nil
}

func (r *reader) directive(words []string) {
	switch words[0] {
	case "@all":
		r.all = words[1:]
		for i := range r.all {
			r.all[i] = "@" + strings.TrimPrefix(r.all[i], "@")
		}
	case "@script":
		r.script = true
	case "@end":
		r.script = false
		r.flush()
	default:
		r.next = append(r.next, words...)
	}
}

func (r *reader) flush() {
	words := slices.Concat(r.all, r.next)
	sql := strings.TrimSuffix(strings.TrimSpace(strings.Join(r.lines, "\n")), ";")
	r.out = append(r.out, Statement{
		SQL: sql, Feature: r.feature, Unsupported: slices.Contains(words, "@unsupported"), PostgresOnly: slices.Contains(words, "@postgres"),
	})
	r.lines, r.next = nil, nil
}
