package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
)

// codeBits is the width of the number that the codes of all keys are combined into: 256 KiB of group numbers.
const codeBits = 16

// groupCodes finds groups of dictionary-encoded keys without touching a value per row: each dictionary's values are
// numbered once, and the numbers of a row's keys, side by side, index a table of groups.
type groupCodes struct {
	off    bool // a key has too many values
	width  int  // bits per key
	known  []codeKey
	groups []int32 // by combined number: the group + 1, 0 for none yet
	index  []uint32
	rows   []int32
}

// codeKey numbers one key's values from 1; 0 is NULL.
type codeKey struct {
	values  *groupTable
	of      arrow.ArrayData // the dictionary that numbers belongs to
	numbers []uint32        // by code + 1
}

// sinkCodes folds a batch in when all its keys are dictionary-encoded with few values; ok is false when they are not.
func (g *groups) sinkCodes(rec arrow.RecordBatch) (ok bool, err error) {
	keys := len(g.agg.node.Keys)
	if g.codes.off || keys == 0 || keys > 4 || g.agg.node.GroupingSets != nil {
		return false, nil
	}
	for k := range keys {
		d, is := rec.Column(g.agg.exprs.ords[k]).(*array.Dictionary)
		if !is || d.Dictionary().Len() >= 1<<(codeBits/keys) {
			return false, nil
		}
	}
	c := &g.codes
	if c.known == nil {
		c.width = codeBits / keys
		c.known, c.groups = make([]codeKey, keys), make([]int32, 1<<(c.width*keys))
	}
	n := int(rec.NumRows())
	c.index = zeroed(c.index, n)
	for k := range keys {
		d := rec.Column(g.agg.exprs.ords[k]).(*array.Dictionary)
		if ok, err := g.number(k, d); !ok || err != nil {
			return false, err
		}
		combine(c.index, batch.Codes(d), c.known[k].numbers, c.width*k)
	}
	if err := g.newCombinations(rec); err != nil {
		return false, err
	}
	g.ids = sized(g.ids, n)
	for i, at := range c.index {
		g.ids[i] = c.groups[at] - 1
	}
	return true, g.accumulate(rec, g.ids)
}

func combine(index []uint32, codes []int32, numbers []uint32, shift int) {
	codes = codes[:len(index)]
	for i := range index {
		index[i] |= numbers[codes[i]+1] << shift
	}
}

// number makes sure that the numbers of d's dictionary are known; ok is false when there are too many.
func (g *groups) number(k int, d *array.Dictionary) (ok bool, err error) {
	c := &g.codes.known[k]
	if c.of == d.Data().Dictionary() {
		return true, nil
	}
	t := g.agg.keys[k]
	if c.values == nil {
		c.values = newGroupTable(g.agg.keys[k:k+1], &g.ledger)
	}
	v, err := canonical(d.Dictionary(), t)
	if err != nil {
		return false, err
	}
	n := d.Dictionary().Len()
	ids := make([]int32, n)
	key := []keyVec{v}
	if err := c.values.find(key, g.hash.hash(key, n), ids); err != nil {
		return false, err
	}
	if c.values.n >= 1<<g.codes.width {
		g.codes.off = true
		return false, nil
	}
	c.numbers = make([]uint32, n+1)
	for i, id := range ids {
		if v.null == nil || !v.null[i] {
			c.numbers[i+1] = uint32(id) + 1
		}
	}
	c.of = d.Data().Dictionary()
	return true, nil
}

// newCombinations makes groups for the combinations that the batch is the first to have.
func (g *groups) newCombinations(rec arrow.RecordBatch) error {
	c := &g.codes
	c.rows = c.rows[:0]
	for i, at := range c.index {
		if c.groups[at] == 0 {
			c.groups[at] = -1
			c.rows = append(c.rows, int32(i))
		}
	}
	if len(c.rows) == 0 {
		return nil
	}
	first, err := batch.GatherRecord(rec, c.rows)
	if err != nil {
		return err
	}
	defer first.Release()
	if err := g.keyVectors(first); err != nil {
		return err
	}
	ids := make([]int32, len(c.rows))
	if err := g.table.find(g.vecs, g.hash.hash(g.vecs, len(ids)), ids); err != nil {
		return err
	}
	for i, r := range c.rows {
		c.groups[c.index[r]] = ids[i] + 1
	}
	return g.keepFirst(first, nil)
}
