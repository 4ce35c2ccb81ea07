package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/parquet-go/parquet-go/format"
)

// What a page's values take once they are decoded can be far more than the page: runs and deltas of no bits repeat a value
// without end. These functions tell how much from the encoded bytes, so that it can be refused before it is allocated.
// parquet-go sizes its buffers by what the bytes say, not by the number of values in the page's header.

// runSlack is how many values more than its header says a run-length encoded page may hold: writers pad the last
// bit-packed run.
const runSlack = 8192

var errTruncated = errors.New("the values of a page end in the middle of a run")

// countRuns is the number of values in the hybrid of runs and bit-packed groups, of which at most most are allowed.
func countRuns(b []byte, width int, most int64) error {
	total := int64(0)
	for at := 0; at < len(b); {
		head, n := binary.Uvarint(b[at:])
		if n <= 0 {
			return errTruncated
		}
		at += n
		count := head >> 1
		if count > uint64(most) {
			return tooMany(most)
		}
		if head&1 != 0 {
			total += int64(count) * 8
			at += int(count) * width
		} else {
			total += int64(count)
			at += (width + 7) / 8
		}
		if total > most {
			return tooMany(most)
		}
	}
	return nil
}

func tooMany(most int64) error {
	return fmt.Errorf("a page encodes more than the %d values that its header allows", most)
}

// deltas reads the header of DELTA_BINARY_PACKED and, where sum is set, adds up the values, which are lengths. It says
// where the next part begins.
func deltas(b []byte, most int64, sum *int64) (rest []byte, err error) {
	var head [3]uint64
	at := 0
	for i := range head {
		v, n := binary.Uvarint(b[at:])
		if n <= 0 {
			return nil, errTruncated
		}
		head[i], at = v, at+n
	}
	last, n := binary.Varint(b[at:])
	if n <= 0 {
		return nil, errTruncated
	}
	at += n
	block, minis, left := head[0], head[1], head[2]
	if left > uint64(most) {
		return nil, tooMany(most)
	}
	if block == 0 || block > 1<<20 || minis == 0 || minis > block || block/minis%32 != 0 {
		return nil, fmt.Errorf("a page has deltas in blocks of %d values with %d parts", block, minis)
	}
	if sum == nil || left == 0 {
		return nil, nil
	}
	s := deltaSum{b: b, at: at, last: last, total: sum}
	if err := s.add(); err != nil {
		return nil, err
	}
	for left--; left > 0; {
		if left, err = s.block(int(block/minis), int(minis), left); err != nil {
			return nil, err
		}
	}
	return s.b[min(s.at, len(s.b)):], nil
}

// deltaSum adds up lengths block by block.
type deltaSum struct {
	b     []byte
	at    int
	last  int64
	total *int64
}

func (s *deltaSum) add() error {
	if s.last < 0 {
		return errors.New("a page has a value of negative length")
	}
	if *s.total += s.last; *s.total > pageMemory {
		return fmt.Errorf("the values of a page take more than %d bytes", pageMemory)
	}
	return nil
}

// block reads one block, of which left values are wanted, and says how many are left after it.
func (s *deltaSum) block(size, minis int, left uint64) (uint64, error) {
	least, n := binary.Varint(s.b[min(s.at, len(s.b)):])
	if n <= 0 || s.at+n+minis > len(s.b) {
		return 0, errTruncated
	}
	widths := s.b[s.at+n : s.at+n+minis]
	s.at += n + minis
	for _, w := range widths {
		if left == 0 {
			return 0, nil
		}
		if w > 32 {
			return 0, fmt.Errorf("a page has lengths of %d bits", w)
		}
		for i := range min(uint64(size), left) {
			s.last += least + int64(s.bits(int(i)*int(w), int(w)))
			if err := s.add(); err != nil {
				return 0, err
			}
			left--
		}
		s.at += size * int(w) / 8
	}
	return left, nil
}

// bits reads width bits from a bit position on, zeros behind the end.
func (s *deltaSum) bits(from, width int) uint64 {
	var word [8]byte
	if at := s.at + from/8; at < len(s.b) {
		copy(word[:], s.b[at:])
	}
	return binary.LittleEndian.Uint64(word[:]) >> (from % 8) & (1<<width - 1)
}

// decodedSize checks the encoded values of a page of n slots and says what decoding them takes in bytes. width is that
// of one value, 0 for byte arrays.
func decodedSize(e format.Encoding, kind format.Type, width int64, b []byte, n int64) (int64, error) {
	offsets := int64(0)
	if kind == format.ByteArray {
		offsets = 4 * (n + 1)
	}
	if codes(e) {
		if len(b) == 0 {
			return 0, nil
		}
		if b[0] > 32 {
			return 0, fmt.Errorf("a page has codes of %d bits", b[0])
		}
		return 4 * (n + runSlack), countRuns(b[1:], int(b[0]), n+runSlack)
	}
	switch e {
	case format.RLE:
		if len(b) < 4 {
			return 0, nil
		}
		return n/8 + runSlack, countRuns(b[4:], 1, n+runSlack)
	case format.DeltaBinaryPacked:
		if len(b) == 0 {
			return 0, nil
		}
		_, err := deltas(b, n, nil)
		return width * n, err
	case format.DeltaLengthByteArray, format.DeltaByteArray:
		if len(b) == 0 {
			return offsets, nil
		}
		total := int64(0)
		rest, err := deltas(b, n, &total)
		if err == nil && e == format.DeltaByteArray && len(rest) > 0 {
			_, err = deltas(rest, n, &total)
		}
		return total + offsets + 8*n, err
	case format.ByteStreamSplit:
		return max(width*n, int64(len(b))), nil
	}
	return offsets, nil
}

// codes says whether values are codes of a dictionary. The first is what the first version of the format calls it.
func codes(e format.Encoding) bool {
	const plainDictionary = 2
	return e == plainDictionary || e == format.RLEDictionary
}

// levelWidth is the number of bits of levels up to most.
func levelWidth(most int) int { return bits.Len(uint(most)) }
