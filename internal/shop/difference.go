package shop

import (
	"fmt"
	"slices"
	"strings"
)

// Difference says where two answers differ, "" when they are equal. Values compare as text; numbers of different scale
// (1.50 and 1.5) are equal.
func Difference(got, want [][]string) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows instead of %d", len(got), len(want))
	}
	for i := range got {
		if !slices.EqualFunc(got[i], want[i], sameText) {
			return fmt.Sprintf("row %d is %q instead of %q", i+1, got[i], want[i])
		}
	}
	return ""
}

func sameText(a, b string) bool { return a == b || trimZeros(a) == trimZeros(b) }

func trimZeros(s string) string {
	if whole, frac, ok := strings.Cut(s, "."); ok && strings.Trim(whole, "-0123456789") == "" && strings.Trim(frac, "0123456789") == "" {
		return strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
