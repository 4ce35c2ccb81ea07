package eval

import (
	"bytes"
	"math"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Bit strings are bytes '0' and '1', one a bit.

func init() {
	register(implementations{
		"bitand": bitwise("AND", func(a, b byte) byte { return a & b }),
		"bitor":  bitwise("OR", func(a, b byte) byte { return a | b }),
		"bitxor": bitwise("XOR", func(a, b byte) byte { return '0' | (a ^ b) }),
		"bitnot": toText1(func(_ *call, dst, b []byte) ([]byte, error) {
			for _, x := range b {
				dst = append(dst, x^1)
			}
			return dst, nil
		}),
		"bitshiftleft":  toText2(func(_ *call, dst, b []byte, n int32) ([]byte, error) { return shiftBits(dst, b, int64(n)), nil }),
		"bitshiftright": toText2(func(_ *call, dst, b []byte, n int32) ([]byte, error) { return shiftBits(dst, b, -int64(n)), nil }),
		"bitcat":        toText2(func(_ *call, dst, a, b []byte) ([]byte, error) { return append(append(dst, a...), b...), nil }),
		"bitlength":     byRow1(bitLength), "bit_bit_length": byRow1(bitLength),
		"bitoctetlength": byRow1(func(_ *call, b []byte) (int32, error) { return int32((len(b) + 7) / 8), nil }),
		"bitsubstr":      toText3(appendBytes), "bitsubstr_no_len": toText2(appendBytesFrom),
		"bitoverlay": byDatum(overlayDatum), "bitoverlay_no_len": byDatum(overlayDatum),
		"byteaoverlay": byDatum(overlayDatum), "byteaoverlay_no_len": byDatum(overlayDatum),
		"bitposition":   byRow2(func(_ *call, b, sub []byte) (int32, error) { return bitPosition(b, sub), nil }),
		"bitgetbit":     byRow2(bitAtPosition),
		"bitsetbit":     toText3(setBitAt),
		"bit_bit_count": byRow1(func(_ *call, b []byte) (int64, error) { return int64(bytes.Count(b, []byte{'1'})), nil }),
		"bitfromint4": toText2(func(_ *call, dst []byte, x, n int32) ([]byte, error) {
			return appendIntBits(dst, int64(x), 32, int(n)), nil
		}),
		"bitfromint8": toText2(func(_ *call, dst []byte, x int64, n int32) ([]byte, error) {
			return appendIntBits(dst, x, 64, int(n)), nil
		}),
	})
}

func bitLength(_ *call, b []byte) (int32, error) { return int32(len(b)), nil }

// bitwise is the form of &, | and #: both sides have one length. The digits '0' and '1' differ in their last bit only.
func bitwise(name string, f func(a, b byte) byte) maker {
	return toText2(func(_ *call, dst, a, b []byte) ([]byte, error) {
		if len(a) != len(b) {
			return dst, sqlerr.New("22026", "cannot %s bit strings of different sizes", name)
		}
		for i, x := range a {
			dst = append(dst, f(x, b[i]))
		}
		return dst, nil
	})
}

// shiftBits moves bits to the left, or for a negative n to the right, and fills up with zeros.
func shiftBits(dst, b []byte, n int64) []byte {
	size := int64(len(b))
	n = max(min(n, size), -size)
	if n < 0 {
		dst = appendZeros(dst, int(-n))
		return append(dst, b[:size+n]...)
	}
	return appendZeros(append(dst, b[n:]...), int(n))
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}

// overlayDatum is overlay for bytes and bits: the bytes from a[2], a[3] of them, are replaced by a[1].
func overlayDatum(c *call, a []any) (any, error) {
	s, isBits := a[0].(string)
	if !isBits {
		out, err := overlayBytes(a[0].([]byte), a[1].([]byte), a[2:])
		return out, err
	}
	out, err := overlayBytes([]byte(s), []byte(a[1].(string)), a[2:])
	return string(out), err
}

func overlayBytes(b, by []byte, at []any) ([]byte, error) {
	from, length := at[0].(int64), int64(len(by))
	if len(at) > 1 {
		length = at[1].(int64)
	}
	switch {
	case from <= 0:
		return nil, negativeLength()
	case from+length > math.MaxInt32:
		return nil, outOfRange(types.Int4T)
	}
	size := int64(len(b))
	head, tail := b[:min(from-1, size)], b[min(max(from+length, 1)-1, size):]
	return append(append(append([]byte{}, head...), by...), tail...), nil
}

// bitPosition is where sub begins in b, from 1; 0 where it is not, and in the empty string.
func bitPosition(b, sub []byte) int32 {
	if len(b) == 0 {
		return 0
	}
	return int32(bytes.Index(b, sub)) + 1
}

func bitIndexError(n int64, size int) error {
	return sqlerr.New(sqlerr.ArraySubscript, "bit index %d out of valid range (0..%d)", n, size-1)
}

func bitAtPosition(_ *call, b []byte, n int32) (int32, error) {
	if n < 0 || int(n) >= len(b) {
		return 0, bitIndexError(int64(n), len(b))
	}
	return int32(b[n] & 1), nil
}

func setBitAt(_ *call, dst, b []byte, n, to int32) ([]byte, error) {
	switch {
	case n < 0 || int(n) >= len(b):
		return dst, bitIndexError(int64(n), len(b))
	case to != 0 && to != 1:
		return dst, newBitError()
	}
	at := len(dst)
	dst = append(dst, b...)
	dst[at+int(n)] = '0' + byte(to)
	return dst, nil
}

func newBitError() error { return invalid("new bit must be 0 or 1") }

// appendIntBits adds the lowest n bits of a two's complement number, widened by its sign.
func appendIntBits(dst []byte, x int64, width, n int) []byte {
	if n <= 0 || n > math.MaxInt32/8 {
		n = 1
	}
	for k := n - 1; k >= 0; k-- {
		dst = append(dst, '0'+byte(x>>min(k, width-1)&1))
	}
	return dst
}

// intToBits is the cast of an integer to bit(n).
func intToBits(to *types.Type) kernel {
	n := int(to.Mod)
	return func(c *call, args []*vector, out *vector) error {
		_, width := shapeOf(args[0].typ)
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			return appendIntBits(dst, wordKey(args[0], args[0].at(i)), 8*width, n), nil
		})
	}
}
