package differential

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Report counts results by feature and verdict.
type Report struct {
	counts map[string]*[verdicts]int
	runs   int
}

// Count makes a report of results.
func Count(results []Result) *Report {
	r := &Report{counts: map[string]*[verdicts]int{}}
	for _, res := range results {
		if r.counts[res.Feature] == nil {
			r.counts[res.Feature] = &[verdicts]int{}
		}
		r.counts[res.Feature][res.Verdict]++
		r.runs += res.Runs
	}
	return r
}

// Total is the number of statements with a verdict.
func (r *Report) Total(v Verdict) int {
	n := 0
	for _, c := range r.counts {
		n += c[v]
	}
	return n
}

// String is a table: a line per feature, a column per verdict.
func (r *Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%-26s %10s", "feature", "statements")
	for v := range verdicts {
		fmt.Fprintf(&b, " %11s", v)
	}
	b.WriteByte('\n')
	var sum [verdicts]int
	for _, feature := range slices.Sorted(maps.Keys(r.counts)) {
		c := r.counts[feature]
		line(&b, feature, c)
		for v := range sum {
			sum[v] += c[v]
		}
	}
	line(&b, "all", &sum)
	fmt.Fprintf(&b, "%d runs\n", r.runs)
	return b.String()
}

func line(b *strings.Builder, name string, c *[verdicts]int) {
	n := 0
	for _, k := range c {
		n += k
	}
	fmt.Fprintf(b, "%-26s %10d", name, n)
	for _, k := range c {
		fmt.Fprintf(b, " %11d", k)
	}
	b.WriteByte('\n')
}

// String describes a result that is worth reading: where, what and how.
func (r Result) String() string {
	return fmt.Sprintf("%s (%s, %s, %s)\n    %s\n    %s\n    got  %s\n    want %s", r.Verdict, r.Feature, r.Placement, r.Form, strings.ReplaceAll(r.SQL, "\n", "\n    "), r.Detail, r.Got, r.Want)
}

// Differences describes every result that is not identical.
func Differences(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		if r.Verdict != Identical {
			fmt.Fprintf(&b, "%s\n\n", r)
		}
	}
	return b.String()
}
