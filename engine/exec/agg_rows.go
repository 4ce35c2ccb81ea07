package exec

import (
	"math"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/types"
)

// rowStore keeps the rows of every group.
type rowStore struct {
	chunks [][]arrow.Array // by column
	ids    []int32         // the group of each row
	groups int
	held   int64
	// After settle: each column as one array, the rows by group in order of arrival, and where each group's begin.
	cols   []arrow.Array
	order  []int32
	starts []int32
}

func newRowStore(columns int) *rowStore { return &rowStore{chunks: make([][]arrow.Array, columns)} }

func (s *rowStore) grow(n int) { s.groups = max(s.groups, n) }

func (s *rowStore) add(ids []int32, args []arrow.Array) {
	if len(ids) == 0 {
		return
	}
	s.cols = nil
	s.ids = append(s.ids, ids...)
	for c := range s.chunks {
		args[c].Retain()
		s.chunks[c] = append(s.chunks[c], args[c])
		s.held += batch.ArrayBytes(args[c])
	}
	s.held += int64(4 * len(ids))
}

// settle joins the columns and orders the rows by group.
func (s *rowStore) settle() error {
	if s.cols != nil || len(s.ids) == 0 {
		s.starts = grown(s.starts, s.groups+1)
		return nil
	}
	cols := make([]arrow.Array, len(s.chunks))
	for c := range cols {
		var err error
		if cols[c], err = batch.Concat(s.chunks[c]); err != nil {
			return err
		}
		s.chunks[c] = []arrow.Array{cols[c]}
	}
	s.cols = cols
	s.starts = make([]int32, s.groups+1)
	for _, g := range s.ids {
		s.starts[g+1]++
	}
	for g := range s.groups {
		s.starts[g+1] += s.starts[g]
	}
	next := append([]int32(nil), s.starts...)
	s.order = make([]int32, len(s.ids))
	for row, g := range s.ids {
		s.order[next[g]] = int32(row)
		next[g]++
	}
	return nil
}

// merge takes rows of o's groups over; o is only read: its owner settled it.
func (s *rowStore) merge(o *rowStore, from, to []int32) error {
	if len(o.ids) == 0 {
		return nil
	}
	var rows, ids []int32
	for i, f := range from {
		for _, row := range o.rows(int(f)) {
			rows, ids = append(rows, row), append(ids, to[i])
		}
	}
	args, err := batch.GatherColumns(o.cols, rows)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(args)
	s.add(ids, args)
	return nil
}

// rows are the rows of group g in order.
func (s *rowStore) rows(g int) []int32 {
	if len(s.ids) == 0 {
		return nil
	}
	return s.order[s.starts[g]:s.starts[g+1]]
}

// settler is an accumulator that has work to do before others may read it.
type settler interface{ settle() error }

func (c *collected) settle() error  { return c.rows.settle() }
func (j *joinedText) settle() error { return j.rows.settle() }
func (j *jsonList) settle() error   { return j.rows.settle() }
func (j *jsonObject) settle() error { return j.rows.settle() }
func (p *picked) settle() error     { return p.rows.settle() }

func (h *hypothetical) settle() error { return h.rows.settle() }
func (o *ordered) settle() error      { return o.rows.settle() }
func (d *distinct) settle() error     { return d.rows.settle() }

func (f *firstArgs) settle() error {
	if s, ok := f.accumulator.(settler); ok {
		return s.settle()
	}
	return nil
}

func tooLong(n int) error { return batch.TooLarge(int64(n)) }

// collected is array_agg.
type collected struct {
	rows *rowStore
	typ  *types.Type
}

func (c *collected) grow(n int) { c.rows.grow(n) }

func (c *collected) add(ids []int32, args []arrow.Array) error {
	c.rows.add(ids, args)
	return nil
}

func (c *collected) merge(o accumulator, from, to []int32) error {
	return c.rows.merge(o.(*collected).rows, from, to)
}

func (c *collected) bytes() int64 { return c.rows.held }

func (c *collected) result(from, to int) (arrow.Array, error) {
	if err := c.rows.settle(); err != nil {
		return nil, err
	}
	offs, null := make([]int32, to-from+1), make([]bool, to-from)
	var rows []int32
	for i := range null {
		own := c.rows.rows(from + i)
		rows = append(rows, own...)
		offs[i+1], null[i] = int32(len(rows)), len(own) == 0
	}
	elems := array.MakeArrayOfNull(allocator, c.typ.Elem.Arrow(), 0)
	if len(rows) > 0 {
		var err error
		if elems, err = batch.Gather(c.rows.cols[0], rows); err != nil {
			return nil, err
		}
	}
	defer elems.Release()
	valid, nulls := bitmapOf(null)
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(offs))), 4*len(offs))
	d := array.NewData(c.typ.Arrow(), len(null), []*memory.Buffer{valid, memory.NewBufferBytes(b)},
		[]arrow.ArrayData{elems.Data()}, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d), nil
}

// joinedText is string_agg: values that are not NULL, each but the first after its own delimiter.
type joinedText struct {
	rows *rowStore
	typ  *types.Type
}

func (j *joinedText) grow(n int) { j.rows.grow(n) }

func (j *joinedText) add(ids []int32, args []arrow.Array) error {
	j.rows.add(ids, args)
	return nil
}

func (j *joinedText) merge(o accumulator, from, to []int32) error {
	return j.rows.merge(o.(*joinedText).rows, from, to)
}

func (j *joinedText) bytes() int64 { return j.rows.held }

func (j *joinedText) result(from, to int) (arrow.Array, error) {
	if err := j.rows.settle(); err != nil {
		return nil, err
	}
	offs, null, data := make([]int32, to-from+1), make([]bool, to-from), []byte(nil)
	for i := range null {
		data, null[i] = j.appendGroup(data, from+i)
		if len(data) > math.MaxInt32 {
			return nil, tooLong(len(data))
		}
		offs[i+1] = int32(len(data))
	}
	return bytesArray(j.typ.Arrow(), offs, data, null), nil
}

func (j *joinedText) appendGroup(dst []byte, g int) (out []byte, empty bool) {
	rows := j.rows.rows(g)
	if len(rows) == 0 {
		return dst, true
	}
	value, delim := j.rows.cols[0], j.rows.cols[1]
	vo, vd := varView(value.Data())
	do, dd := varView(delim.Data())
	empty = true
	for _, r := range rows {
		if value.IsNull(int(r)) {
			continue
		}
		if !empty && !delim.IsNull(int(r)) {
			dst = append(dst, dd[do[r]:do[r+1]]...)
		}
		dst, empty = append(dst, vd[vo[r]:vo[r+1]]...), false
	}
	return dst, empty
}

// feedKey is a column that [ordered] sorts by.
type feedKey struct {
	col int
	typ *types.Type
	dir direction
}

// ordered feeds an aggregate in the order of its keys.
type ordered struct {
	inner  accumulator
	args   int // how many of the columns are the aggregate's own
	by     []feedKey
	rows   *rowStore
	ledger ledger // what the aggregate holds once it is fed
	fed    bool
}

// newOrdered keeps so many columns, of which the first args are the aggregate's.
func newOrdered(r *run, inner accumulator, args, columns int, by []feedKey) *ordered {
	return &ordered{
		inner: inner, args: args, by: by, rows: newRowStore(columns), ledger: ledger{res: r.reserve("an ordered aggregate")},
	}
}

func (o *ordered) grow(n int) { o.rows.grow(n) }

func (o *ordered) add(ids []int32, args []arrow.Array) error {
	o.rows.add(ids, args)
	return nil
}

func (o *ordered) merge(other accumulator, from, to []int32) error {
	return o.rows.merge(other.(*ordered).rows, from, to)
}

func (o *ordered) close() { o.ledger.close() }

func (o *ordered) bytes() int64 { return o.rows.held }

func (o *ordered) result(from, to int) (arrow.Array, error) {
	if !o.fed {
		if err := o.feed(); err != nil {
			return nil, err
		}
		o.fed = true
	}
	return o.inner.result(from, to)
}

func (o *ordered) feed() error {
	o.inner.grow(o.rows.groups)
	if err := o.rows.settle(); err != nil || len(o.rows.ids) == 0 {
		return err
	}
	// The order, an item of the sort and a word a key for each row.
	if err := o.ledger.set(int64(len(o.rows.ids)) * int64(20+9*(len(o.by)+1))); err != nil {
		return err
	}
	keys := []orderKey{orderOfWords(o.rows.ids)}
	for _, by := range o.by {
		k, err := newOrderKey(o.rows.cols[by.col], by.typ, by.dir)
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	rows := sortedRows(keys, len(o.rows.ids))
	sorting := o.ledger.used
	for at := 0; at < len(rows); at += batch.Rows {
		part := rows[at:min(at+batch.Rows, len(rows))]
		args, err := batch.GatherColumns(o.rows.cols[:o.args], part)
		if err != nil {
			return err
		}
		ids := make([]int32, len(part))
		for i, r := range part {
			ids[i] = o.rows.ids[r]
		}
		err = o.inner.add(ids, args)
		batch.ReleaseAll(args)
		if err != nil {
			return err
		}
		if err := o.ledger.set(sorting + o.inner.bytes()); err != nil {
			return err
		}
	}
	return o.ledger.set(o.inner.bytes())
}

// distinct feeds an aggregate with each combination of a group and arguments once.
type distinct struct {
	inner  accumulator
	types  []*types.Type // the group's number, then the arguments
	table  *groupTable
	ledger ledger
	rows   *rowStore
	hash   hasher
	ids    []int32
	fed    bool
}

func newDistinct(r *run, inner accumulator, ts []*types.Type) *distinct {
	d := &distinct{inner: inner, types: ts, ledger: ledger{res: r.reserve("a DISTINCT aggregate")}, rows: newRowStore(len(ts) - 1)}
	d.table = newGroupTable(ts, &d.ledger)
	return d
}

func (d *distinct) grow(n int) { d.rows.grow(n) }

func (d *distinct) add(ids []int32, args []arrow.Array) error {
	if len(ids) == 0 {
		return nil
	}
	keys := make([]keyVec, 0, len(d.types))
	words := make([]uint64, len(ids))
	for i, g := range ids {
		words[i] = uint64(g)
	}
	keys = append(keys, keyVec{form: wordForm, words: words})
	for i, a := range args {
		k, err := canonical(a, d.types[i+1])
		if err != nil {
			return err
		}
		keys = append(keys, k)
	}
	d.ids = sized(d.ids, len(ids))
	if err := d.table.find(keys, d.hash.hash(keys, len(ids)), d.ids); err != nil {
		return err
	}
	fresh := d.table.fresh
	if len(fresh) == 0 {
		return nil
	}
	some, err := batch.GatherColumns(args, fresh)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(some)
	groups := make([]int32, len(fresh))
	for i, r := range fresh {
		groups[i] = ids[r]
	}
	d.rows.add(groups, some)
	return nil
}

func (d *distinct) merge(other accumulator, from, to []int32) error {
	moved := newRowStore(len(d.types) - 1)
	if err := moved.merge(other.(*distinct).rows, from, to); err != nil || len(moved.ids) == 0 {
		return err
	}
	args := make([]arrow.Array, len(moved.chunks))
	for c := range args {
		args[c] = moved.chunks[c][0]
	}
	return d.add(moved.ids, args)
}

func (d *distinct) close() {
	d.ledger.close()
	if c, ok := d.inner.(interface{ close() }); ok {
		c.close()
	}
}

func (d *distinct) bytes() int64 { return d.rows.held }

func (d *distinct) result(from, to int) (arrow.Array, error) {
	if !d.fed {
		d.fed = true
		d.inner.grow(d.rows.groups)
		at := 0
		for c := range d.rows.chunks[0] {
			args := make([]arrow.Array, len(d.rows.chunks))
			for k := range args {
				args[k] = d.rows.chunks[k][c]
			}
			n := args[0].Len()
			if err := d.inner.add(d.rows.ids[at:at+n], args); err != nil {
				return nil, err
			}
			at += n
		}
	}
	return d.inner.result(from, to)
}
