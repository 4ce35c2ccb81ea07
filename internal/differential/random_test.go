package differential_test

import (
	"context"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/differential"
	"github.com/skeinsql/skein/internal/seed"
)

var (
	randomSeed  = flag.Uint64("random-seed", 0, "seed of the random statements; 0 is a fixed one where CI is set, else another in every run")
	randomCount = flag.Int("random", 400, "number of random statements")
	randomFor   = flag.Duration("for", 0, "how long random statements run, instead of a number")
)

// TestRandomStatements runs random statements, and makes those that differ small.
func TestRandomStatements(t *testing.T) {
	d := load(t)
	from := *randomSeed
	if from == 0 {
		from = seed.Value()
	}
	t.Logf("seed %d", from)
	g := differential.NewGenerator(from)
	var all []differential.Result
	found := map[string]bool{}
	known := readKnown(t)
	start := time.Now()
	for batch := 0; ; batch++ {
		var trees []*differential.Tree
		var statements []differential.Statement
		for range min(*randomCount/everyth, 100) {
			trees = append(trees, g.Next())
			statements = append(statements, differential.Statement{SQL: trees[len(trees)-1].SQL(), Feature: "random"})
		}
		results, err := d.Run(t.Context(), statements, differential.Options{Parallel: 2})
		require.NoError(t, err)
		all = append(all, results...)
		for i, r := range results {
			if fault(r) {
				report(t, d, trees[i], r, found, known)
			}
		}
		if *randomFor == 0 && len(all) >= *randomCount/everyth || *randomFor > 0 && time.Since(start) > *randomFor || len(found) > 20 {
			break
		}
	}
	t.Logf("\n%s", differential.Count(all))
}

// fault says that a result is one: but where one side meets an error in the data, an order of evaluation that SQL leaves
// open may decide.
func fault(r differential.Result) bool {
	if strings.Contains(r.Detail, "(SQLSTATE 22") || strings.Contains(r.Detail, "(SQLSTATE 21000)") {
		return false
	}
	return r.Verdict.Bad()
}

// report shrinks a statement and fails the test with it, once for each small form that is not known.
func report(t *testing.T, d *differential.Dataset, tree *differential.Tree, r differential.Result, found map[string]bool, known differential.Known) {
	last := r
	small := differential.Shrink(tree, 400, func(sql string) bool {
		results, err := d.Run(context.Background(), []differential.Statement{{SQL: sql, Feature: "random"}}, differential.Options{Placements: []differential.Placement{r.Placement}, Form: &r.Form})
		if err != nil || !fault(results[0]) || results[0].Verdict != r.Verdict {
			return false
		}
		last = results[0]
		return true
	})
	if !found[small.SQL()] {
		found[small.SQL()] = true
		if known.Has(last) {
			return
		}
		t.Errorf("%s\n    from %s", last, r.SQL)
	}
}
