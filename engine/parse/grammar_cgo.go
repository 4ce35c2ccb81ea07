//go:build cgo

package parse

import (
	"errors"

	pg_query "github.com/pganalyze/pg_query_go/v6"
	"github.com/pganalyze/pg_query_go/v6/parser"
)

// grammar runs PostgreSQL's own parser. The text has passed the guard.
func grammar(text string) (*pg_query.ParseResult, error) { return pg_query.Parse(text) }

func deparse(t *pg_query.ParseResult) (string, error) { return pg_query.Deparse(t) }

func fingerprint(text string) (string, error) { return pg_query.Fingerprint(text) }

func normalize(text string) (string, error) { return pg_query.Normalize(text) }

// grammarError takes a parser's error apart: its message, and the 1-based character it is about.
func grammarError(err error) (message string, char int) {
	var e *parser.Error
	if errors.As(err, &e) {
		return e.Message, e.Cursorpos
	}
	return err.Error(), 0
}
