package differential

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// difference says where two answers with rows differ in values, "" when they do not. Rows are compared as a bag when
// order is nil, else their columns of order compare in sequence too.
func difference(got, want *Answer, order *ordering) string {
	if len(got.Names) != len(want.Names) {
		return fmt.Sprintf("%d columns instead of %d", len(got.Names), len(want.Names))
	}
	floats := floatColumns(want)
	if sameRows(got.Rows, want.Rows, floats) == "" {
		return ""
	}
	if len(got.Rows) != len(want.Rows) {
		return fmt.Sprintf("%d rows instead of %d: %s instead of %s", len(got.Rows), len(want.Rows), show(got.Rows), show(want.Rows))
	}
	if d := sameRows(sorted(got.Rows, floats), sorted(want.Rows, floats), floats); d != "" {
		return "as sets of rows, " + d
	}
	if order == nil {
		return ""
	}
	if order.hidden {
		return "the same rows in another order than the keys allow, unless they tie"
	}
	for r := range got.Rows {
		for _, c := range order.columns {
			if !sameCell(got.Rows[r][c], want.Rows[r][c], floats[c]) {
				return fmt.Sprintf("row %d is out of order: %s instead of %s", r+1, got.Rows[r], want.Rows[r])
			}
		}
	}
	return ""
}

// floatColumns says which columns hold floats or arrays and structures of them.
func floatColumns(a *Answer) []bool {
	out := make([]bool, len(a.Names))
	for i, t := range a.Types {
		t = strings.TrimSuffix(t, "[]")
		out[i] = t == "real" || t == "double precision" || t == "record" || t == "point"
	}
	return out
}

func sameRows(got, want [][]Cell, floats []bool) string {
	if len(got) != len(want) {
		return fmt.Sprintf("%d rows instead of %d: %s instead of %s", len(got), len(want), show(got), show(want))
	}
	for r := range got {
		for c := range got[r] {
			if !sameCell(got[r][c], want[r][c], floats[c]) {
				return fmt.Sprintf("row %d, column %d is %s instead of %s", r+1, c+1, got[r][c], want[r][c])
			}
		}
	}
	return ""
}

func sameCell(a, b Cell, float bool) bool {
	if a == b {
		return true
	}
	if a.Null || b.Null || !float {
		return false
	}
	x, y := parts(a.Text), parts(b.Text)
	return slices.EqualFunc(x, y, samePart)
}

// parts splits the text of a float, or of an array or row of floats, into its elements and what stands between them.
func parts(s string) []string {
	var out []string
	start := 0
	for i := range len(s) {
		if strings.IndexByte("{}(), \"", s[i]) >= 0 {
			out = append(out, s[start:i], s[i:i+1])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

// tolerance is the relative difference that floats may have.
const tolerance = 1e-9

func samePart(a, b string) bool {
	if a == b {
		return true
	}
	x, err1 := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil || math.IsInf(x, 0) || math.IsInf(y, 0) || x == 0 && y == 0 {
		return false // texts that differ: a zero keeps its sign
	}
	return math.Abs(x-y) <= tolerance*math.Max(math.Abs(x), math.Abs(y))
}

// sorted orders rows by their text; floats by fewer digits, so that rounding does not move them.
func sorted(rows [][]Cell, floats []bool) [][]Cell {
	type keyed struct {
		key string
		row []Cell
	}
	list := make([]keyed, len(rows))
	for i, row := range rows {
		var b strings.Builder
		for c, v := range row {
			switch {
			case v.Null:
				b.WriteString("\x00n")
			case floats[c]:
				for _, p := range parts(v.Text) {
					if f, err := strconv.ParseFloat(p, 64); err == nil {
						p = strconv.FormatFloat(f, 'e', 6, 64)
					}
					b.WriteString(p)
				}
			default:
				b.WriteString(v.Text)
			}
			b.WriteByte(1)
		}
		list[i] = keyed{b.String(), row}
	}
	slices.SortStableFunc(list, func(a, b keyed) int { return strings.Compare(a.key, b.key) })
	out := make([][]Cell, len(rows))
	for i := range list {
		out[i] = list[i].row
	}
	return out
}

// show is the beginning of rows.
func show(rows [][]Cell) string {
	s := fmt.Sprint(rows)
	if len(s) > 400 {
		s = s[:400] + "…"
	}
	return s
}
