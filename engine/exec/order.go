package exec

import (
	"bytes"
	"cmp"
	"math/bits"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// direction is how a sort key orders.
type direction struct{ desc, nullsFirst bool }

// orderKey is a sort key's column in a form whose unsigned comparison is SQL's ascending order.
type orderKey struct {
	direction
	null    []bool // nil: no NULLs
	words   []uint64
	low     []uint64 // the low halves of 128-bit values, whose high halves are words
	offs    []int32
	data    []byte
	numbers bool // data holds encoded numerics
}

// sortable refuses types that have no order.
func sortable(ts []*types.Type) error {
	for _, t := range ts {
		switch t.Kind {
		case types.JSON, types.Opaque:
			return sqlerr.Unsupported("ordering by a value of type " + t.String())
		case types.Array:
			return sortable([]*types.Type{t.Elem})
		case types.Composite, types.Record:
			for _, f := range t.Fields {
				if err := sortable([]*types.Type{f.Type}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func newOrderKey(a arrow.Array, t *types.Type, d direction) (orderKey, error) {
	k := orderKey{direction: d}
	if t.Kind == types.Numeric && t.NumericStorage() == types.VarNumeric {
		p, err := batch.Plain(a)
		if err != nil {
			return k, err
		}
		defer p.Release()
		k.null, k.numbers = nullsOf(p), true
		k.offs, k.data = varView(p.Data())
		return k, nil
	}
	if byKey(t) {
		return newOrderedKey(a, t, d)
	}
	v, err := canonical(a, t)
	if err != nil {
		return k, err
	}
	k.null = v.null
	switch v.form {
	case wordForm:
		k.words = orderWords(v.words, t)
	case pairForm:
		k.words, k.low = orderPairs(v.pairs, t)
	default:
		k.offs, k.data = v.offs, v.data
	}
	return k, nil
}

// orderOfWords is an ascending key over small numbers.
func orderOfWords(v []int32) orderKey {
	k := orderKey{words: make([]uint64, len(v))}
	for i, x := range v {
		k.words[i] = uint64(x)
	}
	return k
}

const signBit = 1 << 63

func orderWords(v []uint64, t *types.Type) []uint64 {
	out := make([]uint64, len(v))
	if !t.IsFloat() {
		for i, w := range v {
			out[i] = w ^ signBit
		}
		return out
	}
	for i, w := range v {
		// Positive floats order as their bits, negative ones the other way round; NaN is the largest.
		out[i] = w ^ (uint64(int64(w)>>63) | signBit)
	}
	return out
}

func orderPairs(v [][2]uint64, t *types.Type) (high, low []uint64) {
	high, low = make([]uint64, len(v)), make([]uint64, len(v))
	for i, p := range v {
		if t.Kind == types.UUID {
			high[i], low[i] = bits.ReverseBytes64(p[0]), bits.ReverseBytes64(p[1])
		} else {
			high[i], low[i] = p[1]^signBit, p[0]
		}
	}
	return high, low
}

// prefix is a number for row r such that a smaller one comes first; equal ones say nothing.
func (k *orderKey) prefix(r int) uint64 {
	if k.null != nil && k.null[r] {
		if k.nullsFirst {
			return 0
		}
		return ^uint64(0)
	}
	var p uint64
	switch {
	case k.words != nil:
		p = k.words[r]
	case k.numbers:
		return 1 << 62
	default:
		p = textPrefix(k.data[k.offs[r]:k.offs[r+1]])
	}
	if k.desc {
		return ^p
	}
	return p
}

// textPrefix is the first eight bytes as a number.
func textPrefix(b []byte) uint64 {
	if len(b) >= 8 {
		return uint64(b[0])<<56 | uint64(b[1])<<48 | uint64(b[2])<<40 | uint64(b[3])<<32 | uint64(b[4])<<24 |
			uint64(b[5])<<16 | uint64(b[6])<<8 | uint64(b[7])
	}
	var p uint64
	for i, c := range b {
		p |= uint64(c) << (56 - 8*i)
	}
	return p
}

// compare orders two rows, which may be of different batches.
func (k *orderKey) compare(a int32, o *orderKey, b int32) int {
	an, bn := k.null != nil && k.null[a], o.null != nil && o.null[b]
	switch {
	case an && bn:
		return 0
	case an != bn:
		if an == k.nullsFirst {
			return -1
		}
		return 1
	}
	var c int
	switch {
	case k.words != nil:
		if c = cmp.Compare(k.words[a], o.words[b]); c == 0 && k.low != nil {
			c = cmp.Compare(k.low[a], o.low[b])
		}
	case k.numbers:
		c = numeric.Compare(k.data[k.offs[a]:k.offs[a+1]], o.data[o.offs[b]:o.offs[b+1]])
	default:
		c = bytes.Compare(k.data[k.offs[a]:k.offs[a+1]], o.data[o.offs[b]:o.offs[b+1]])
	}
	if k.desc {
		return -c
	}
	return c
}

// compareRows orders two rows by all keys.
func compareRows(keys []orderKey, a, b int32) int {
	for i := range keys {
		if c := keys[i].compare(a, &keys[i], b); c != 0 {
			return c
		}
	}
	return 0
}

// compareAcross orders row a of one batch and row b of another.
func compareAcross(ka []orderKey, a int32, kb []orderKey, b int32) int {
	for i := range ka {
		if c := ka[i].compare(a, &kb[i], b); c != 0 {
			return c
		}
	}
	return 0
}

// sortItem is a row with the prefix of its first key.
type sortItem struct {
	prefix uint64
	row    int32
}

// sortedRows are the rows 0 … n-1 in the order of the keys.
func sortedRows(keys []orderKey, n int) []int32 {
	items := make([]sortItem, n)
	sortItems(keys, items, 0)
	out := make([]int32, n)
	for i, it := range items {
		out[i] = it.row
	}
	return out
}

// sortItems fills items with the rows from first on and sorts them: by radix on the first key's prefix, then by
// comparison where prefixes are equal.
func sortItems(keys []orderKey, items []sortItem, first int32) {
	for i := range items {
		items[i].row = first + int32(i)
		if len(keys) > 0 {
			items[i].prefix = keys[0].prefix(int(first) + i)
		}
	}
	if len(keys) == 0 {
		return
	}
	radixSort(items)
	text := keys[0].words == nil && !keys[0].numbers && keys[0].null == nil
	eachTie(items, func(ties []sortItem) {
		if text && len(ties) >= radixMinimum && longer(&keys[0], ties, 8) {
			sortText(keys, ties, 8)
			restorePrefix(&keys[0], ties)
			return
		}
		sortTies(keys, ties)
	})
}

// restorePrefix gives items the prefixes that merging goes by.
func restorePrefix(k *orderKey, items []sortItem) {
	for i := range items {
		items[i].prefix = k.prefix(int(items[i].row))
	}
}

func sortTies(keys []orderKey, items []sortItem) {
	if len(keys) == 1 && keys[0].exact() {
		return
	}
	slices.SortFunc(items, func(a, b sortItem) int { return compareRows(keys, a.row, b.row) })
}

// sortText sorts items that share the first depth bytes of a text key, eight bytes at a time while many are equal.
// Items of equal prefixes are compared by all keys in the end, so that a prefix only has to be right, not complete.
func sortText(keys []orderKey, items []sortItem, depth int) {
	k := &keys[0]
	for i := range items {
		r := items[i].row
		v := k.data[k.offs[r]:k.offs[r+1]]
		p := textPrefix(v[min(depth, len(v)):])
		if k.desc {
			p = ^p
		}
		items[i].prefix = p
	}
	radixSort(items)
	eachTie(items, func(ties []sortItem) {
		if len(ties) < radixMinimum || !longer(k, ties, depth+8) {
			sortTies(keys, ties)
			return
		}
		sortText(keys, ties, depth+8)
	})
}

// longer says whether some item's text is longer than n, so that looking further can tell the items apart.
func longer(k *orderKey, items []sortItem, n int) bool {
	for _, it := range items {
		if int(k.offs[it.row+1]-k.offs[it.row]) > n {
			return true
		}
	}
	return false
}

// eachTie calls f with every run of more than one equal prefix.
func eachTie(items []sortItem, f func([]sortItem)) {
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && items[j].prefix == items[i].prefix {
			j++
		}
		if j-i > 1 {
			f(items[i:j])
		}
		i = j
	}
}

// exact says whether equal prefixes are equal values.
func (k *orderKey) exact() bool { return k.words != nil && k.low == nil && k.null == nil }

// radixMinimum is the number of items from which counting bytes beats comparing.
const radixMinimum = 512

// radixSort sorts by prefix, least significant byte first, and leaves bytes out that all items share.
func radixSort(items []sortItem) {
	if len(items) < radixMinimum {
		slices.SortFunc(items, func(a, b sortItem) int { return cmp.Compare(a.prefix, b.prefix) })
		return
	}
	var counts [8][256]int
	for _, it := range items {
		for b := range 8 {
			counts[b][byte(it.prefix>>(8*b))]++
		}
	}
	from, to := items, make([]sortItem, len(items))
	for b := range 8 {
		c := &counts[b]
		if c[byte(items[0].prefix>>(8*b))] == len(items) {
			continue
		}
		at := 0
		for i := range c {
			c[i], at = at, at+c[i]
		}
		for _, it := range from {
			digit := byte(it.prefix >> (8 * b))
			to[c[digit]] = it
			c[digit]++
		}
		from, to = to, from
	}
	if &from[0] != &items[0] {
		copy(items, from)
	}
}
