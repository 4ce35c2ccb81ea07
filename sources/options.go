package sources

import (
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// InvalidOptionName is SQLSTATE HV00D: an option that a foreign data wrapper does not know.
const InvalidOptionName = "HV00D"

// UnknownOption is the error for an option name that a kind of source does not know; of says what it was declared on,
// as in "server pay". It suggests the known name that is nearest, and lists them all.
func UnknownOption(of, name string, known []string) *sqlerr.Error {
	e := sqlerr.New(InvalidOptionName, "invalid option %q of %s", name, of)
	if len(known) == 0 {
		return e.WithHint("it has no options")
	}
	list := "the options are " + strings.Join(known, ", ")
	if near := Nearest(name, known); near != "" {
		return e.WithHint("did you mean %s? %s", near, list)
	}
	return e.WithHint("%s", list)
}

// Nearest is the name of a list that a misspelt one was probably meant to be, "" when none is near: letters' case and
// underscores aside, no more than a third of it differs.
func Nearest(name string, known []string) string {
	plain := func(s string) string { return strings.ReplaceAll(strings.ToLower(s), "_", "") }
	best, least := "", len(plain(name))/3+1
	for _, k := range known {
		if d := editDistance(plain(name), plain(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// editDistance is the number of letters to insert, delete, replace or swap with their neighbour (the restricted
// Damerau-Levenshtein distance), by bytes.
func editDistance(a, b string) int {
	var above, row []int
	next := make([]int, len(b)+1)
	for j := range next {
		next[j] = j
	}
	for i := range len(a) {
		above, row = row, next
		next = make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], above[j-1]+1)
			}
		}
	}
	return next[len(b)]
}

// CheckNames refuses, in the order of their names, the first option that is not among the known ones.
func CheckNames(of string, options map[string]string, known []string) error {
	names := make([]string, 0, len(options))
	for name := range options {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(known, name) {
			return UnknownOption(of, name, known)
		}
	}
	return nil
}
