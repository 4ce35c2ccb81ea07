package eval

// bytesComparer compares bytes; trim, if not nil, takes off first what does not count.
func bytesComparer(trim func([]byte) []byte) comparer {
	if trim != nil {
		return trimmedComparer(trim)
	}
	return comparer{
		eq: func(_ *call, dst []uint64, a, b *vector) error {
			if a.konst {
				a, b = b, a
			}
			if b.konst {
				eqBytesTo(dst, a, b.str(0))
			} else {
				eqBytes(dst, a, b)
			}
			return nil
		},
		less: func(_ *call, dst []uint64, a, b *vector) error {
			switch {
			case b.konst:
				lessBytesTo(dst, a, b.str(0))
			case a.konst:
				greaterBytes(dst, a.str(0), b)
			default:
				lessBytes(dst, a, b)
			}
			return nil
		},
	}
}

// mark is a word with bit i set where on.
func mark(on bool, i int) uint64 {
	var x uint64
	if on {
		x = 1
	}
	return x << (uint(i) & 63)
}

func eqBytesTo(dst []uint64, a *vector, s string) {
	n, size, data := a.count(), int32(len(s)), a.data
	offs := a.offs[:n+1]
	clear(dst)
	for i := range n {
		lo, hi := offs[i], offs[i+1]
		dst[i>>6] |= mark(hi-lo == size && string(data[lo:hi]) == s, i)
	}
}

func eqBytes(dst []uint64, a, b *vector) {
	n := a.count()
	clear(dst)
	oa, ob := a.offs[:n+1], b.offs[:n+1]
	for i := range n {
		x, y := a.data[oa[i]:oa[i+1]], b.data[ob[i]:ob[i+1]]
		dst[i>>6] |= mark(len(x) == len(y) && string(x) == string(y), i)
	}
}

func lessBytesTo(dst []uint64, a *vector, s string) {
	clear(dst)
	offs := a.offs[:a.count()+1]
	for i := range len(offs) - 1 {
		dst[i>>6] |= mark(string(a.data[offs[i]:offs[i+1]]) < s, i)
	}
}

func greaterBytes(dst []uint64, s string, b *vector) {
	clear(dst)
	offs := b.offs[:b.count()+1]
	for i := range len(offs) - 1 {
		dst[i>>6] |= mark(s < string(b.data[offs[i]:offs[i+1]]), i)
	}
}

func lessBytes(dst []uint64, a, b *vector) {
	n := a.count()
	clear(dst)
	oa, ob := a.offs[:n+1], b.offs[:n+1]
	for i := range n {
		dst[i>>6] |= mark(string(a.data[oa[i]:oa[i+1]]) < string(b.data[ob[i]:ob[i+1]]), i)
	}
}

func trimmedComparer(trim func([]byte) []byte) comparer {
	return comparer{
		eq: func(c *call, dst []uint64, a, b *vector) error {
			clear(dst)
			for i := range c.n {
				dst[i>>6] |= mark(string(trim(a.bytes(i))) == string(trim(b.bytes(i))), i)
			}
			return nil
		},
		less: func(c *call, dst []uint64, a, b *vector) error {
			clear(dst)
			for i := range c.n {
				dst[i>>6] |= mark(string(trim(a.bytes(i))) < string(trim(b.bytes(i))), i)
			}
			return nil
		},
	}
}
