package bind_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// TestRecorded compares what the binder says of many statements with what PostgreSQL 15 said of them: the columns' names
// and types and the parameters' types, or the SQLSTATE and the position. testdata/statements.sql has one statement a
// line; testdata/recorded.txt has PostgreSQL's answers, and is written anew from the server that
// SKEIN_RECORD_PG_URL names.
func TestRecorded(t *testing.T) {
	statements := readStatements(t)
	if url := os.Getenv("SKEIN_RECORD_PG_URL"); url != "" {
		record(t, url, statements)
	}
	recorded := readRecorded(t)
	cat := newCatalog(read(t, "testdata/schema.sql"))
	refused := 0
	for _, sql := range statements {
		want, ok := recorded[sql]
		require.True(t, ok, "not recorded: %s", sql)
		got := describe(sql, cat)
		if strings.HasPrefix(got, "error 0A000") || strings.HasPrefix(got, "error 25006") && !strings.HasPrefix(want, "error") {
			refused++
			t.Logf("refused: %s: %s", sql, got)
			continue
		}
		if got != want {
			t.Errorf("%s\n  PostgreSQL %s\n  here       %s", sql, want, got)
		}
	}
	t.Logf("%d statements, %d refused as unsupported", len(statements), refused)
	require.LessOrEqual(t, refused, len(statements)/8, "too much is refused")
}

func read(t *testing.T, name string) string {
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(b)
}

func readStatements(t *testing.T) []string {
	var out []string
	for line := range strings.SplitSeq(read(t, "testdata/statements.sql"), "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--") {
			out = append(out, line)
		}
	}
	return out
}

func readRecorded(t *testing.T) map[string]string {
	out := map[string]string{}
	for entry := range strings.SplitSeq(strings.TrimSpace(read(t, "testdata/recorded.txt")), "\n\n") {
		sql, answer, _ := strings.Cut(entry, "\n")
		out[sql] = answer
	}
	return out
}

// describe is the binder's answer in the recorded form.
func describe(sql string, cat bind.Catalog) string {
	stmt, err := parse.Parse(sql)
	if err != nil {
		return failure(err)
	}
	b, err := bind.Bind(context.Background(), stmt, cat, bind.Options{})
	if err != nil {
		return failure(err)
	}
	var cols, params []string
	for _, c := range b.Columns {
		cols = append(cols, c.Name+" "+c.Type.String())
	}
	for _, p := range b.Params {
		params = append(params, p.String())
	}
	return answer(cols, params)
}

func answer(cols, params []string) string {
	s := strings.Join(cols, " | ")
	if len(cols) == 0 {
		s = "no columns"
	}
	if len(params) > 0 {
		s += " || " + strings.Join(params, ", ")
	}
	return s
}

func failure(err error) string {
	var e *sqlerr.Error
	if !errors.As(err, &e) {
		return "error without SQLSTATE: " + err.Error()
	}
	return fmt.Sprintf("error %s at %d: %s", e.Code, e.Position, e.Message)
}

// record asks PostgreSQL.
func record(t *testing.T, url string, statements []string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"+read(t, "testdata/schema.sql"))
	require.NoError(t, err)
	var b strings.Builder
	for _, sql := range statements {
		fmt.Fprintf(&b, "%s\n%s\n\n", sql, ask(ctx, conn, sql))
	}
	require.NoError(t, os.WriteFile("testdata/recorded.txt", []byte(b.String()), 0o644))
}

func ask(ctx context.Context, conn *pgx.Conn, sql string) string {
	d, err := conn.Prepare(ctx, "", sql)
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return fmt.Sprintf("error %s at %d: %s", e.Code, e.Position, e.Message)
	}
	if err != nil {
		return "error: " + err.Error()
	}
	var cols, params []string
	for _, f := range d.Fields {
		typ := types.ByOID(f.DataTypeOID, f.TypeModifier)
		name := fmt.Sprintf("oid %d", f.DataTypeOID)
		if typ != nil {
			name = typ.String()
		}
		cols = append(cols, f.Name+" "+name)
	}
	for _, p := range d.ParamOIDs {
		params = append(params, types.ByOID(p, -1).String())
	}
	return answer(cols, params)
}
