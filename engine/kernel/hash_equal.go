package kernel

import "bytes"

// EqualWords clears ok[i] where a[ai[i]] and b[bi[i]] differ.
func EqualWords(ok []bool, a []uint64, ai []int32, b []uint64, bi []int32) {
	ai, bi = ai[:len(ok)], bi[:len(ok)]
	for i := range ok {
		ok[i] = a[ai[i]] == b[bi[i]] && ok[i]
	}
}

// EqualPairs is [EqualWords] for values of 16 bytes.
func EqualPairs(ok []bool, a [][2]uint64, ai []int32, b [][2]uint64, bi []int32) {
	ai, bi = ai[:len(ok)], bi[:len(ok)]
	for i := range ok {
		ok[i] = a[ai[i]] == b[bi[i]] && ok[i]
	}
}

// EqualBytes is [EqualWords] for values of variable width.
func EqualBytes(ok []bool, ao []int32, a []byte, ai []int32, bo []int32, b []byte, bi []int32) {
	for i := range ok {
		if !ok[i] {
			continue
		}
		x, y := ai[i], bi[i]
		v, w := a[ao[x]:ao[x+1]], b[bo[y]:bo[y+1]]
		switch {
		case len(v) != len(w):
			ok[i] = false
		case len(v) <= 8:
			ok[i] = shortWord(v) == shortWord(w)
		default:
			ok[i] = bytes.Equal(v, w)
		}
	}
}

// EqualNulls clears ok[i] where only one of the two is NULL. A nil slice has no NULLs.
func EqualNulls(ok []bool, a []bool, ai []int32, b []bool, bi []int32) {
	for i := range ok {
		x, y := a != nil && a[ai[i]], b != nil && b[bi[i]]
		ok[i] = ok[i] && x == y
	}
}
