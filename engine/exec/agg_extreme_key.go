package exec

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/types"
)

// extremeKey is [extreme] for types that are compared by keys: arrays, addresses, times with a zone. Of values that are
// equal but not the same PostgreSQL keeps the last.
type extremeKey struct {
	typ     *types.Type
	largest bool
	key     [][]byte // of each group's value
	at      []int32  // where the value lies in values, -1 for none
	values  []arrow.Array
	rows    int // in values
	held    int64
}

func (e *extremeKey) grow(n int) {
	had := len(e.at)
	e.key, e.at = grown(e.key, n), grown(e.at, n)
	for i := had; i < n; i++ {
		e.at[i] = -1
	}
}

func (e *extremeKey) add(ids []int32, args []arrow.Array) error {
	k, err := newOrderKey(args[0], e.typ, direction{})
	if err != nil {
		return err
	}
	best := make(map[int32]int32) // rows by group
	for i, g := range ids {
		if k.null != nil && k.null[i] {
			continue
		}
		if e.improves(g, k.data[k.offs[i]:k.offs[i+1]]) {
			best[g] = int32(i)
		}
	}
	return e.keep(args[0], best)
}

// improves takes a value's key over as its group's, if it is.
func (e *extremeKey) improves(g int32, key []byte) bool {
	if e.key[g] != nil {
		c := bytes.Compare(key, e.key[g])
		if e.largest && c < 0 || !e.largest && c > 0 {
			return false
		}
	}
	had := cap(e.key[g])
	e.key[g] = append(e.key[g][:0], key...)
	e.held += int64(cap(e.key[g]) - had)
	return true
}

// keep copies the rows that are their groups' values now.
func (e *extremeKey) keep(a arrow.Array, best map[int32]int32) error {
	if len(best) == 0 {
		return nil
	}
	rows := make([]int32, 0, len(best))
	for g, row := range best {
		e.at[g] = int32(e.rows + len(rows))
		rows = append(rows, row)
	}
	taken, err := batch.Gather(a, rows)
	if err != nil {
		return err
	}
	e.values, e.rows, e.held = append(e.values, taken), e.rows+len(rows), e.held+batch.ArrayBytes(taken)
	if e.rows > 4*len(e.at)+8192 {
		return e.compact()
	}
	return nil
}

// compact drops the values that better ones replaced.
func (e *extremeKey) compact() error {
	rows, next := make([]int32, 0, len(e.at)), make([]int32, len(e.at))
	for g, at := range e.at {
		if next[g] = -1; at >= 0 {
			next[g] = int32(len(rows))
			rows = append(rows, at)
		}
	}
	live, err := e.gather(rows)
	if err != nil {
		return err
	}
	for _, v := range e.values {
		e.held -= batch.ArrayBytes(v)
	}
	e.held += batch.ArrayBytes(live)
	e.values, e.at, e.rows = []arrow.Array{live}, next, len(rows)
	return nil
}

func (e *extremeKey) gather(rows []int32) (arrow.Array, error) {
	if len(e.values) == 0 {
		return array.MakeArrayOfNull(allocator, e.typ.Arrow(), 0), nil
	}
	all, err := batch.Concat(e.values)
	if err != nil {
		return nil, err
	}
	defer all.Release()
	return batch.Gather(all, rows)
}

func (e *extremeKey) merge(other accumulator, from, to []int32) error {
	o := other.(*extremeKey)
	best := make(map[int32]int32)
	var rows []int32
	for i, f := range from {
		if o.at[f] >= 0 && e.improves(to[i], o.key[f]) {
			best[to[i]] = int32(len(rows))
			rows = append(rows, o.at[f])
		}
	}
	if len(rows) == 0 {
		return nil
	}
	a, err := o.gather(rows)
	if err != nil {
		return err
	}
	defer a.Release()
	return e.keep(a, best)
}

func (e *extremeKey) result(from, to int) (arrow.Array, error) {
	rows, none := make([]int32, 0, to-from), true
	for _, at := range e.at[from:to] {
		rows = append(rows, at)
		none = none && at < 0
	}
	if none {
		return array.MakeArrayOfNull(allocator, e.typ.Arrow(), to-from), nil
	}
	return e.gather(rows)
}

func (e *extremeKey) bytes() int64 { return int64(28*cap(e.at)) + e.held }
