package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/types"
)

// layout says where partitions and groups of peers begin in the ordered input. Starts have one entry more than there
// are partitions or groups: the end.
type layout struct {
	n          int
	group      []int32 // of each row
	groupStart []int32 // row
	groupPart  []int32 // partition of each group
	partStart  []int32 // row
	partGroup  []int32 // first group
}

// part gives the partition of row i as its rows [start, end).
func (l *layout) part(i int) (start, end int) {
	p := l.groupPart[l.group[i]]
	return int(l.partStart[p]), int(l.partStart[p+1])
}

// peers gives the peers of row i as rows [start, end).
func (l *layout) peers(i int) (start, end int) {
	g := l.group[i]
	return int(l.groupStart[g]), int(l.groupStart[g+1])
}

// arrange orders the rows and finds partitions and peers.
func (s *windowStream) arrange(ctx context.Context) error {
	n := int(s.rec.NumRows())
	var keys []orderKey
	for _, k := range s.partition {
		key, err := s.partitionKey(k)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	for _, k := range s.order {
		key, err := newOrderKey(s.rec.Column(k.ord), k.typ, k.dir)
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	if !inOrder(keys, n) {
		var err error
		if s.rows, err = s.stableOrder(ctx, keys, n); err != nil {
			return err
		}
	}
	s.layout = newLayout(keys[:len(s.partition)], keys[len(s.partition):], s.rows, n)
	return nil
}

// stableOrder are the rows in the order of the keys, equal ones as they came.
func (s *windowStream) stableOrder(ctx context.Context, keys []orderKey, n int) ([]int32, error) {
	if n >= radixMinimum && allExact(keys) {
		return radixOrder(keys, n), nil
	}
	keys = append(keys[:len(keys):len(keys)], orderOfRows(n))
	runs, err := s.run.sortRuns(ctx, keys, n)
	if err != nil {
		return nil, err
	}
	return mergeRuns(keys, runs, make([]int32, 0, n), n), nil
}

func allExact(keys []orderKey) bool {
	for i := range keys {
		if !keys[i].exact() {
			return false
		}
	}
	return true
}

// radixOrder sorts by each key in turn, the last first: radixSort is stable for so many rows.
func radixOrder(keys []orderKey, n int) []int32 {
	items := make([]sortItem, n)
	for i := range items {
		items[i].row = int32(i)
	}
	for k := len(keys) - 1; k >= 0; k-- {
		restorePrefix(&keys[k], items)
		radixSort(items)
	}
	rows := make([]int32, n)
	for i, it := range items {
		rows[i] = it.row
	}
	return rows
}

// partitionKey is an order over a partition's key: any will do, so types without one go by number of appearance.
func (s *windowStream) partitionKey(k windowKey) (orderKey, error) {
	col := s.rec.Column(k.ord)
	if sortable([]*types.Type{k.typ}) == nil {
		return newOrderKey(col, k.typ, direction{})
	}
	v, err := canonical(col, k.typ)
	if err != nil {
		return orderKey{}, err
	}
	table, ids, h := newGroupTable([]*types.Type{k.typ}, &s.ledger), make([]int32, col.Len()), hasher{}
	if err := table.find([]keyVec{v}, h.hash([]keyVec{v}, col.Len()), ids); err != nil {
		return orderKey{}, err
	}
	return orderOfWords(ids), nil
}

// orderOfRows is a key that tells all rows apart by their numbers.
func orderOfRows(n int) orderKey {
	k := orderKey{words: make([]uint64, n)}
	for i := range k.words {
		k.words[i] = uint64(i)
	}
	return k
}

func inOrder(keys []orderKey, n int) bool {
	if len(keys) == 0 {
		return true
	}
	for i := 1; i < n; i++ {
		if compareRows(keys, int32(i-1), int32(i)) > 0 {
			return false
		}
	}
	return true
}

func newLayout(partition, order []orderKey, rows []int32, n int) *layout {
	l := &layout{n: n, group: make([]int32, n)}
	for i := range n {
		part, group := i == 0, i == 0
		if i > 0 {
			a, b := int32(i-1), int32(i)
			if rows != nil {
				a, b = rows[i-1], rows[i]
			}
			part = compareRows(partition, a, b) != 0
			group = part || compareRows(order, a, b) != 0
		}
		if part {
			l.partStart = append(l.partStart, int32(i))
			l.partGroup = append(l.partGroup, int32(len(l.groupStart)))
		}
		if group {
			l.groupStart = append(l.groupStart, int32(i))
			l.groupPart = append(l.groupPart, int32(len(l.partStart)-1))
		}
		l.group[i] = int32(len(l.groupStart) - 1)
	}
	l.partGroup = append(l.partGroup, int32(len(l.groupStart)))
	l.partStart, l.groupStart = append(l.partStart, int32(n)), append(l.groupStart, int32(n))
	return l
}

// kept are the rows, of the ordered input, that an item's filter lets pass, and how many of them come before each row.
// Without a filter both are nil.
func (s *windowStream) kept(it *windowItem) (kept, before []int32, err error) {
	if it.filter < 0 {
		return nil, nil, nil
	}
	a, err := s.inOrder(it.filter)
	if err != nil {
		return nil, nil, err
	}
	if err := s.ledger.add(int64(8 * s.layout.n)); err != nil {
		return nil, nil, err
	}
	b := a.(*array.Boolean)
	kept, before = []int32{}, make([]int32, s.layout.n+1)
	for i := range s.layout.n {
		before[i] = int32(len(kept))
		if !b.IsNull(i) && b.Value(i) {
			kept = append(kept, int32(i))
		}
	}
	before[s.layout.n] = int32(len(kept))
	return kept, before, nil
}

// arguments are an aggregate's arguments at the rows that its filter lets pass, in order.
func (s *windowStream) arguments(it *windowItem, kept []int32) ([]arrow.Array, error) {
	out := make([]arrow.Array, len(it.args))
	rows := kept
	if kept != nil && s.rows != nil {
		rows = make([]int32, len(kept))
		for i, k := range kept {
			rows[i] = s.rows[k]
		}
	}
	for i, ord := range it.args {
		var err error
		if kept == nil {
			out[i], err = s.inOrder(ord)
		} else {
			out[i], err = s.pick(ord, rows)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}
