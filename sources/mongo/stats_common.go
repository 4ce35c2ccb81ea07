package mongo

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/types"
)

// Common values are kept as PostgreSQL's ANALYZE keeps them: those that came twice and more often than the average by a
// quarter, a hundred at most, of no more than wideValue bytes; all of them when the sample shows that there are few.
const (
	mostCommon   = 100
	wideValue    = 64
	aboveAverage = 1.25
)

// remember keeps a value's datum the first time that it comes.
func (c *valueStatistics) remember(h uint64, t byte, v []byte) {
	if _, ok := c.values[h]; ok {
		return
	}
	if d := plainDatum(t, v); d != nil {
		if c.values == nil {
			c.values = map[uint64]any{}
		}
		c.values[h] = d
	}
}

// plainDatum is a value of a type whose datums statistics compare, nil for others.
func plainDatum(t byte, v []byte) any {
	switch t {
	case bsonInt32:
		return int64(int32(binary.LittleEndian.Uint32(v)))
	case bsonInt64:
		return int64(binary.LittleEndian.Uint64(v))
	case bsonDouble:
		if f := math.Float64frombits(binary.LittleEndian.Uint64(v)); !math.IsNaN(f) {
			return f
		}
	case bsonBool:
		return v[0] != 0
	case bsonDate:
		return int64(binary.LittleEndian.Uint64(v)) * 1000
	case bsonString:
		if n := len(v) - 5; n >= 0 && n <= wideValue { // length, bytes, NUL
			return string(v[4 : 4+n])
		}
	}
	return nil
}

// common are the most common values of a column of type t, nil when none stands out.
func (c *valueStatistics) common(t *types.Type, distinct, docs float64) *plan.ValueStats {
	type counted struct {
		value any
		times int
	}
	all := distinct == float64(len(c.times))
	least := max(2, aboveAverage*c.count/max(float64(len(c.times)), 1))
	var found []counted
	for h, times := range c.times {
		d := c.values[h]
		if isDatumOf(t, d) && (float64(times) >= least || all && times > 1) {
			found = append(found, counted{d, times})
		}
	}
	if len(found) == 0 || all && len(found) < len(c.times) && len(c.times) <= mostCommon {
		return nil
	}
	slices.SortFunc(found, func(a, b counted) int { return cmp.Compare(b.times, a.times) })
	out := &plan.ValueStats{}
	for _, f := range found[:min(len(found), mostCommon)] {
		out.Common, out.Frequencies = append(out.Common, f.value), append(out.Frequencies, float64(f.times)/docs)
	}
	return out
}

// isDatumOf says whether v is a datum of t.
func isDatumOf(t *types.Type, v any) bool {
	switch v.(type) {
	case int64:
		return t.IsInteger() || t.Kind == types.Timestamp || t.Kind == types.TimestampTZ
	case float64:
		return t.Kind == types.Float8
	case bool:
		return t.Kind == types.Bool
	case string:
		return t.Kind == types.Text
	}
	return false
}
