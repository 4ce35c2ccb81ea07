//go:build !cgo

package parse

import (
	"errors"

	pg_query "github.com/pganalyze/pg_query_go/v6"
	wasm "github.com/wasilibs/go-pgquery"
	"github.com/wasilibs/go-pgquery/parser"
)

// grammar runs PostgreSQL's own parser, compiled to WebAssembly. The text has passed the guard.
func grammar(text string) (*pg_query.ParseResult, error) { return wasm.Parse(text) }

func deparse(t *pg_query.ParseResult) (string, error) { return wasm.Deparse(t) }

func fingerprint(text string) (string, error) { return wasm.Fingerprint(text) }

func normalize(text string) (string, error) { return wasm.Normalize(text) }

// grammarError takes a parser's error apart: its message, and the 1-based character it is about.
func grammarError(err error) (message string, char int) {
	var e *parser.Error
	if errors.As(err, &e) {
		return e.Message, e.Cursorpos
	}
	return err.Error(), 0
}
