package differential

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Verdict says how an answer of Skein stands to PostgreSQL's.
type Verdict uint8

// The verdicts, from best to worst.
const (
	// Identical: the same names and values, or both refuse with one SQLSTATE.
	Identical Verdict = iota
	// Silent: PostgreSQL's own answer depends on the order of rows on disk, or it cannot hold what the statement needs.
	Silent
	// Beyond: PostgreSQL refuses as not supported (0A000) what Skein answers.
	Beyond
	// Unsupported: Skein refuses with 0A000.
	Unsupported
	// NamesDiffer: the values are the same, a column's name is not.
	NamesDiffer
	// TypesDiffer: values and names are the same, a column's type is not.
	TypesDiffer
	// CodesDiffer: both refuse, with different SQLSTATEs.
	CodesDiffer
	// Failed: an error other than 0A000 where PostgreSQL answers.
	Failed
	// Wrong: other values, or an answer where PostgreSQL refuses.
	Wrong
	verdicts
)

func (v Verdict) String() string {
	return [...]string{"identical", "silent", "beyond", "unsupported", "names", "types", "codes", "failed", "wrong"}[v]
}

// Bad says that the verdict is a fault.
func (v Verdict) Bad() bool { return v >= NamesDiffer }

// judge compares Skein's answer with PostgreSQL's; the second result says what differs.
func judge(sql string, got, want *Answer) (Verdict, string) {
	switch {
	case errors.Is(got.Err, errTooLarge) || errors.Is(want.Err, errTooLarge):
		return Silent, "too many rows"
	case got.Err != nil && want.Err != nil && got.Code == want.Code:
		return Identical, ""
	case got.Err != nil && got.Code == sqlerr.FeatureNotSupported:
		return Unsupported, got.Err.Error()
	case got.Err != nil && want.Err != nil:
		return CodesDiffer, fmt.Sprintf("%s %v instead of %v", got.Code, got.Err, want.Err)
	case got.Err != nil:
		return Failed, fmt.Sprintf("refused with %s %v instead of %s", got.Code, got.Err, show(want.Rows))
	case want.Err != nil && want.Code == sqlerr.FeatureNotSupported:
		return Beyond, want.Err.Error()
	case want.Err != nil:
		return Wrong, fmt.Sprintf("answered %s instead of %v", show(got.Rows), want.Err)
	}
	if d := difference(got, want, orderOf(sql, want.Names)); d != "" {
		return Wrong, d
	}
	if !slices.Equal(got.Names, want.Names) {
		return NamesDiffer, fmt.Sprintf("columns %q instead of %q", got.Names, want.Names)
	}
	for i, t := range want.Types {
		if t != "" && got.Types[i] != "" && !sameType(got.Types[i], t) {
			return TypesDiffer, fmt.Sprintf("column %d is %s instead of %s", i+1, got.Types[i], t)
		}
	}
	return Identical, ""
}

func sameType(got, want string) bool {
	return got == want || strings.HasPrefix(want, "record") && strings.HasPrefix(got, "record")
}

// sameAnswer says whether two answers of PostgreSQL are one, for statements whose answer must not depend on where rows
// lie.
func sameAnswer(sql string, a, b *Answer) bool {
	if a.Err != nil || b.Err != nil {
		return a.Err != nil && b.Err != nil && a.Code == b.Code
	}
	order := orderOf(sql, a.Names)
	if order != nil && order.hidden { // then any other sequence is a tie
		return sameRows(a.Rows, b.Rows, floatColumns(a)) == ""
	}
	return difference(a, b, order) == ""
}
