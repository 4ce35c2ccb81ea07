package exec

import (
	"math/bits"

	"github.com/skeinsql/skein/engine/types"
)

// joinTable finds the build rows of a key. It holds no pointers but its own slices. Rows of one key, or, in a hash
// table, of one 32-bit tag and probe position, are chained in ascending order; the prober compares keys. Row numbers in
// it count from 1, so that 0 is none.
type joinTable struct {
	slots []uint64 // hash<<32 | row: linear probing, load at most 1/2
	mask  uint64
	heads []int32 // direct addressing: the first row of key base+i
	base  uint64
	next  []int32 // the next row of the chain; nil when no chain has two rows
	all   int32   // without keys: every row in one chain of this length
}

// newJoinTable is a table over the rows of keys but those in skip (nil: none). The hash table is charged to l before it
// is made.
func newJoinTable(keys []keyVec, ts []*types.Type, rows int, skip []bool, l *ledger) (*joinTable, error) {
	if len(keys) == 0 && skip == nil {
		return &joinTable{all: int32(rows)}, nil
	}
	if len(keys) == 1 && isIntegerKey(ts[0]) && keys[0].form == wordForm {
		if base, size, ok := directRange(keys[0].words, skip); ok && (keys[0].null == nil || skip != nil) {
			if err := l.add(int64(4*size + 4*rows)); err != nil {
				return nil, err
			}
			return directTable(keys[0].words, skip, base, size), nil
		}
	}
	size := 1 << bits.Len(uint(max(2*rows-1, 15)))
	if err := l.add(int64(8*size + 12*rows)); err != nil {
		return nil, err
	}
	var h hasher
	return hashTable(h.hash(keys, rows), skip, size), nil
}

// isIntegerKey says whether a word is the value as a signed integer.
func isIntegerKey(t *types.Type) bool {
	switch t.Kind {
	case types.Float4, types.Float8:
		return false
	}
	return formOf(t) == wordForm
}

// directSpread is how many times the rows the range of keys may be for direct addressing: probes cost 1 to 6 ns there
// and 8 to 24 in a hash table, for 4 bytes a key of the range.
const directSpread = 4

func directRange(words []uint64, skip []bool) (base uint64, size int, ok bool) {
	lo, hi, n := int64(0), int64(0), 0
	for i, w := range words {
		if skip != nil && skip[i] {
			continue
		}
		v := int64(w)
		if n == 0 {
			lo, hi = v, v
		}
		lo, hi = min(lo, v), max(hi, v)
		n++
	}
	spread := uint64(hi) - uint64(lo)
	if n == 0 || spread >= uint64(directSpread*n+1024) {
		return 0, 0, false
	}
	return uint64(lo), int(spread) + 1, true
}

func directTable(words []uint64, skip []bool, base uint64, size int) *joinTable {
	t := &joinTable{heads: make([]int32, size), base: base}
	for i := len(words) - 1; i >= 0; i-- {
		if skip != nil && skip[i] {
			continue
		}
		head := &t.heads[words[i]-base]
		if *head != 0 {
			if t.next == nil {
				t.next = make([]int32, len(words)+1)
			}
			t.next[i+1] = *head
		}
		*head = int32(i + 1)
	}
	return t
}

func hashTable(hashes []uint64, skip []bool, size int) *joinTable {
	t := &joinTable{slots: make([]uint64, size), mask: uint64(size - 1)}
	for i := len(hashes) - 1; i >= 0; i-- {
		if skip != nil && skip[i] {
			continue
		}
		h := hashes[i]
		at := h & t.mask
		for {
			s := t.slots[at]
			if s == 0 {
				break
			}
			if s>>32 == h>>32 {
				if t.next == nil {
					t.next = make([]int32, len(hashes)+1)
				}
				t.next[i+1] = int32(uint32(s))
				break
			}
			at = (at + 1) & t.mask
		}
		t.slots[at] = h>>32<<32 | uint64(i+1)
	}
	return t
}

// prober walks a table's chains for the rows of a probe batch, all rows a step at a time.
type prober struct {
	t     *joinTable
	build []keyVec
	probe []keyVec
	// sel are the probe rows that still have candidates, cand their build rows (from 0).
	sel, cand []int32
	ok        []bool
	hash      hasher
}

// start looks the first candidates of n probe rows up; those in skip (nil: none) have none.
func (p *prober) start(probe []keyVec, n int, skip []bool) {
	p.probe = probe
	p.sel, p.cand = sized(p.sel, n)[:0], sized(p.cand, n)[:0]
	switch t := p.t; {
	case t.slots != nil:
		p.startHash(n, skip)
	case t.heads != nil:
		if probe[0].null != nil {
			skip = probe[0].null // no NULL is in a table of this kind
		}
		p.startDirect(probe[0].words[:n], skip)
	case t.all > 0:
		for i := range n {
			if skip == nil || !skip[i] {
				p.sel, p.cand = append(p.sel, int32(i)), append(p.cand, 0)
			}
		}
	}
}

func (p *prober) startDirect(words []uint64, skip []bool) {
	heads, base := p.t.heads, p.t.base
	for i, w := range words {
		at := w - base
		if at >= uint64(len(heads)) || skip != nil && skip[i] {
			continue
		}
		if row := heads[at]; row != 0 {
			p.sel, p.cand = append(p.sel, int32(i)), append(p.cand, row-1)
		}
	}
}

func (p *prober) startHash(n int, skip []bool) {
	slots, mask := p.t.slots, p.t.mask
	for i, h := range p.hash.hash(p.probe, n) {
		if skip != nil && skip[i] {
			continue
		}
		for at := h & mask; ; at = (at + 1) & mask {
			s := slots[at]
			if s == 0 {
				break
			}
			if s>>32 == h>>32 {
				p.sel, p.cand = append(p.sel, int32(i)), append(p.cand, int32(uint32(s))-1)
				break
			}
		}
	}
}

// round appends the pairs whose keys are equal to l and b, and moves every row on to its next candidate.
func (p *prober) round(l, b []int32) ([]int32, []int32) {
	if p.t.slots == nil {
		l, b = append(l, p.sel...), append(b, p.cand...)
	} else {
		l, b = p.compare(l, b)
	}
	p.advance()
	return l, b
}

func (p *prober) compare(l, b []int32) ([]int32, []int32) {
	p.ok = sized(p.ok, len(p.sel))
	for i := range p.ok {
		p.ok[i] = true
	}
	for k := range p.build {
		p.probe[k].equalPairs(p.ok, p.sel, &p.build[k], p.cand)
	}
	for i, ok := range p.ok {
		if ok {
			l, b = append(l, p.sel[i]), append(b, p.cand[i])
		}
	}
	return l, b
}

func (p *prober) advance() {
	n := 0
	switch {
	case p.t.next != nil:
		for i, c := range p.cand {
			if row := p.t.next[c+1]; row != 0 {
				p.sel[n], p.cand[n] = p.sel[i], row-1
				n++
			}
		}
	case p.t.all > 0:
		for i, c := range p.cand {
			if c+1 < p.t.all {
				p.sel[n], p.cand[n] = p.sel[i], c+1
				n++
			}
		}
	}
	p.sel, p.cand = p.sel[:n], p.cand[:n]
}

// drop forgets the candidates of rows that need no more.
func (p *prober) drop(done []bool) {
	n := 0
	for i, r := range p.sel {
		if !done[r] {
			p.sel[n], p.cand[n] = r, p.cand[i]
			n++
		}
	}
	p.sel, p.cand = p.sel[:n], p.cand[:n]
}
