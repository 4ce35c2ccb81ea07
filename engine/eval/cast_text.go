package eval

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// textCast is the kernel of a conversion to a string type, nil when nothing is to be done.
func textCast(from, to *types.Type, explicit bool) (kernel, error) {
	if (from.Kind == types.Int4 && to.Kind == types.Char) || from.Kind == types.Void {
		return nil, noKernel("a cast", []*types.Type{from, to})
	}
	if isText(from) {
		return stringCast(from, to, explicit), nil
	}
	write := printer(from)
	if from.Kind == types.Bool && to.Kind == types.Name { // through the output function
		write = func(_ *call, dst []byte, v *vector, i int) []byte {
			return strconv.AppendBool(dst, v.truth(i))[:len(dst)+1]
		}
	}
	if from.Kind == types.Inet && from.OID == types.InetT.OID && to.Kind != types.Name {
		write = appendWithLength
	}
	fit := fitter(to, explicit)
	return func(c *call, args []*vector, out *vector) error {
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			n := len(dst)
			dst = write(c, dst, args[0], i)
			if fit == nil {
				return dst, nil
			}
			return fit(dst, n)
		})
	}, nil
}

// appendWithLength writes an address as text(inet) does: with its prefix length, also the full one.
func appendWithLength(_ *call, dst []byte, v *vector, i int) []byte {
	b := v.bytes(i)
	dst = append(dst, b...)
	switch {
	case bytes.IndexByte(b, '/') >= 0:
		return dst
	case bytes.IndexByte(b, ':') >= 0:
		return append(dst, "/128"...)
	}
	return append(dst, "/32"...)
}

// stringCast is the kernel between string types.
func stringCast(from, to *types.Type, explicit bool) kernel {
	fit := fitter(to, explicit)
	trim := from.Kind == types.Bpchar && to.Kind != types.Bpchar && to.Kind != types.Char
	if !trim && (fit == nil || from.Kind == to.Kind && to.Kind != types.Bpchar && from.Mod >= 0 && from.Mod <= to.Mod ||
		from.Kind == types.Bpchar && from.Mod == to.Mod) {
		return nil
	}
	return func(c *call, args []*vector, out *vector) error {
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			n, b := len(dst), args[0].bytes(i)
			if trim {
				b = trimBlanks(b)
			}
			dst = append(dst, b...)
			if fit == nil || len(b) == 0 && from.Kind == types.Char { // PostgreSQL prints nothing of the zero byte that it pads
				return dst, nil
			}
			return fit(dst, n)
		})
	}
}

// printer appends the text of one row of a type, as a cast gives it.
func printer(from *types.Type) func(c *call, dst []byte, v *vector, i int) []byte {
	switch from.Kind {
	case types.Bool: // the output function says t, the cast true
		return func(_ *call, dst []byte, v *vector, i int) []byte { return strconv.AppendBool(dst, v.truth(i)) }
	case types.Int2:
		return func(_ *call, dst []byte, v *vector, i int) []byte {
			return strconv.AppendInt(dst, int64(values[int16](v)[v.at(i)]), 10)
		}
	case types.Int4:
		return func(_ *call, dst []byte, v *vector, i int) []byte {
			return strconv.AppendInt(dst, int64(values[int32](v)[v.at(i)]), 10)
		}
	case types.Int8, types.OID:
		return func(_ *call, dst []byte, v *vector, i int) []byte {
			return strconv.AppendInt(dst, values[int64](v)[v.at(i)], 10)
		}
	case types.Float4:
		return func(_ *call, dst []byte, v *vector, i int) []byte {
			return datum.AppendFloat(dst, float64(values[float32](v)[v.at(i)]), 32)
		}
	case types.Float8:
		return func(_ *call, dst []byte, v *vector, i int) []byte {
			return datum.AppendFloat(dst, values[float64](v)[v.at(i)], 64)
		}
	case types.Numeric:
		return func(_ *call, dst []byte, v *vector, i int) []byte { return numAt(v, i).AppendText(dst) }
	}
	s, _ := shapeOf(from)
	if s == bytesShape && from.Kind != types.Bytea && from.Kind != types.Range && from.Kind != types.Multirange { // carried as PostgreSQL prints it
		return func(_ *call, dst []byte, v *vector, i int) []byte { return append(dst, v.bytes(i)...) }
	}
	return func(c *call, dst []byte, v *vector, i int) []byte {
		return datum.Append(dst, from, datumAt(v, i), c.env.Zone)
	}
}

// numAt is row i of a numeric vector of any storage.
func numAt(v *vector, i int) numeric.Num {
	i = v.at(i)
	switch v.typ.NumericStorage() {
	case types.Decimal64:
		return numeric.FromInt64(values[int64](v)[i], v.typ.Scale)
	case types.Decimal128:
		w := values[[2]uint64](v)[i]
		return numeric.FromInt128(int64(w[1]), w[0], v.typ.Scale)
	}
	return numeric.Decode(v.bytes(i))
}

// fitter gives the function that brings the string at dst[from:] to the length of a type, nil for one without a limit.
func fitter(to *types.Type, explicit bool) func(dst []byte, from int) ([]byte, error) {
	limit := int(to.Length())
	switch to.Kind {
	case types.Name:
		return func(dst []byte, from int) ([]byte, error) { return cutBytes(dst, from, 63), nil }
	case types.Char:
		return func(dst []byte, from int) ([]byte, error) { return datum.CutChar(dst, from), nil }
	}
	if limit < 0 {
		return nil
	}
	pad := to.Kind == types.Bpchar
	return func(dst []byte, from int) ([]byte, error) {
		n := utf8.RuneCount(dst[from:])
		if n > limit {
			end := from + runePrefix(dst[from:], limit)
			if !explicit && len(trimBlanks(dst[end:])) > 0 {
				return nil, sqlerr.New(sqlerr.StringTruncation, "value too long for type %s", to)
			}
			return dst[:end], nil
		}
		for ; pad && n < limit; n++ {
			dst = append(dst, ' ')
		}
		return dst, nil
	}
}

// runePrefix is the bytes of b's first n characters.
func runePrefix(b []byte, n int) int {
	at := 0
	for range n {
		_, size := utf8.DecodeRune(b[at:])
		at += size
	}
	return at
}

// cutBytes keeps at most n bytes of dst[from:], whole characters.
func cutBytes(dst []byte, from, n int) []byte {
	if len(dst)-from <= n {
		return dst
	}
	end := from + n
	for end > from && !utf8.RuneStart(dst[end]) {
		end--
	}
	return dst[:end]
}

// parseInts reads integers; what is not plain digits goes to the input function.
func parseInts(to *types.Type) kernel {
	lo, hi := intBounds(to)
	return func(c *call, args []*vector, out *vector) error {
		dst := scratchOf(c, 0, c.n, func([]int64) {})
		for i := range dst {
			if dst[i] = 0; !c.rowValid(i) {
				continue
			}
			x, ok := plainInt(args[0].bytes(i))
			if !ok || x < lo || x > hi {
				d, err := datum.Parse(to, string(args[0].bytes(i)), c.env.Zone)
				if err != nil {
					return err
				}
				x = d.(int64)
			}
			dst[i] = x
		}
		return storeInts(c, out, dst)
	}
}

// plainInt reads up to 18 digits with an optional minus.
func plainInt(b []byte) (v int64, ok bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		v = v*10 + int64(c-'0')
	}
	if neg {
		v = -v
	}
	return v, true
}
