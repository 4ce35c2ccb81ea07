package datum

import (
	"encoding/binary"
	"math"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Keys of values inside of others: a NULL comes behind every value, the end of a list before every element.
const (
	OrderedEnd   byte = 0
	OrderedValue byte = 1
	OrderedNull  byte = 2
)

// AppendOrdered adds a key of v, a datum of t that is not NULL: bytes that compare as [Compare] does and are equal
// exactly where it gives zero. No key of a type is another's prefix.
func AppendOrdered(dst []byte, t *types.Type, v any) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, 1), nil
		}
		return append(dst, 0), nil
	case int64:
		return appendOrderedWord(dst, uint64(v)^1<<63), nil
	case float64:
		return AppendOrderedFloat(dst, v), nil
	case *apd.Decimal:
		return numeric.AppendOrdered(dst, numeric.FromApd(v)), nil
	case []byte:
		return AppendOrderedBytes(dst, v), nil
	case [16]byte:
		return append(dst, v[:]...), nil
	case Interval:
		hi, lo := v.span()
		return appendOrderedWord(appendOrderedWord(dst, uint64(hi)^1<<63), lo), nil
	case string:
		return AppendOrderedText(dst, t, []byte(v))
	case Array:
		return appendOrderedList(dst, t.Elem, v)
	case []any:
		if t.Kind == types.Array {
			return appendOrderedList(dst, t.Elem, ListOf(v))
		}
		return appendOrderedRow(dst, t.Fields, v)
	}
	return dst, sqlerr.New(sqlerr.InternalError, "no key is made of a value of type %s", t)
}

func appendOrderedWord(dst []byte, w uint64) []byte { return binary.BigEndian.AppendUint64(dst, w) }

// AppendOrderedFloat is [AppendOrdered] for floats: all NaNs are one value behind the others, -0 is 0.
func AppendOrderedFloat(dst []byte, f float64) []byte {
	switch {
	case f != f:
		f = math.NaN()
	case f == 0:
		f = 0
	}
	b := math.Float64bits(f)
	return appendOrderedWord(dst, b^(uint64(int64(b)>>63)|1<<63))
}

func appendOrderedItem(dst []byte, t *types.Type, v any) ([]byte, error) {
	if v == nil {
		return append(dst, OrderedNull), nil
	}
	return AppendOrdered(append(dst, OrderedValue), t, v)
}

func appendOrderedList(dst []byte, elem *types.Type, v Array) (_ []byte, err error) {
	for _, e := range v.Elems {
		if dst, err = appendOrderedItem(dst, elem, e); err != nil {
			return dst, err
		}
	}
	return AppendOrderedShape(dst, v.Dims), nil
}

func appendOrderedRow(dst []byte, fields []types.Field, v []any) (_ []byte, err error) {
	for i, f := range fields {
		if dst, err = appendOrderedItem(dst, f.Type, v[i]); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// AppendOrderedBytes adds bytes so that they end before all that begin with them: a zero byte is followed by 0xff, and
// two zeros close them.
func AppendOrderedBytes(dst, v []byte) []byte {
	for _, c := range v {
		if dst = append(dst, c); c == 0 {
			dst = append(dst, 0xff)
		}
	}
	return append(dst, 0, 0)
}

// Worded says whether the storage of t is text that orders in another way than its bytes, so that [AppendOrderedText]
// is needed to compare its values.
func Worded(t *types.Type) bool {
	switch t.Kind {
	case types.JSONB, types.TimeTZ, types.Inet, types.Range, types.Multirange:
		return true
	}
	return false
}

// AppendOrderedText is [AppendOrdered] for the types whose datum is a string.
func AppendOrderedText(dst []byte, t *types.Type, v []byte) ([]byte, error) {
	switch t.Kind {
	case types.Bpchar:
		for len(v) > 0 && v[len(v)-1] == ' ' {
			v = v[:len(v)-1]
		}
	case types.JSONB:
		return appendOrderedJSONB(dst, v)
	case types.TimeTZ:
		at, offset := splitTimeTZ(string(v))
		dst = appendOrderedWord(dst, uint64(at-offset*microsPerSecond)^1<<63)
		return appendOrderedWord(dst, uint64(-offset)^1<<63), nil
	case types.Inet:
		if t.OID != types.MacaddrT.OID && t.OID != types.Macaddr8T.OID {
			return appendOrderedNetwork(dst, string(v)), nil
		}
	case types.Range:
		r, err := ReadRange(t, string(v))
		if err != nil {
			return dst, err
		}
		return r.appendOrdered(dst, t.Elem)
	case types.Multirange:
		return appendOrderedMultirange(dst, t, string(v))
	case types.JSON, types.Opaque:
		return dst, sqlerr.Unsupported("comparing, grouping or joining on " + t.String())
	}
	return AppendOrderedBytes(dst, v), nil
}

// appendOrderedNetwork: IPv4 before IPv6, then the network's bits, its length, and the whole address. A network's bits
// are followed by zeros: where two agree in them, the longer one is no smaller.
func appendOrderedNetwork(dst []byte, s string) []byte {
	p := networkPrefix(s)
	dst = append(dst, byte(p.Addr().BitLen()))
	dst = append(dst, p.Masked().Addr().AsSlice()...)
	dst = append(dst, byte(p.Bits()))
	return append(dst, p.Addr().AsSlice()...)
}

// appendOrdered: empty ranges first, then by lower bound, then by upper bound.
func (r *Range) appendOrdered(dst []byte, elem *types.Type) (_ []byte, err error) {
	if r.Empty {
		return append(dst, 0), nil
	}
	if dst, err = r.Lower.appendOrdered(append(dst, 1), elem); err != nil {
		return dst, err
	}
	return r.Upper.appendOrdered(dst, elem)
}

// appendOrdered: an open lower bound lies behind its value, an open upper one before it.
func (b *Bound) appendOrdered(dst []byte, elem *types.Type) ([]byte, error) {
	if b.Infinite {
		return append(dst, flagByte(!b.Lower)*2), nil
	}
	dst, err := AppendOrdered(append(dst, 1), elem, b.Datum())
	return append(dst, flagByte(b.Closed != b.Lower)), err
}

func flagByte(on bool) byte {
	if on {
		return 1
	}
	return 0
}

// appendOrderedMultirange: range by range, the shorter one first.
func appendOrderedMultirange(dst []byte, t *types.Type, s string) ([]byte, error) {
	m, err := ReadMultirange(t, s)
	for i := range m {
		if err == nil {
			dst, err = m[i].appendOrdered(append(dst, OrderedValue), t.Elem.Elem)
		}
	}
	return append(dst, OrderedEnd), err
}
