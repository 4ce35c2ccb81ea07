package optimize

import (
	"math"
	"strings"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// compareTo compares a value of the column's statistics with a constant; ok is false when they are no values of one kind.
func (c colStats) compareTo(v, constant any) (sign int, ok bool) {
	x, y := number(v), number(constant)
	if !math.IsNaN(x) && !math.IsNaN(y) {
		switch {
		case x < y:
			return -1, true
		case x > y:
			return 1, true
		}
		return 0, true
	}
	a, ok1 := v.(string)
	b, ok2 := constant.(string)
	if !ok1 || !ok2 || c.kind == nil {
		return 0, false
	}
	if c.kind.Kind == types.Bpchar {
		a, b = strings.TrimRight(a, " "), strings.TrimRight(b, " ")
	}
	return strings.Compare(a, b), true
}

// equalToValue is the part of the rows in which the column has a value: its frequency when it is a common one, else its
// share of what the common ones leave (PostgreSQL's var_eq_const).
func equalToValue(c colStats, value any, unknown float64) float64 {
	if f := number(value); f < c.min || f > c.max {
		return math.Min(unknown, 1/math.Max(1, c.rows))
	}
	if c.values == nil || len(c.values.Common) == 0 {
		return unknown
	}
	sum, least := 0.0, 1.0
	for i, v := range c.values.Common {
		f := c.values.Frequencies[i]
		if sign, ok := c.compareTo(v, value); ok && sign == 0 {
			return f
		}
		sum, least = sum+f, math.Min(least, f)
	}
	rest := math.Max(0, 1-c.nulls-sum) / math.Max(1, c.distinct-float64(len(c.values.Common)))
	return math.Min(rest, least)
}

// rangeSelectivity is the part of the rows in which the column is below or above a constant, by the common values and the
// histogram, else by where the constant lies between the bounds.
func rangeSelectivity(c colStats, k expr.Expr, below bool) float64 {
	lit, ok := k.(*expr.Const)
	if !ok {
		return inequalityGuess
	}
	if lit.Value == nil {
		return 0
	}
	if c.values != nil {
		if f, ok := c.belowValue(lit.Value); ok {
			if !below {
				f = 1 - c.nulls - f
			}
			return math.Min(1, math.Max(f, 1e-4))
		}
	}
	f := (number(lit.Value) - c.min) / (c.max - c.min)
	if math.IsNaN(f) || math.IsInf(f, 0) || c.max == c.min {
		return inequalityGuess
	}
	if !below {
		f = 1 - f
	}
	return math.Min(1, math.Max(f, 0.001)) * (1 - c.nulls)
}

// belowValue is the part of the rows in which the column is below a value (PostgreSQL's scalarineqsel).
func (c colStats) belowValue(value any) (float64, bool) {
	f, common := 0.0, 0.0
	for i, v := range c.values.Common {
		sign, ok := c.compareTo(v, value)
		if !ok {
			return 0, false
		}
		common += c.values.Frequencies[i]
		if sign < 0 {
			f += c.values.Frequencies[i]
		}
	}
	rest := math.Max(0, 1-c.nulls-common)
	if len(c.values.Histogram) < 2 {
		return f, rest < 0.01
	}
	h, ok := c.histogramBelow(c.values.Histogram, value)
	return f + rest*h, ok
}

// histogramBelow is the part of a histogram's values that are below one: whole buckets, and of the one that it lies in the
// part before it.
func (c colStats) histogramBelow(h []any, value any) (float64, bool) {
	low, high := 0, len(h)
	for low < high {
		mid := (low + high) / 2
		sign, ok := c.compareTo(h[mid], value)
		if !ok {
			return 0, false
		}
		if sign < 0 {
			low = mid + 1
		} else {
			high = mid
		}
	}
	switch low {
	case 0:
		return 0, true
	case len(h):
		return 1, true
	}
	return (float64(low-1) + within(h[low-1], h[low], value)) / float64(len(h)-1), true
}

// within is how far a value lies between two others; the middle when they are no numbers.
func within(low, high, value any) float64 {
	a, b, v := number(low), number(high), number(value)
	if f := (v - a) / (b - a); !math.IsNaN(f) && !math.IsInf(f, 0) {
		return math.Min(1, math.Max(0, f))
	}
	return 0.5
}

// enoughValues is how many values of a column are asked before their answer is believed (PostgreSQL asks histograms of
// ten and more, and trusts those of a hundred).
const enoughValues = 30

// sampled answers a condition of a column and constants for the column's common values and its histogram's bounds, which
// are a sample of the others.
func sampled(e *expr.Call, s *stats) (float64, bool) {
	col, ok := e.Args[0].(*expr.Column)
	if !ok {
		return 0, false
	}
	c := s.cols[col.ID]
	if c.values == nil || len(c.values.Common)+len(c.values.Histogram) < enoughValues || !constantIn(e.Args[1]) {
		return 0, false
	}
	if e.Fn.Volatility != expr.Immutable || zoneDependent(e) {
		return 0, false
	}
	return c.answer(func(v any) bool {
		call := &expr.Call{Fn: e.Fn, Args: []expr.Expr{&expr.Const{Typ: col.Typ, Value: v}, e.Args[1]}, Typ: e.Typ}
		got, err := eval.Constant(call, &eval.Env{})
		return err == nil && got == true
	}), true
}

func constantIn(e expr.Expr) bool {
	k, ok := e.(*expr.Const)
	return ok && k.Value != nil
}

func (c colStats) answer(holds func(v any) bool) float64 {
	f, common := 0.0, 0.0
	for i, v := range c.values.Common {
		common += c.values.Frequencies[i]
		if holds(v) {
			f += c.values.Frequencies[i]
		}
	}
	if n := len(c.values.Histogram); n > 0 {
		hits := 0
		for _, v := range c.values.Histogram {
			if holds(v) {
				hits++
			}
		}
		f += math.Max(0, 1-c.nulls-common) * float64(hits) / float64(n)
	}
	return math.Min(1, math.Max(f, 1e-4))
}

// What a pattern passes where no values are known: each fixed character a fifth, and a wildcard before or behind them
// five times as much (PostgreSQL's like_selectivity); at least patternFloor.
const (
	fixedCharacter = 0.20
	wildcard       = 5.0
	patternFloor   = 0.005
)

func patternSelectivity(e *expr.Call) float64 {
	k, ok := e.Args[1].(*expr.Const)
	pattern, isText := "", false
	if ok {
		pattern, isText = k.Value.(string)
	}
	switch {
	case !isText:
		return rangeGuess
	case e.Fn.Name == "~~" || e.Fn.Name == "~~*":
		return likeSelectivity(pattern)
	case e.Fn.Name == "!~~" || e.Fn.Name == "!~~*":
		return 1 - likeSelectivity(pattern)
	}
	return rangeGuess
}

func likeSelectivity(pattern string) float64 {
	f := 1.0
	for _, c := range pattern {
		switch c {
		case '%':
			f *= wildcard
		case '_':
		default:
			f *= fixedCharacter
		}
	}
	return math.Min(1, math.Max(f, patternFloor))
}
