package exec

import (
	"math/bits"

	"github.com/skeinsql/skein/engine/types"
)

// groupTable numbers distinct keys from 0 in order of appearance. Slots are hash<<32 | number+1, probed linearly at a
// load of at most 1/2.
type groupTable struct {
	slots  []uint64
	mask   uint64
	hashes []uint64 // by group
	keys   []keyVec // by group
	n      int
	fresh  []int32 // the rows of the last batch that made a group, in the groups' order
	rows   []int32 // 0, 1, 2, …
	ok     []bool
	ledger *ledger
	stored int64 // bytes of keys accounted for
}

// firstSlots is the size of a new table.
const firstSlots = 1024

func newGroupTable(ts []*types.Type, l *ledger) *groupTable {
	t := &groupTable{slots: make([]uint64, firstSlots), mask: firstSlots - 1, keys: make([]keyVec, len(ts)), ledger: l}
	for i, typ := range ts {
		t.keys[i] = newKeyVec(typ)
	}
	return t
}

// find gives the group of each row, making new ones; t.fresh holds the rows that made them.
func (t *groupTable) find(keys []keyVec, hashes []uint64, groups []int32) error {
	t.fresh = t.fresh[:0]
	for i, h := range hashes {
		at := h & t.mask
		for {
			s := t.slots[at]
			if s == 0 {
				groups[i] = int32(t.n)
				if err := t.insert(at, h, int32(i)); err != nil {
					return err
				}
				break
			}
			if s>>32 == h>>32 {
				groups[i] = int32(uint32(s)) - 1
				break
			}
			at = (at + 1) & t.mask
		}
	}
	if err := t.store(keys, t.fresh); err != nil {
		return err
	}
	return t.verify(keys, hashes, groups)
}

// verify compares each row with its group's key; the rare row whose hash deceived is found another group.
func (t *groupTable) verify(keys []keyVec, hashes []uint64, groups []int32) error {
	n := len(hashes)
	for len(t.rows) < n {
		t.rows = append(t.rows, int32(len(t.rows)))
	}
	t.ok = sized(t.ok, n)
	for i := range t.ok {
		t.ok[i] = true
	}
	for k := range keys {
		keys[k].equalPairs(t.ok, t.rows[:n], &t.keys[k], groups)
	}
	for i, ok := range t.ok {
		if ok {
			continue
		}
		g, err := t.findSlowly(keys, hashes[i], int32(i))
		if err != nil {
			return err
		}
		groups[i] = g
	}
	return nil
}

func (t *groupTable) findSlowly(keys []keyVec, h uint64, row int32) (int32, error) {
	for at := h & t.mask; ; at = (at + 1) & t.mask {
		s := t.slots[at]
		if s == 0 {
			g := int32(t.n)
			if err := t.insert(at, h, row); err != nil {
				return 0, err
			}
			return g, t.store(keys, []int32{row})
		}
		g := int32(uint32(s)) - 1
		if s>>32 == h>>32 && t.equal(keys, row, g) {
			return g, nil
		}
	}
}

func (t *groupTable) equal(keys []keyVec, row, group int32) bool {
	for k := range keys {
		if !keys[k].equalAt(row, &t.keys[k], group) {
			return false
		}
	}
	return true
}

// insert makes a group in the free slot at; its key is stored by the caller.
func (t *groupTable) insert(at, h uint64, row int32) error {
	t.slots[at] = h>>32<<32 | uint64(t.n+1)
	t.hashes = append(t.hashes, h)
	t.fresh = append(t.fresh, row)
	t.n++
	if 2*t.n < len(t.slots) {
		return nil
	}
	return t.resize(4 * len(t.slots))
}

func (t *groupTable) resize(size int) error {
	if err := t.ledger.add(int64(8*size - 8*len(t.slots) + 4*size)); err != nil {
		return err
	}
	t.slots, t.mask = make([]uint64, size), uint64(size-1)
	for g, h := range t.hashes {
		at := h & t.mask
		for t.slots[at] != 0 {
			at = (at + 1) & t.mask
		}
		t.slots[at] = h>>32<<32 | uint64(g+1)
	}
	return nil
}

// reserve makes room for n groups at once.
func (t *groupTable) reserve(n int) error {
	if size := 1 << bits.Len(uint(2*n)); size > len(t.slots) {
		return t.resize(size)
	}
	return nil
}

func (t *groupTable) store(keys []keyVec, rows []int32) error {
	if len(rows) == 0 {
		return nil
	}
	held := int64(0)
	for k := range keys {
		if err := t.keys[k].appendRows(&keys[k], rows); err != nil {
			return err
		}
		held += t.keys[k].bytes()
	}
	if held > t.stored {
		if err := t.ledger.add(held - t.stored); err != nil {
			return err
		}
		t.stored = held
	}
	return nil
}
