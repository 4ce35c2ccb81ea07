package bind_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// FuzzBind: whatever parses gives a plan or an error with a SQLSTATE.
func FuzzBind(f *testing.F) {
	statements, err := os.ReadFile("testdata/statements.sql")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.SplitSeq(string(statements), "\n") {
		f.Add(line)
	}
	ddl, err := os.ReadFile("testdata/schema.sql")
	if err != nil {
		f.Fatal(err)
	}
	cat := newCatalog(string(ddl))
	f.Fuzz(func(t *testing.T, sql string) {
		stmt, err := parse.Parse(sql)
		if err != nil || stmt.Command() != parse.Query {
			return
		}
		b, err := bind.Bind(context.Background(), stmt, cat, bind.Options{})
		var e *sqlerr.Error
		if err != nil {
			if !errors.As(err, &e) || e.Code == sqlerr.InternalError {
				t.Fatalf("%s: %v", sql, err)
			}
			return
		}
		checkPlan(t, b)
	})
}
