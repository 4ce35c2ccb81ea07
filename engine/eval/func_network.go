package eval

import (
	"strconv"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	register(implementations{
		"network_sub":     aboutNetworks(func(a, b *datum.Network) bool { return a.Bits > b.Bits && b.Covers(a) }),
		"network_subeq":   aboutNetworks(func(a, b *datum.Network) bool { return a.Bits >= b.Bits && b.Covers(a) }),
		"network_sup":     aboutNetworks(func(a, b *datum.Network) bool { return a.Bits < b.Bits && a.Covers(b) }),
		"network_supeq":   aboutNetworks(func(a, b *datum.Network) bool { return a.Bits <= b.Bits && a.Covers(b) }),
		"network_overlap": aboutNetworks(func(a, b *datum.Network) bool { return a.Covers(b) || b.Covers(a) }),
		"inet_same_family": aboutNetworks(func(a, b *datum.Network) bool {
			return a.Six == b.Six
		}),
		"inetnot": ofNetwork(func(a *datum.Network) datum.Network { return a.With(^a.Hi, ^a.Lo, a.Bits) }),
		"inetand": ofNetworks(sameFamily("AND", func(a, b *datum.Network) (datum.Network, error) {
			return a.With(a.Hi&b.Hi, a.Lo&b.Lo, max(a.Bits, b.Bits)), nil
		})),
		"inetor": ofNetworks(sameFamily("OR", func(a, b *datum.Network) (datum.Network, error) {
			return a.With(a.Hi|b.Hi, a.Lo|b.Lo, max(a.Bits, b.Bits)), nil
		})),
		"inetpl":      movedAddress(func(n int64) int64 { return n }, false),
		"int8pl_inet": movedAddress(func(n int64) int64 { return n }, true),
		"inetmi_int8": movedAddress(func(n int64) int64 { return -n }, false),
		"inetmi": byRow2(func(_ *call, x, y string) (int64, error) {
			a, b := datum.ReadNetwork(x), datum.ReadNetwork(y)
			if a.Six != b.Six {
				return 0, invalid("cannot subtract inet values of different sizes")
			}
			n, ok := a.Minus(&b)
			if !ok {
				return 0, addressOutOfRange()
			}
			return n, nil
		}),
		"inet_abbrev": toText1(func(_ *call, dst []byte, s string) ([]byte, error) { return append(dst, s...), nil }),
		"cidr_abbrev": toText1(func(_ *call, dst []byte, s string) ([]byte, error) {
			n := datum.ReadNetwork(s)
			return n.AppendShort(dst), nil
		}),
		"network_broadcast": ofNetwork(func(a *datum.Network) datum.Network {
			hi, lo := a.HostMask()
			return a.With(a.Hi|hi, a.Lo|lo, a.Bits)
		}),
		"network_hostmask": ofNetwork(func(a *datum.Network) datum.Network {
			hi, lo := a.HostMask()
			return a.With(hi, lo, a.Size())
		}),
		"network_netmask": ofNetwork(func(a *datum.Network) datum.Network {
			hi, lo := a.HostMask()
			return a.With(^hi, ^lo, a.Size())
		}),
		"network_network": ofNetwork(func(a *datum.Network) datum.Network { return a.Masked(a.Bits) }),
		"network_family": byRow1(func(_ *call, s string) (int32, error) {
			if n := datum.ReadNetwork(s); n.Six {
				return 6, nil
			}
			return 4, nil
		}),
		"network_masklen": byRow1(func(_ *call, s string) (int32, error) {
			n := datum.ReadNetwork(s)
			return int32(n.Bits), nil
		}),
		"network_host": toText1(func(_ *call, dst []byte, s string) ([]byte, error) {
			n := datum.ReadNetwork(s)
			return n.AppendHost(dst), nil
		}),
		"network_show": toText1(func(_ *call, dst []byte, s string) ([]byte, error) {
			n := datum.ReadNetwork(s)
			return strconv.AppendInt(append(n.AppendHost(dst), '/'), int64(n.Bits), 10), nil
		}),
		"inet_set_masklen": toText2(setMaskLength), "cidr_set_masklen": toText2(setMaskLength),
		"inet_merge": ofNetworks(mergeNetworks),
	})
}

// aboutNetworks is the form of a statement about two addresses.
func aboutNetworks(f func(a, b *datum.Network) bool) maker {
	return byRow2(func(_ *call, x, y string) (bool, error) {
		a, b := datum.ReadNetwork(x), datum.ReadNetwork(y)
		return f(&a, &b), nil
	})
}

// ofNetwork is the form of a function from an address to one.
func ofNetwork(f func(a *datum.Network) datum.Network) maker {
	return toText1(func(c *call, dst []byte, s string) ([]byte, error) {
		a := datum.ReadNetwork(s)
		r := f(&a)
		return r.Append(dst, c.typ), nil
	})
}

func ofNetworks(f func(a, b *datum.Network) (datum.Network, error)) maker {
	return toText2(func(c *call, dst []byte, x, y string) ([]byte, error) {
		a, b := datum.ReadNetwork(x), datum.ReadNetwork(y)
		r, err := f(&a, &b)
		if err != nil {
			return dst, err
		}
		return r.Append(dst, c.typ), nil
	})
}

func sameFamily(name string, f func(a, b *datum.Network) (datum.Network, error)) func(a, b *datum.Network) (datum.Network, error) {
	return func(a, b *datum.Network) (datum.Network, error) {
		if a.Six != b.Six {
			return *a, invalid("cannot %s inet values of different sizes", name)
		}
		return f(a, b)
	}
}

func addressOutOfRange() error { return sqlerr.New(sqlerr.NumericOutOfRange, "result is out of range") }

// movedAddress is the form of an address plus or minus a number, which comes first when it says so.
func movedAddress(by func(n int64) int64, numberFirst bool) maker {
	move := func(c *call, dst []byte, s string, n int64) ([]byte, error) {
		a := datum.ReadNetwork(s)
		r, ok := a.Plus(by(n))
		if !ok {
			return dst, addressOutOfRange()
		}
		return r.Append(dst, c.typ), nil
	}
	if numberFirst {
		return toText2(func(c *call, dst []byte, n int64, s string) ([]byte, error) { return move(c, dst, s, n) })
	}
	return toText2(move)
}

// setMaskLength is set_masklen; a cidr loses the bits beyond its new length.
func setMaskLength(c *call, dst []byte, s string, n int32) ([]byte, error) {
	a := datum.ReadNetwork(s)
	if n == -1 {
		n = int32(a.Size())
	}
	if n < 0 || int(n) > a.Size() {
		return dst, invalid("invalid mask length: %d", n)
	}
	r := a.With(a.Hi, a.Lo, int(n))
	if c.typ.OID == types.CidrT.OID {
		r = a.Masked(int(n))
	}
	return r.Append(dst, c.typ), nil
}

// mergeNetworks is the smallest network that holds both.
func mergeNetworks(a, b *datum.Network) (datum.Network, error) {
	if a.Six != b.Six {
		return *a, invalid("cannot merge addresses from different families")
	}
	return a.Masked(a.Common(b, min(a.Bits, b.Bits))), nil
}

// inetToCidr is the cast that drops the bits of the host.
func inetToCidr(c *call, args []*vector, out *vector) error {
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		a := datum.ReadNetwork(args[0].str(i))
		r := a.Masked(a.Bits)
		return r.Append(dst, types.CidrT), nil
	})
}

// cidrToInet takes the full length of an address away.
func cidrToInet(c *call, args []*vector, out *vector) error {
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		a := datum.ReadNetwork(args[0].str(i))
		return a.Append(dst, types.InetT), nil
	})
}
