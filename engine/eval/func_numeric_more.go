package eval

import (
	crand "crypto/rand"
	"math/rand/v2"
	"sort"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	table := implementations{
		"width_bucket_array": byDatum(bucketAmong), "drandom": fixed(randomFloats),
		"int4inc": byRow1(func(_ *call, x int32) (int32, error) {
			if x+1 < x {
				return 0, outOfRange(types.Int4T)
			}
			return x + 1, nil
		}),
		"int8inc": byRow1(func(_ *call, x int64) (int64, error) {
			if x+1 < x {
				return 0, outOfRange(types.Int8T)
			}
			return x + 1, nil
		}),
		"int8dec": byRow1(func(_ *call, x int64) (int64, error) {
			if x-1 > x {
				return 0, outOfRange(types.Int8T)
			}
			return x - 1, nil
		}),
		"numeric_inc": byRow1(func(_ *call, x numeric.Num) (numeric.Num, error) { return numeric.Add(x, numeric.FromInt64(1, 0)) }),
	}
	for _, f := range expr.AllFunctions() {
		if sign := extremeSign(f.ID); sign != 0 && f.Kind == expr.Scalar && len(f.Args) == 2 {
			least := 1
			if f.Args[0].Kind == types.Bpchar { // of equal ones the first
				least = 0
			}
			table[f.ID] = byDatum(func(c *call, a []any) (any, error) {
				if sign*datum.Compare(c.args[0], a[0], a[1]) >= least {
					return a[0], nil
				}
				return a[1], nil
			})
		}
	}
	register(table)
}

// extremeSign says whether a function of that ID is the larger (1) or the smaller (-1) of two values.
func extremeSign(id string) int {
	switch {
	case len(id) > 6 && id[len(id)-6:] == "larger":
		return 1
	case len(id) > 7 && id[len(id)-7:] == "smaller":
		return -1
	}
	return 0
}

// bucketAmong is width_bucket(operand, thresholds): how many of the ascending thresholds are not above the operand.
func bucketAmong(c *call, a []any) (any, error) {
	bounds := a[1].([]any)
	for _, b := range bounds {
		switch b.(type) {
		case nil:
			return nil, sqlerr.New(sqlerr.NullNotAllowed, "thresholds array must not contain NULLs")
		case []any:
			return nil, sqlerr.New(sqlerr.ArraySubscript, "thresholds must be one-dimensional array")
		}
	}
	t := c.args[0]
	return int64(sort.Search(len(bounds), func(i int) bool { return datum.Compare(t, a[0], bounds[i]) < 0 })), nil
}

// randomFloats are numbers from 0 to below 1, one a row. Each evaluator has a generator of its own.
func randomFloats(c *call, _ []*vector, out *vector) error {
	r, _ := c.state.(*rand.Rand)
	if r == nil {
		var seed [32]byte
		if _, err := crand.Read(seed[:]); err != nil {
			return sqlerr.New(sqlerr.InternalError, "reading random bytes for random: %w", err)
		}
		r = rand.New(rand.NewChaCha8(seed)) //nolint:gosec // not for secrets: random() is documented so
		c.state = r
	}
	dst := values[float64](out)
	for i := range dst {
		dst[i] = r.Float64()
	}
	return nil
}
