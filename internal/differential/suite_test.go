package differential_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein/internal/differential"
	"github.com/skeinsql/skein/internal/fixture"
)

var (
	allForms    = flag.Bool("all-forms", false, "run every statement under every batch size and number of workers")
	only        = flag.String("statements", "*.sql", "pattern of the files of statements to run")
	reportFile  = flag.String("report", "", "file to write the counts and every difference to")
	updateKnown = flag.Bool("update-known", false, "write testdata/known.txt anew")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(fixture.Main(m)) }

func load(t *testing.T) *differential.Dataset {
	ddl, err := os.ReadFile("testdata/schema.sql")
	require.NoError(t, err)
	d, err := differential.Load(t.Context(), fixture.PostgresURL(t), string(ddl), t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	return d
}

// TestStatementsAnswerAsPostgreSQL runs the statements of testdata.
func TestStatementsAnswerAsPostgreSQL(t *testing.T) {
	d := load(t)
	statements, err := differential.ReadStatements(os.DirFS("testdata/statements"), *only)
	require.NoError(t, err)
	known := readKnown(t)
	var part []differential.Statement
	for i, s := range statements {
		if i%everyth == 0 {
			part = append(part, s)
		}
	}
	results, err := d.Run(t.Context(), part, differential.Options{AllForms: *allForms, Parallel: runtime.GOMAXPROCS(0)})
	require.NoError(t, err)
	for _, r := range results {
		switch {
		case r.Verdict.Bad() && !known.Has(r):
			t.Errorf("%s", r)
		case r.Verdict.Bad():
		case known.Has(r):
			t.Logf("no longer different; remove it from known.txt: %s", r.SQL)
		case r.Unsupported && r.Verdict == differential.Identical && r.Answered:
			t.Logf("now supported: %s", r.SQL)
		}
	}
	report := differential.Count(results)
	text := report.String() + "\n" + differential.Differences(results)
	slices.SortFunc(results, func(a, b differential.Result) int { return cmp.Compare(b.Took, a.Took) })
	for _, r := range results[:min(len(results), 20)] {
		text += fmt.Sprintf("%s for %.300s\n", r.Took, r.SQL)
	}
	t.Logf("\n%s", report)
	if *reportFile != "" {
		require.NoError(t, os.WriteFile(*reportFile, []byte(text), 0o600))
	}
	if *updateKnown {
		require.NoError(t, os.WriteFile(knownFile, []byte(knownHead+differential.KnownOf(results)+"\n"), 0o600))
	}
}

var knownFile = filepath.Join("testdata", "known.txt")

const knownHead = "# Statements that do not answer as PostgreSQL does yet; the suite fails on every other. Remove a line with its fault.\n"

func readKnown(t *testing.T) differential.Known {
	text, err := os.ReadFile(knownFile)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	known, err := differential.ParseKnown(string(text))
	require.NoError(t, err)
	return known
}
