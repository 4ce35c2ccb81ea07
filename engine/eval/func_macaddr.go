package eval

import (
	"encoding/hex"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// A MAC address is six bytes or eight in hexadecimal digits with colons between them.

func init() {
	table := implementations{
		"macaddr8_set7bit": mapBytes(func(b []byte) { b[0] |= 2 }),
	}
	for _, p := range []string{"macaddr", "macaddr8"} {
		table[p+"_not"] = mapBytes(func(b []byte) {
			for i := range b {
				b[i] = ^b[i]
			}
		})
		table[p+"_trunc"] = mapBytes(func(b []byte) { clear(b[3:]) })
		table[p+"_and"] = joinBytes(func(a, b byte) byte { return a & b })
		table[p+"_or"] = joinBytes(func(a, b byte) byte { return a | b })
	}
	register(table)
}

// macBytes reads the stored text of an address.
func macBytes(buf *[8]byte, s []byte) []byte {
	n := (len(s) + 1) / 3
	for i := range n {
		_, _ = hex.Decode(buf[i:i+1], s[3*i:3*i+2])
	}
	return buf[:n]
}

func appendMac(dst, b []byte) []byte {
	for i := range b {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = hex.AppendEncode(dst, b[i:i+1])
	}
	return dst
}

// mapBytes is the form of a function that changes an address.
func mapBytes(f func(b []byte)) maker {
	return toText1(func(_ *call, dst, s []byte) ([]byte, error) {
		var buf [8]byte
		b := macBytes(&buf, s)
		f(b)
		return appendMac(dst, b), nil
	})
}

// joinBytes is the form of a function of two addresses, byte by byte.
func joinBytes(f func(a, b byte) byte) maker {
	return toText2(func(_ *call, dst, s, t []byte) ([]byte, error) {
		var x, y [8]byte
		a, b := macBytes(&x, s), macBytes(&y, t)
		for i := range a {
			a[i] = f(a[i], b[i])
		}
		return appendMac(dst, a), nil
	})
}

// macCast converts between addresses of six and of eight bytes, which have ff:fe in the middle.
func macCast(to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			var buf [8]byte
			b := macBytes(&buf, args[0].bytes(i))
			if to.OID == types.Macaddr8T.OID {
				return appendMac(dst, []byte{b[0], b[1], b[2], 0xff, 0xfe, b[3], b[4], b[5]}), nil
			}
			if b[3] != 0xff || b[4] != 0xfe {
				return dst, sqlerr.New(sqlerr.NumericOutOfRange, "macaddr8 data out of range to convert to macaddr").
					WithHint("Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.")
			}
			return appendMac(dst, []byte{b[0], b[1], b[2], b[5], b[6], b[7]}), nil
		})
	}
}
