package datum

import (
	"encoding/hex"
	"net/netip"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// parseNetwork gives the canonical text of an address: inet without its full prefix length, cidr always with one,
// macaddr with colons.
func parseNetwork(t *types.Type, s string) (any, error) {
	if t.OID == types.MacaddrT.OID || t.OID == types.Macaddr8T.OID {
		return parseMacaddr(t, s)
	}
	text, length, hasLength := strings.Cut(s, "/")
	isCidr := t.OID == types.CidrT.OID
	if isCidr || hasLength {
		text, length, hasLength = completeCidr(text, length, hasLength)
	}
	addr, err := netip.ParseAddr(plainOctets(text))
	if err != nil || addr.Zone() != "" {
		return nil, syntaxError(t.Name, s)
	}
	bits := addr.BitLen()
	if hasLength {
		n, err := strconv.Atoi(length)
		if err != nil || digits(length) != len(length) || n > bits {
			return nil, syntaxError(t.Name, s)
		}
		bits = n
	}
	prefix := netip.PrefixFrom(addr, bits)
	if isCidr && prefix.Masked() != prefix {
		return nil, sqlerr.New(sqlerr.InvalidText, "invalid cidr value: \"%s\"", s).
			WithDetail("Value has bits set to right of mask.")
	}
	out := networkText(addr)
	if isCidr || bits != addr.BitLen() {
		out += "/" + strconv.Itoa(bits)
	}
	return out, nil
}

// plainOctets takes leading zeros from the numbers of an IPv4 address.
func plainOctets(s string) string {
	if strings.ContainsRune(s, ':') || !strings.HasPrefix(s, "0") && !strings.Contains(s, ".0") {
		return s
	}
	octets := strings.Split(s, ".")
	for i, o := range octets {
		for len(o) > 1 && o[0] == '0' && digit(o[1]) {
			o = o[1:]
		}
		octets[i] = o
	}
	return strings.Join(octets, ".")
}

// networkText writes an IPv4 address inside IPv6 as PostgreSQL does, with dots also below ::/96.
func networkText(a netip.Addr) string {
	if b := a.As16(); a.Is6() && !a.Is4In6() {
		high := [12]byte(b[:12])
		if high == [12]byte{} && (b[12] != 0 || b[13] != 0) {
			v4 := netip.AddrFrom4([4]byte(b[12:]))
			return "::" + v4.String()
		}
	}
	return a.String()
}

// completeCidr adds the octets and the length that an abbreviated IPv4 network leaves out: 10 is 10.0.0.0/8.
func completeCidr(text, length string, has bool) (string, string, bool) {
	if strings.ContainsRune(text, ':') || text == "" {
		return text, length, has
	}
	octets := strings.Split(strings.TrimSuffix(text, "."), ".")
	n := len(octets)
	if n > 4 {
		return text, length, has
	}
	first, err := strconv.Atoi(octets[0])
	if err != nil {
		return text, length, has
	}
	if !has {
		bits := 8 * n
		switch class := 8; {
		case first >= 240:
			bits = max(bits, 32)
		case first >= 224:
			bits = max(bits, 8)
		case first >= 192:
			bits = max(bits, 24)
		case first >= 128:
			bits = max(bits, 16)
		default:
			bits = max(bits, class)
		}
		length, has = strconv.Itoa(bits), true
	}
	for len(octets) < 4 {
		octets = append(octets, "0")
	}
	return strings.Join(octets, "."), length, has
}

func parseMacaddr(t *types.Type, s string) (any, error) {
	w := trimBlanks(s)
	var raw []byte
	var seps []byte
	for i := 0; i < len(w); {
		hi, ok := hexDigit(w[i])
		if !ok {
			if len(raw) == 0 || strings.IndexByte(":-.", w[i]) < 0 || len(seps) > 0 && seps[0] != w[i] {
				return nil, syntaxError(t.Name, s)
			}
			seps = append(seps, w[i])
			i++
			continue
		}
		if i+1 >= len(w) {
			return nil, syntaxError(t.Name, s)
		}
		lo, ok := hexDigit(w[i+1])
		if !ok {
			return nil, syntaxError(t.Name, s)
		}
		raw = append(raw, hi<<4|lo)
		i += 2
	}
	if t.OID == types.Macaddr8T.OID && len(raw) == 6 {
		raw = []byte{raw[0], raw[1], raw[2], 0xff, 0xfe, raw[3], raw[4], raw[5]}
	}
	if t.OID == types.MacaddrT.OID && len(raw) != 6 || t.OID == types.Macaddr8T.OID && len(raw) != 8 {
		return nil, syntaxError(t.Name, s)
	}
	out := make([]byte, 0, 23)
	for i, b := range raw {
		if i > 0 {
			out = append(out, ':')
		}
		out = hex.AppendEncode(out, []byte{b})
	}
	return string(out), nil
}

// compareNetwork is btree's order of canonical addresses: IPv4 before IPv6, then by the network's bits that both have,
// by length, and by the whole address.
func compareNetwork(t *types.Type, a, b string) int {
	if t.OID == types.MacaddrT.OID || t.OID == types.Macaddr8T.OID {
		return strings.Compare(a, b)
	}
	pa, pb := networkPrefix(a), networkPrefix(b)
	if pa.Addr().BitLen() != pb.Addr().BitLen() {
		return pa.Addr().BitLen() - pb.Addr().BitLen()
	}
	common := min(pa.Bits(), pb.Bits())
	na, _ := pa.Addr().Prefix(common)
	nb, _ := pb.Addr().Prefix(common)
	if c := na.Addr().Compare(nb.Addr()); c != 0 {
		return c
	}
	if c := pa.Bits() - pb.Bits(); c != 0 {
		return c
	}
	return pa.Addr().Compare(pb.Addr())
}

func networkPrefix(s string) netip.Prefix {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(a, a.BitLen())
}
