package datum

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"strconv"

	"github.com/skeinsql/skein/engine/types"
)

// Network is the value of an inet or cidr: an address as a number, an IPv4 address in the last 32 bits of Lo, and the
// bits of its network.
type Network struct {
	Six    bool
	Bits   int
	Hi, Lo uint64
}

// ReadNetwork is the value of a stored text.
func ReadNetwork(s string) Network {
	p := networkPrefix(s)
	n := Network{Six: p.Addr().Is6(), Bits: p.Bits()}
	if b := p.Addr().As16(); n.Six {
		n.Hi, n.Lo = binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	} else {
		n.Lo = uint64(binary.BigEndian.Uint32(b[12:]))
	}
	return n
}

// Size is the number of bits of an address.
func (n *Network) Size() int {
	if n.Six {
		return 128
	}
	return 32
}

// With is an address of n's family with these bits, those beyond its size dropped.
func (n *Network) With(hi, lo uint64, length int) Network {
	if !n.Six {
		hi, lo = 0, lo&(1<<32-1)
	}
	return Network{Six: n.Six, Bits: length, Hi: hi, Lo: lo}
}

// HostMask has the bits behind n's network set.
func (n *Network) HostMask() (hi, lo uint64) { return lowMask(n.Size() - n.Bits) }

func lowMask(count int) (hi, lo uint64) {
	if count <= 64 {
		return 0, 1<<uint(count) - 1
	}
	return 1<<uint(count-64) - 1, ^uint64(0)
}

// Masked is n as a network of the given length, without other bits.
func (n *Network) Masked(length int) Network {
	hi, lo := lowMask(n.Size() - length)
	return n.With(n.Hi&^hi, n.Lo&^lo, length)
}

// Covers says whether o's address begins with n's network.
func (n *Network) Covers(o *Network) bool {
	if n.Six != o.Six {
		return false
	}
	a, b := n.Masked(n.Bits), o.Masked(n.Bits)
	return a == b
}

// Common is the number of leading bits in which two addresses of one family agree, at most most.
func (n *Network) Common(o *Network, most int) int {
	same := 128 - n.Size()
	if x := n.Hi ^ o.Hi; x != 0 {
		same = bits.LeadingZeros64(x)
	} else {
		same = 64 + bits.LeadingZeros64(n.Lo^o.Lo) - same
	}
	return min(same, most)
}

// Plus is n moved by count; false beyond the family's addresses.
func (n *Network) Plus(count int64) (Network, bool) {
	lo, carry := bits.Add64(n.Lo, uint64(count), 0)
	hi, carry := bits.Add64(n.Hi, uint64(count>>63), carry)
	ok := carry == 1 == (count < 0)
	if !n.Six {
		ok = hi == 0 && lo < 1<<32
	}
	return n.With(hi, lo, n.Bits), ok
}

// Minus is the distance from o to n around the end of the addresses, as PostgreSQL has it; false beyond int64.
func (n *Network) Minus(o *Network) (int64, bool) {
	lo, borrow := bits.Sub64(n.Lo, o.Lo, 0)
	hi, _ := bits.Sub64(n.Hi, o.Hi, borrow)
	return int64(lo), hi == uint64(int64(lo)>>63)
}

// addr is n's address.
func (n *Network) addr() netip.Addr {
	if !n.Six {
		return netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, uint32(n.Lo))))
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], n.Hi)
	binary.BigEndian.PutUint64(b[8:], n.Lo)
	return netip.AddrFrom16(b)
}

// AppendHost adds the address without its length.
func (n *Network) AppendHost(dst []byte) []byte { return append(dst, networkText(n.addr())...) }

// Append adds the stored text of a value of t, inet or cidr.
func (n *Network) Append(dst []byte, t *types.Type) []byte {
	dst = n.AppendHost(dst)
	if t.OID == types.CidrT.OID || n.Bits != n.Size() {
		dst = strconv.AppendInt(append(dst, '/'), int64(n.Bits), 10)
	}
	return dst
}

// AppendShort adds a network as abbrev(cidr) does: without the bytes behind its bits.
func (n *Network) AppendShort(dst []byte) []byte {
	m := n.Masked(n.Bits)
	if n.Six {
		dst = m.appendShort6(dst)
	} else {
		dst = m.appendShort4(dst)
	}
	return strconv.AppendInt(append(dst, '/'), int64(n.Bits), 10)
}

func (n *Network) appendShort4(dst []byte) []byte {
	if n.Bits == 0 {
		return append(dst, '0')
	}
	for i := range (n.Bits + 7) / 8 {
		if i > 0 {
			dst = append(dst, '.')
		}
		dst = strconv.AppendUint(dst, n.Lo>>(24-8*i)&0xff, 10)
	}
	return dst
}

// appendShort6 follows inet_cidr_ntop_ipv6 of PostgreSQL's inet_cidr_ntop.c.
func (n *Network) appendShort6(dst []byte) []byte {
	if n.Bits == 0 {
		return append(dst, "::"...)
	}
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], n.Hi)
	binary.BigEndian.PutUint64(b[8:], n.Lo)
	words := max((n.Bits+15)/16, 2)
	from, count := longestZeros(b[:2*words])
	dotted := count != words && from == 0 &&
		(count == 6 || count == 5 && b[10] == 0xff && b[11] == 0xff || count == 7 && b[14] != 0 && b[15] != 1)
	start := len(dst)
	for p := range words {
		switch {
		case count != 0 && p >= from && p < from+count:
			if p == from {
				dst = append(dst, ':')
			}
			if p == words-1 {
				dst = append(dst, ':')
			}
		case dotted && p > 5:
			sep := byte('.')
			if p == 6 {
				sep = ':'
			}
			dst = strconv.AppendUint(append(dst, sep), uint64(b[2*p]), 10)
			if p != 7 || n.Bits > 120 {
				dst = strconv.AppendUint(append(dst, '.'), uint64(b[2*p+1]), 10)
			}
		default:
			if len(dst) > start {
				dst = append(dst, ':')
			}
			dst = strconv.AppendUint(dst, uint64(b[2*p])<<8|uint64(b[2*p+1]), 16)
		}
	}
	return dst
}

// longestZeros finds the run of zero words to leave out, as PostgreSQL does: a run that is not longer than the one
// before counts on in the next.
func longestZeros(b []byte) (from, count int) {
	at, run := 0, 0
	for i := 0; i < len(b); i += 2 {
		if b[i]|b[i+1] == 0 {
			if run == 0 {
				at = i / 2
			}
			run++
		} else if run > 0 && count < run {
			from, count, run = at, run, 0
		}
	}
	if run > 0 && count < run {
		from, count = at, run
	}
	return from, count
}
