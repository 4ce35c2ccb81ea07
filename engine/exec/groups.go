package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/skeinsql/skein/engine/batch"
)

// groups is a set of groups with their accumulators. For use by one goroutine at a time.
type groups struct {
	agg    *aggregate
	table  *groupTable // nil without keys: there is one group
	accs   []accumulator
	first  [][]arrow.Array // by key: the values as they came, of keys whose canonical form is not the value
	ledger ledger
	held   int64 // bytes of accumulators and first values accounted for
	values int64 // bytes of first

	hash   hasher
	vecs   []keyVec
	ids    []int32
	codes  groupCodes
	gather []int32
}

func (a *aggregate) newGroups() *groups {
	g := &groups{agg: a, ledger: ledger{res: a.run.reserve("grouping")}, first: make([][]arrow.Array, len(a.keys))}
	if len(a.keys) > 0 {
		g.table = newGroupTable(a.keys, &g.ledger)
	}
	for _, spec := range a.aggs {
		acc := spec.make()
		if spec.twin >= 0 {
			acc = &exactTwin{of: g.accs[spec.twin].(*exactSum), as: acc.(*exactSum)}
		}
		g.accs = append(g.accs, acc)
	}
	return g
}

// close gives back what the groups and their accumulators have reserved.
func (g *groups) close() {
	g.ledger.close()
	for _, acc := range g.accs {
		if c, ok := acc.(interface{ close() }); ok {
			c.close()
		}
	}
}

// n is the number of groups.
func (g *groups) n() int {
	if g.table == nil {
		return 1
	}
	return g.table.n
}

// sink folds one extended batch in.
func (g *groups) sink(rec arrow.RecordBatch) error {
	n := int(rec.NumRows())
	a := g.agg
	if g.table == nil {
		g.ids = zeroed(g.ids, n)
		return g.accumulate(rec, g.ids)
	}
	if ok, err := g.sinkCodes(rec); ok || err != nil {
		return err
	}
	if err := g.keyVectors(rec); err != nil {
		return err
	}
	if a.node.GroupingSets == nil {
		return g.sinkKeys(rec, g.vecs, nil)
	}
	for set, members := range a.node.GroupingSets {
		if err := g.sinkSet(rec, set, members); err != nil {
			return err
		}
	}
	return nil
}

// keyVectors brings the keys of an extended batch into key form.
func (g *groups) keyVectors(rec arrow.RecordBatch) error {
	g.vecs = g.vecs[:0]
	for k := range g.agg.node.Keys {
		v, err := canonical(rec.Column(g.agg.exprs.ords[k]), g.agg.keys[k])
		if err != nil {
			return err
		}
		g.vecs = append(g.vecs, v)
	}
	return nil
}

// sinkSet folds a batch in for one grouping set: the keys that are not its members are NULL.
func (g *groups) sinkSet(rec arrow.RecordBatch, set int, members []int) error {
	n := int(rec.NumRows())
	keys := make([]keyVec, len(g.vecs)+1)
	in := make([]bool, len(g.vecs))
	for _, m := range members {
		in[m] = true
	}
	for k := range g.vecs {
		keys[k] = g.vecs[k]
		if !in[k] {
			keys[k] = nullKeys(formOf(g.agg.keys[k]), n)
		}
	}
	keys[len(g.vecs)] = keyVec{form: wordForm, words: make([]uint64, n)}
	for i := range n {
		keys[len(g.vecs)].words[i] = uint64(set)
	}
	return g.sinkKeys(rec, keys, in)
}

// nullKeys is a key column of n NULLs.
func nullKeys(f form, n int) keyVec {
	k := keyVec{form: f, null: make([]bool, n)}
	for i := range k.null {
		k.null[i] = true
	}
	switch f {
	case wordForm:
		k.words = make([]uint64, n)
	case pairForm:
		k.pairs = make([][2]uint64, n)
	default:
		k.offs = make([]int32, n+1)
	}
	return k
}

func (g *groups) sinkKeys(rec arrow.RecordBatch, keys []keyVec, in []bool) error {
	n := int(rec.NumRows())
	g.ids = sized(g.ids, n)
	if err := g.table.find(keys, g.hash.hash(keys, n), g.ids); err != nil {
		return err
	}
	if err := g.keepFirst(rec, in); err != nil {
		return err
	}
	return g.accumulate(rec, g.ids)
}

// keepFirst keeps the values of new groups' keys where the canonical form is not the value itself.
func (g *groups) keepFirst(rec arrow.RecordBatch, in []bool) error {
	if len(g.table.fresh) == 0 {
		return nil
	}
	for k := range g.agg.node.Keys {
		if lossless(g.agg.keys[k]) {
			continue
		}
		rows := g.table.fresh
		if in != nil && !in[k] {
			rows = make([]int32, len(rows))
			for i := range rows {
				rows[i] = -1
			}
		}
		plain, err := batch.Plain(rec.Column(g.agg.exprs.ords[k]))
		if err != nil {
			return err
		}
		v, err := batch.Gather(plain, rows)
		plain.Release()
		if err != nil {
			return err
		}
		g.first[k] = append(g.first[k], v)
		g.values += batch.ArrayBytes(v)
	}
	return nil
}

// accumulate gives a batch to the aggregates; row i belongs to group ids[i].
func (g *groups) accumulate(rec arrow.RecordBatch, ids []int32) error {
	held := g.values
	for i, spec := range g.agg.aggs {
		if err := g.feed(g.accs[i], &spec, rec, ids); err != nil {
			return err
		}
		held += g.accs[i].bytes()
	}
	if held > g.held {
		if err := g.ledger.add(held - g.held); err != nil {
			return err
		}
		g.held = held
	}
	return nil
}

func (g *groups) feed(acc accumulator, spec *aggSpec, rec arrow.RecordBatch, ids []int32) error {
	if spec.twin >= 0 {
		return nil
	}
	args := make([]arrow.Array, len(spec.args))
	defer func() { batch.ReleaseAll(args) }()
	for i, ord := range spec.args {
		var err error
		if args[i], err = batch.Plain(rec.Column(ord)); err != nil {
			return err
		}
	}
	acc.grow(g.n())
	if spec.filter < 0 {
		return acc.add(ids, args)
	}
	cond, err := batch.Plain(rec.Column(spec.filter))
	if err != nil {
		return err
	}
	defer cond.Release()
	g.gather = trueRows(cond.(*array.Boolean), g.gather[:0])
	some := make([]int32, len(g.gather))
	for i, r := range g.gather {
		some[i] = ids[r]
	}
	gathered, err := batch.GatherColumns(args, g.gather)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(gathered)
	return acc.add(some, gathered)
}

func trueRows(b *array.Boolean, dst []int32) []int32 {
	for i := range b.Len() {
		if b.Value(i) && !b.IsNull(i) {
			dst = append(dst, int32(i))
		}
	}
	return dst
}

// key is column k of groups [from, to).
func (g *groups) key(k, from, to int) (arrow.Array, error) {
	t := g.agg.keys[k]
	if lossless(t) {
		return g.table.keys[k].array(t, from, to), nil
	}
	if err := g.joinFirst(k); err != nil {
		return nil, err
	}
	return array.NewSlice(g.first[k][0], int64(from), int64(to)), nil
}

func (g *groups) joinFirst(k int) error {
	if len(g.first[k]) == 1 {
		return nil
	}
	whole, err := batch.Concat(g.first[k])
	if err != nil {
		return err
	}
	batch.ReleaseAll(g.first[k])
	g.first[k] = []arrow.Array{whole}
	return nil
}

// mergeSerially is how many groups are merged by one goroutine: below it, starting others costs more.
const mergeSerially = 16 << 10

// merge makes the final groups of the local ones.
func (a *aggregate) merge(ctx context.Context, local []*groups) error {
	total := 0
	for _, g := range local {
		total += g.n()
		if err := g.settle(); err != nil {
			return err
		}
	}
	switch {
	case len(local) == 1:
		a.final[0] = local[0]
	case a.parts == 1 || total < mergeSerially:
		a.final[0] = local[0]
		for _, g := range local[1:] {
			if err := a.final[0].absorb(g, nil); err != nil {
				return err
			}
		}
	default:
		return a.run.parallel(ctx, a.parts, func(_ context.Context, part int) error {
			return a.mergePart(local, part, total)
		})
	}
	return a.emptySets(a.final[0])
}

// mergePart merges the groups whose hash belongs to a partition.
func (a *aggregate) mergePart(local []*groups, part, total int) error {
	final := a.newGroups()
	a.final[part] = final
	if err := final.table.reserve(total / a.parts); err != nil {
		return err
	}
	for _, g := range local {
		var rows []int32
		for i, h := range g.table.hashes {
			if int(h>>40)%a.parts == part {
				rows = append(rows, int32(i))
			}
		}
		if err := final.absorb(g, rows); err != nil {
			return err
		}
	}
	return nil
}

// settle makes everything that others read of g final.
func (g *groups) settle() error {
	for _, acc := range g.accs {
		acc.grow(g.n())
		if s, ok := acc.(settler); ok {
			if err := s.settle(); err != nil {
				return err
			}
		}
	}
	for k := range g.first {
		if len(g.first[k]) > 1 {
			if err := g.joinFirst(k); err != nil {
				return err
			}
		}
	}
	return nil
}

// absorb merges o's groups, or some of them (nil: all), into g. It only reads o, which is settled.
func (g *groups) absorb(o *groups, rows []int32) error {
	if g.table == nil {
		for i := range g.accs {
			if err := g.accs[i].merge(o.accs[i], []int32{0}, []int32{0}); err != nil {
				return err
			}
		}
		return nil
	}
	if rows == nil {
		rows = make([]int32, o.table.n)
		for i := range rows {
			rows[i] = int32(i)
		}
	}
	for at := 0; at < len(rows); at += batch.Rows {
		if err := g.absorbRows(o, rows[at:min(at+batch.Rows, len(rows))]); err != nil {
			return err
		}
	}
	return nil
}

func (g *groups) absorbRows(o *groups, rows []int32) error {
	keys, hashes := make([]keyVec, len(o.table.keys)), make([]uint64, len(rows))
	for k := range keys {
		keys[k] = newKeyVec(g.agg.keys[k])
		if err := keys[k].appendRows(&o.table.keys[k], rows); err != nil {
			return err
		}
	}
	for i, r := range rows {
		hashes[i] = o.table.hashes[r]
	}
	g.ids = sized(g.ids, len(rows))
	if err := g.table.find(keys, hashes, g.ids); err != nil {
		return err
	}
	if err := g.takeFirst(o, rows); err != nil {
		return err
	}
	held := g.values
	for i := range g.accs {
		g.accs[i].grow(g.n())
		if err := g.accs[i].merge(o.accs[i], rows, g.ids); err != nil {
			return err
		}
		held += g.accs[i].bytes()
	}
	if held > g.held {
		if err := g.ledger.add(held - g.held); err != nil {
			return err
		}
		g.held = held
	}
	return nil
}

func (g *groups) takeFirst(o *groups, rows []int32) error {
	if len(g.table.fresh) == 0 {
		return nil
	}
	from := make([]int32, len(g.table.fresh))
	for i, r := range g.table.fresh {
		from[i] = rows[r]
	}
	for k := range g.agg.node.Keys {
		if lossless(g.agg.keys[k]) {
			continue
		}
		v, err := batch.Gather(o.first[k][0], from)
		if err != nil {
			return err
		}
		g.first[k] = append(g.first[k], v)
		g.values += batch.ArrayBytes(v)
	}
	return nil
}

// emptySets adds the one row that an empty grouping set has even over no input.
func (a *aggregate) emptySets(g *groups) error {
	for set, members := range a.node.GroupingSets {
		if len(members) > 0 {
			continue
		}
		keys := make([]keyVec, len(a.keys))
		for k := range a.node.Keys {
			keys[k] = nullKeys(formOf(a.keys[k]), 1)
		}
		keys[len(keys)-1] = keyVec{form: wordForm, words: []uint64{uint64(set)}}
		one := make([]int32, 1)
		if err := g.table.find(keys, g.hash.hash(keys, 1), one); err != nil {
			return err
		}
		if len(g.table.fresh) == 0 {
			continue
		}
		for k := range a.node.Keys {
			if !lossless(a.keys[k]) {
				g.first[k] = append(g.first[k], array.MakeArrayOfNull(allocator, a.keys[k].Arrow(), 1))
			}
		}
	}
	for _, acc := range g.accs {
		acc.grow(g.n())
	}
	return nil
}
