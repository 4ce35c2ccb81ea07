package exec

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// movers are the operators that move a key by an interval, and the key as they take it (a date is a timestamp then); ""
// for keys that [windowStream.rangeValues] moves itself.
func movers(key expr.Expr) (plus, minus string, moved expr.Expr) {
	switch key.Type().Kind {
	case types.Date:
		return "timestamp_pl_interval", "timestamp_mi_interval", &expr.Cast{Arg: key, Typ: types.TimestampT}
	case types.Timestamp:
		return "timestamp_pl_interval", "timestamp_mi_interval", key
	case types.TimestampTZ:
		return "timestamptz_pl_interval", "timestamptz_mi_interval", key
	case types.Interval:
		return "interval_pl", "interval_mi", key
	}
	return "", "", key
}

// rangeValues compares each row's order key with the keys moved by the frame's offsets (PostgreSQL's in_range).
type rangeValues struct {
	direction
	key   orderKey
	moved [2]movedKey
}

// movedKey is the key of each row moved by an offset. beyond says where it has no value: -1 it is below all keys, 1
// above all, everywhere that every key is in range.
type movedKey struct {
	key    orderKey
	beyond []int8
}

const everywhere int8 = 2

func (s *windowStream) rangeValues(offsets [2]any) (*rangeValues, error) {
	r := &rangeValues{direction: s.order[0].dir}
	col, err := s.inOrder(s.byValue.key)
	if err != nil {
		return nil, err
	}
	t := s.order[0].typ
	if t.Kind == types.Date {
		t = types.TimestampT
	}
	m := mover{t: t, col: col, null: nullsOf(col)}
	if r.key, err = m.keys(); err != nil {
		return nil, err
	}
	if err := s.ledger.add(int64(40 * s.layout.n)); err != nil {
		return nil, err
	}
	for i, b := range []plan.Bound{s.node.Frame.Start, s.node.Frame.End} {
		if b.Offset == nil {
			continue
		}
		if m.some() && !validOffset(t, offsets[i]) {
			return nil, sqlerr.New(invalidFrameSize, "invalid preceding or following size in window function")
		}
		if ord := s.byValue.moved[i]; ord >= 0 {
			a, err := s.inOrder(ord)
			if err != nil {
				return nil, err
			}
			if r.moved[i].key, err = newOrderKey(a, t, direction{}); err != nil {
				return nil, err
			}
			continue
		}
		if r.moved[i], err = m.move(offsets[i], (b.Kind == plan.Preceding) != r.desc); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// validOffset says whether an offset is a size: not negative, and a number.
func validOffset(t *types.Type, v any) bool {
	switch v := v.(type) {
	case int64:
		return v >= 0
	case float64:
		return v >= 0
	case *apd.Decimal:
		n := numeric.FromApd(v)
		return n.Class == numeric.PosInf || n.Class == numeric.Finite && !n.Neg
	case datum.Interval:
		if t.Kind == types.Time || t.Kind == types.TimeTZ { // months and days move no time of day
			return v.Micros >= 0
		}
		return datum.CompareInterval(v, datum.Interval{}) >= 0
	}
	return false
}

// mover moves an order key's values by a number.
type mover struct {
	t    *types.Type
	col  arrow.Array
	null []bool
}

// some says whether any key is not NULL.
func (m *mover) some() bool { return m.col.NullN() < m.col.Len() }

// keys are the values themselves in the form of the moved ones.
func (m *mover) keys() (orderKey, error) {
	if m.t.Kind == types.Numeric {
		return m.numbers(func(n numeric.Num) (numeric.Num, int8, error) { return n, 0, nil }, nil)
	}
	return newOrderKey(m.col, m.t, direction{})
}

// move adds or takes away an offset, as in_range of PostgreSQL for each type.
func (m *mover) move(offset any, minus bool) (movedKey, error) {
	out := movedKey{beyond: make([]int8, m.col.Len())}
	switch off := offset.(type) {
	case int64:
		out.key = orderKey{null: m.null, words: m.moveWords(off, minus, out.beyond)}
	case datum.Interval:
		if m.t.Kind == types.TimeTZ {
			var err error
			out.key, err = m.moveZoned(off.Micros, minus, out.beyond)
			return out, err
		}
		out.key = orderKey{null: m.null, words: m.moveWords(off.Micros, minus, out.beyond)}
	case float64:
		out.key = orderKey{null: m.null, words: m.moveFloats(off, minus, out.beyond)}
	case *apd.Decimal:
		var err error
		out.key, err = m.moveNumbers(numeric.FromApd(off), minus, out.beyond)
		return out, err
	}
	return out, nil
}

// moveWords moves integers; a sum that overflows lies beyond all keys.
func (m *mover) moveWords(off int64, minus bool, beyond []int8) []uint64 {
	words := wordsOf(m.col.Data(), m.t, m.null)
	out := make([]uint64, len(words))
	for i, w := range words {
		v := int64(w)
		sum, over := v+off, int8(1)
		wraps := sum < v
		if minus {
			sum, over = v-off, -1
			wraps = sum > v
		}
		if wraps {
			beyond[i] = over
		}
		out[i] = uint64(sum) ^ signBit
	}
	return out
}

// moveZoned moves times with a zone, whose keys are two words: the time in UTC, and the zone.
func (m *mover) moveZoned(off int64, minus bool, beyond []int8) (orderKey, error) {
	k, err := m.keys()
	if err != nil {
		return k, err
	}
	k.data = slices.Clone(k.data)
	for i := range m.col.Len() {
		if m.null != nil && m.null[i] {
			continue
		}
		at := k.data[k.offs[i]:]
		v := int64(binary.BigEndian.Uint64(at) ^ signBit)
		sum, wraps := v+off, off > 0 && v > math.MaxInt64-off
		if minus {
			sum, wraps = v-off, false
		}
		if wraps {
			beyond[i] = 1
		}
		binary.BigEndian.PutUint64(at, uint64(sum)^signBit)
	}
	return k, nil
}

// moveFloats moves floats: NaN stays the largest, and where an infinity moved by infinity would be NaN all is in range.
func (m *mover) moveFloats(off float64, minus bool, beyond []int8) []uint64 {
	if minus {
		off = -off
	}
	words := wordsOf(m.col.Data(), m.t, m.null)
	moved := make([]float64, len(words))
	for i, w := range words {
		v := math.Float64frombits(w)
		moved[i] = v + off
		if math.IsNaN(moved[i]) && !math.IsNaN(v) {
			beyond[i] = everywhere
		}
	}
	return orderWords(float8Words(moved), types.Float8T)
}

func (m *mover) moveNumbers(off numeric.Num, minus bool, beyond []int8) (orderKey, error) {
	if minus {
		off = off.Negate()
	}
	return m.numbers(func(n numeric.Num) (numeric.Num, int8, error) {
		sum, err := numeric.Add(n, off)
		if sum.Class == numeric.NaN && n.Class != numeric.NaN {
			return sum, everywhere, err
		}
		return sum, 0, err
	}, beyond)
}

// numbers is a key of what f makes of each value.
func (m *mover) numbers(f func(numeric.Num) (numeric.Num, int8, error), beyond []int8) (orderKey, error) {
	k := orderKey{null: m.null, numbers: true, offs: make([]int32, m.col.Len()+1)}
	for i := range m.col.Len() {
		if m.null == nil || !m.null[i] {
			n, where, err := f(numericAt(m.col, m.t, i))
			if err != nil {
				return k, err
			}
			if beyond != nil {
				beyond[i] = where
			}
			k.data = numeric.Append(k.data, n)
			if len(k.data) > math.MaxInt32 {
				return k, tooLong(len(k.data))
			}
		}
		k.offs[i+1] = int32(len(k.data))
	}
	return k, nil
}

// reaches says whether row j's key lies on the frame's side of row i's bound: the side of the head for 0, of the tail
// for 1. NULLs are in range of NULLs alone, and lie where the order puts them.
func (r *rangeValues) reaches(side int, j, i int32) bool {
	jn, in := r.key.null != nil && r.key.null[j], r.key.null != nil && r.key.null[i]
	if jn || in {
		// Before the frame of a NULL lie the values when NULLs come last; behind that of a value lie the NULLs then.
		if (side == 0) == r.nullsFirst {
			return !jn || in
		}
		return jn || !in
	}
	m := &r.moved[side]
	var c int
	where := int8(0)
	if m.beyond != nil {
		where = m.beyond[i]
	}
	switch where {
	case everywhere:
		if !r.nan(j) {
			return true
		}
		c = 1
	case 0:
		c = r.key.compare(j, &m.key, i)
	default:
		c = -int(where)
	}
	if (side == 0) == r.desc {
		return c <= 0
	}
	return c >= 0
}

// nan says whether row j's key, which is of a type with infinities, is NaN.
func (r *rangeValues) nan(j int32) bool {
	if r.key.numbers {
		return numeric.Decode(r.key.data[r.key.offs[j]:r.key.offs[j+1]]).Class == numeric.NaN
	}
	return r.key.words[j] == math.Float64bits(math.NaN())|signBit
}

// heads moves the frames' heads on through a partition's rows, as PostgreSQL does.
func (r *rangeValues) heads(head []int32, start, end int32) {
	h := start
	for i := start; i < end; i++ {
		for h < end && !r.reaches(0, h, i) {
			h++
		}
		head[i] = h
	}
}

// tails moves the frames' tails on: up to the first row out of reach.
func (r *rangeValues) tails(tail []int32, start, end int32) {
	t := start
	for i := start; i < end; i++ {
		for t < end && r.reaches(1, t, i) {
			t++
		}
		tail[i] = t
	}
}
