package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDemoAnswersOnce runs the demo as the README does: it prints what the README's transcript says line by line, but for
// times and for the plans, whose joins follow from the estimates of a random sample of documents.
func TestDemoAnswersOnce(t *testing.T) {
	o := runSkein(t, nil, "demo", "--once", "--listen", "127.0.0.1:0")
	require.Equal(t, 0, o.code, o)
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "<!-- transcript -->\n```\n")
	require.True(t, ok)
	shown, _, ok := strings.Cut(rest, "\n```")
	require.True(t, ok)
	printed := strings.Split(strings.TrimRight(o.out, "\n"), "\n")
	plan := false
	for _, line := range strings.Split(shown, "\n") {
		if plan = plan && line != ""; plan {
			continue
		}
		plan = line == "What ran where:"
		want, abbreviated := strings.CutSuffix(line, "…")
		found := strings.TrimSpace(want) == "" && abbreviated // stands for any lines
		for !found {
			require.NotEmpty(t, printed, "the demo does not print, or not here: %s", line)
			got := timeless(printed[0])
			printed = printed[1:]
			found = got == timeless(want) || abbreviated && strings.HasPrefix(got, strings.TrimRight(timeless(want), " "))
		}
	}
	require.Empty(t, strings.TrimSpace(strings.Join(afterPlan(printed), "")), "the transcript goes to the end")

	o = runSkein(t, nil, "demo", "--once", "--listen", "0.0.0.0:0")
	require.Equal(t, 1, o.code)
}

// measured is what differs from run to run.
var measured = regexp.MustCompile(` *[0-9.]+ m?s\b`)

func timeless(line string) string { return strings.TrimRight(measured.ReplaceAllString(line, ""), " ") }

// afterPlan drops the rest of a plan, which the transcript may abbreviate.
func afterPlan(lines []string) []string {
	for len(lines) > 0 && strings.HasPrefix(lines[0], "  ") {
		lines = lines[1:]
	}
	return lines
}
