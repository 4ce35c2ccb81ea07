package eval

import (
	"encoding/binary"
	"math"

	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// memberSet is the constant part of an IN list.
type memberSet struct {
	built bool
	size  int
	null  bool // the list holds NULL
	few   *vector
	words map[int64]struct{}
	bytes map[string]struct{}
	key   []byte
}

// fewMembers is the longest list that is compared value by value: eight comparisons cost less than one hash look-up
// (BenchmarkIn).
const fewMembers = 8

// build evaluates the list once.
func (m *memberSet) build(s *scratch, t *types.Type, list []node) error {
	if m.built {
		return nil
	}
	one := &frame{prog: &program{}, n: 1}
	var ds []any
	for _, n := range list {
		v, err := n.eval(s, one)
		if err != nil {
			return err
		}
		if d := datumAt(v, 0); d == nil {
			m.null = true
		} else {
			ds = append(ds, d)
		}
	}
	all := &vector{}
	all.reset(t, len(ds))
	if err := storeDatums(all, t, ds); err != nil {
		return err
	}
	m.size = len(ds)
	if m.null {
		m.size++
	}
	m.fill(all)
	m.built = true
	return nil
}

// fill chooses the form of the set.
func (m *memberSet) fill(all *vector) {
	switch {
	case (wordKeys(all.typ) || byBytes(all.typ) && all.typ.Kind != types.Bpchar) && all.n <= fewMembers:
		m.few = all
	case wordKeys(all.typ):
		m.words = make(map[int64]struct{}, all.n)
		for i := range all.n {
			m.words[wordKey(all, i)] = struct{}{}
		}
	default:
		m.bytes = make(map[string]struct{}, all.n)
		for i := range all.n {
			m.bytes[string(appendKey(nil, all, i))] = struct{}{}
		}
	}
}

// test sets dst's bits for the members among v's n rows; what NULL rows get is unspecified.
func (m *memberSet) test(dst []uint64, v *vector, n int) {
	clear(dst)
	switch {
	case m.few != nil:
		m.testFew(dst, v, n)
	case m.words != nil:
		for i := range n {
			if _, ok := m.words[wordKey(v, v.at(i))]; ok {
				setBit(dst, i, true)
			}
		}
	case len(m.bytes) == 0: // also for types without keys, whose values are compared one by one
	default:
		for i := range n {
			if v.null(i) {
				continue
			}
			m.key = appendKey(m.key[:0], v, v.at(i))
			if _, ok := m.bytes[string(m.key)]; ok {
				setBit(dst, i, true)
			}
		}
	}
}

// testFew compares with each member in turn.
func (m *memberSet) testFew(dst []uint64, v *vector, n int) {
	hit := make([]uint64, words(n))
	for k := range m.few.n {
		switch s, width := shapeOf(v.typ); {
		case v.konst:
			if sameValue(v, m.few, k) {
				fill(dst, ^uint64(0))
			}
			continue
		case s == bytesShape:
			eqBytesTo(hit, v, m.few.str(k))
		case width == 2:
			kernels.EqualTo(hit, values[int16](v), values[int16](m.few)[k])
		case width == 4:
			kernels.EqualTo(hit, values[int32](v), values[int32](m.few)[k])
		default:
			kernels.EqualTo(hit, values[int64](v), values[int64](m.few)[k])
		}
		for i := range dst {
			dst[i] |= hit[i]
		}
	}
}

// sameValue says whether the constant v is value k of few.
func sameValue(v, few *vector, k int) bool {
	if s, _ := shapeOf(v.typ); s == bytesShape {
		return v.str(0) == few.str(k)
	}
	return wordKey(v, 0) == wordKey(few, k)
}

// wordKeys says whether equal values of t are equal as integers of their width.
func wordKeys(t *types.Type) bool {
	switch t.Kind {
	case types.Int2, types.Int4, types.Int8, types.OID, types.Enum, types.Date, types.Time, types.Timestamp,
		types.TimestampTZ, types.Money:
		return true
	case types.Numeric:
		return t.NumericStorage() == types.Decimal64
	}
	return false
}

func wordKey(v *vector, i int) int64 {
	switch _, width := shapeOf(v.typ); width {
	case 2:
		return int64(values[int16](v)[i])
	case 4:
		return int64(values[int32](v)[i])
	}
	return values[int64](v)[i]
}

// keyable says whether [appendKey] takes values of t.
func keyable(t *types.Type) bool {
	switch t.Kind {
	case types.Array, types.Composite, types.Record, types.JSONB, types.JSON, types.TimeTZ, types.Range, types.Multirange, types.Inet, types.Opaque:
		return false
	}
	return true
}

// appendKey adds bytes that are equal exactly for equal values.
func appendKey(dst []byte, v *vector, i int) []byte {
	switch v.typ.Kind {
	case types.Bool:
		if bitAt(v.bits, i) {
			return append(dst, 1)
		}
		return append(dst, 0)
	case types.Float4:
		return floatKey(dst, float64(values[float32](v)[i]))
	case types.Float8:
		return floatKey(dst, values[float64](v)[i])
	case types.Bpchar:
		return append(dst, trimBlanks(v.data[v.offs[i]:v.offs[i+1]])...)
	case types.Interval:
		var w [1]kernels.Int128
		one := vector{typ: v.typ, n: 1, fixed: v.fixed[16*i : 16*i+16]}
		intervalWide(w[:], &one)
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(dst, w[0].Lo), uint64(w[0].Hi))
	case types.Numeric:
		if v.typ.NumericStorage() == types.VarNumeric {
			return numeric.AppendKey(dst, v.data[v.offs[i]:v.offs[i+1]])
		}
	}
	if s, width := shapeOf(v.typ); s == fixedShape {
		return append(dst, v.fixed[i*width:(i+1)*width]...)
	}
	return append(dst, v.data[v.offs[i]:v.offs[i+1]]...)
}

// floatKey has one key for NaN and one for both zeros.
func floatKey(dst []byte, x float64) []byte {
	switch {
	case x != x:
		x = math.NaN()
	case x == 0:
		x = 0
	}
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(x))
}
