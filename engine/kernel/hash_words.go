package kernel

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// The multipliers are wyhash's.
const (
	hashSeed = 0xa0761d6478bd642f
	hashMul  = 0xe7037ed1a0b428db
	hashNull = 0x8ebc6af09c88c6e3
)

// byteSeed is fixed while the process lives: hashes never leave it.
var byteSeed = maphash.MakeSeed()

// mix folds a 128-bit product, as wyhash does: good in the high and in the low bits.
func mix(h, v uint64) uint64 {
	hi, lo := bits.Mul64(v^hashSeed, h^hashMul)
	return hi ^ lo
}

// HashWords folds v[i] into h[i]. Begin with zeros.
func HashWords(h, v []uint64) {
	v = v[:len(h)]
	for i := range h {
		h[i] = mix(h[i], v[i])
	}
}

// HashPairs folds values of 16 bytes into h.
func HashPairs(h []uint64, v [][2]uint64) {
	v = v[:len(h)]
	for i := range h {
		h[i] = mix(mix(h[i], v[i][0]), v[i][1])
	}
}

// HashBytes folds data[offsets[i]:offsets[i+1]] into h[i].
func HashBytes(h []uint64, offsets []int32, data []byte) {
	offsets = offsets[:len(h)+1]
	for i := range h {
		v := data[offsets[i]:offsets[i+1]]
		if len(v) <= 8 {
			h[i] = mix(h[i]^(wordSeed+uint64(len(v))), shortWord(v))
		} else {
			h[i] = mix(h[i], maphash.Bytes(byteSeed, v))
		}
	}
}

// wordSeed keeps others from choosing short texts that collide.
var wordSeed = maphash.String(byteSeed, "")

// shortWord is a number that tells texts of one length of at most 8 apart.
func shortWord(v []byte) uint64 {
	n := len(v)
	if n >= 4 {
		return uint64(binary.LittleEndian.Uint32(v)) | uint64(binary.LittleEndian.Uint32(v[n-4:]))<<32
	}
	if n > 0 {
		return uint64(v[0]) | uint64(v[n>>1])<<8 | uint64(v[n-1])<<16
	}
	return 0
}

// HashNulls replaces the hash of rows that are NULL, so that all NULLs of a column hash alike. before are the hashes
// as they were before the column was folded in.
func HashNulls(h, before []uint64, null []bool) {
	for i, is := range null {
		if is {
			h[i] = mix(before[i], hashNull)
		}
	}
}
