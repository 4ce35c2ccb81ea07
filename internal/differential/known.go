package differential

import (
	"fmt"
	"slices"
	"strings"
)

// Known are the statements that are known to differ, by their text on one line. The suite fails on others only.
type Known map[string]Verdict

// ParseKnown reads lines of a verdict and a statement; lines that begin with # are comments.
func ParseKnown(text string) (Known, error) {
	k := Known{}
	for i, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, sql, ok := strings.Cut(line, "\t")
		at := slices.IndexFunc(Verdicts, func(v Verdict) bool { return v.String() == word })
		if !ok || at < 0 {
			return nil, fmt.Errorf("line %d is not a verdict, a tab and a statement", i+1)
		}
		k[sql] = Verdicts[at]
	}
	return k, nil
}

// Verdicts are all of them.
var Verdicts = []Verdict{Identical, Silent, Beyond, Unsupported, NamesDiffer, TypesDiffer, CodesDiffer, Failed, Wrong}

// Has says whether a result is a known difference.
func (k Known) Has(r Result) bool { _, ok := k[flat(r.SQL)]; return ok }

// KnownOf writes the differences among results in the form that ParseKnown reads.
func KnownOf(results []Result) string {
	var lines []string
	for _, r := range results {
		if r.Verdict.Bad() {
			lines = append(lines, r.Verdict.String()+"\t"+flat(r.SQL))
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n")
}

func flat(sql string) string { return strings.Join(strings.Fields(sql), " ") }
