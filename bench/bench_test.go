package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// TestEverySectionMeasures runs the whole program at a tiny scale: it says nothing of speed, but each comparison checks
// that both sides give as many rows.
func TestEverySectionMeasures(t *testing.T) {
	defer goleak.VerifyNone(t)
	out := t.TempDir()
	cfg, err := parseFlags([]string{"-scale", "0.01", "-rounds", "1", "-out", out, "-queries", "1,3,6"})
	require.NoError(t, err)
	require.NoError(t, run(t.Context(), cfg))
	text, err := os.ReadFile(filepath.Join(out, "results.json"))
	require.NoError(t, err)
	var doc struct{ Results []result }
	require.NoError(t, json.Unmarshal(text, &doc))
	seen := map[string]bool{}
	for _, r := range doc.Results {
		seen[r.Section] = true
		require.Positive(t, r.Skein, r.Name)
		require.Positive(t, r.Other, r.Name)
		require.Positive(t, r.Ratio, r.Name)
	}
	for _, s := range sections {
		require.True(t, seen[s.name], s.name)
	}
	for _, name := range []string{"results.csv", "ratios.svg"} {
		require.FileExists(t, filepath.Join(out, name))
	}
}

func TestFlagsAreChecked(t *testing.T) {
	for _, args := range [][]string{{"-run", "nothing"}, {"-queries", "23"}, {"-queries", "one"}} {
		_, err := parseFlags(args)
		require.Error(t, err, args)
	}
}
