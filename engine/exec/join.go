package exec

import (
	"sync"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// join is a hash join and, without keys, a nested loop: the right input is materialised with a table on its keys (one
// chain of all rows without any), then each partition of the left probes it.
type join struct {
	run         *run
	keeper      *run // in which the right input is read: it is built anew when that is renewed
	node        plan.Node
	kind        plan.JoinKind
	nullAware   bool // the answer is IN's: NULL where a comparison is
	left, right relation
	leftCols    []plan.Column
	rightCols   []plan.Column
	out         *arrow.Schema
	quick       bool // see promptly
	probe       *keyed
	buildKeys   *keyed
	nullsEqual  []bool

	check     *eval.Predicate // what pairs must satisfy beside equal keys; nil: nothing
	checkRead pairColumns
	// truth, in a null-aware nested loop, is the comparison whose NULL counts.
	truth     *eval.Projection
	truthRead pairColumns

	unread []bool // by output column: nobody reads it
	keep   []int  // the build's columns that are stored, as ordinals of the extended right batch
	slot   []int  // where each of them is stored, -1 for not
	ready  *once
	built  *built // after ready

	tally   *tally
	probing atomic.Int32 // partitions that have not reached the end of the left input
	mu      sync.Mutex
	seen    []uint64 // build rows that matched, of partitions that ended; guarded by mu
}

// pairColumns are the columns of left and right batches that an expression over pairs reads.
type pairColumns struct{ left, right []int }

func newHashJoin(r *run, n *plan.HashJoin) (relation, error) {
	j := &join{run: r, node: n, kind: n.Kind, nullAware: n.NullAware || n.Kind == plan.NullAwareAnti, nullsEqual: n.NullsEqual}
	if len(j.nullsEqual) == 0 {
		j.nullsEqual = make([]bool, len(n.BuildKeys))
	}
	return j.prepare(n.Left, n.Right, n.ProbeKeys, n.BuildKeys, n.Residual)
}

func newNestedLoop(r *run, n *plan.NestedLoopJoin) (relation, error) {
	j := &join{run: r, node: n, kind: n.Kind, nullAware: n.NullAware || n.Kind == plan.NullAwareAnti}
	on := n.On
	if j.nullAware && len(on) > 0 {
		var cols []plan.Column
		j.truthRead, cols = pairsRead(on[:1], n.Left.Columns(), n.Right.Columns())
		var err error
		if j.truth, err = project(on[:1], cols); err != nil {
			return nil, err
		}
		on = on[1:]
	}
	return j.prepare(n.Left, n.Right, nil, nil, on)
}

func (j *join) prepare(left, right plan.Node, probeKeys, buildKeys, residual []expr.Expr) (relation, error) {
	var err error
	j.leftCols, j.rightCols, j.out = left.Columns(), right.Columns(), schemaOf(j.node.Columns())
	if j.left, err = j.run.compile(left); err != nil {
		return nil, err
	}
	j.keeper, j.quick = j.run.keeper(right), *j.run.prompt
	if j.right, err = j.keeper.compile(right); err != nil {
		return nil, err
	}
	if j.probe, err = newKeyed(probeKeys, j.leftCols); err != nil {
		return nil, err
	}
	if j.buildKeys, err = newKeyed(buildKeys, j.rightCols); err != nil {
		return nil, err
	}
	if len(residual) > 0 {
		var cols []plan.Column
		j.checkRead, cols = pairsRead(residual, j.leftCols, j.rightCols)
		if j.check, err = eval.NewPredicate(residual, inputOf(cols)); err != nil {
			return nil, err
		}
	}
	j.unread = make([]bool, len(j.leftCols)+len(j.rightCols))
	if read := j.run.demand[j.node]; read != nil && !j.kind.LeftOnly() {
		for i, c := range j.node.Columns() {
			j.unread[i] = !read[c.ID]
		}
	}
	j.chooseColumns()
	j.rebuild()
	j.restart()
	j.keeper.onRenew(j.rebuild)
	j.run.onRenew(j.restart)
	j.run.atEnd(j.release)
	return j, nil
}

// rebuild is before the right input is read.
func (j *join) rebuild() {
	j.release()
	j.ready, j.built = newOnce(), nil
}

// restart is before the left input is read. A build that a reader gave up is begun again.
func (j *join) restart() {
	if j.ready.err != nil {
		j.rebuild()
	}
	j.probing.Store(int32(j.left.partitions()))
	j.seen = nil
	last := j.release
	if j.keeper != j.run {
		last = func() {}
	}
	j.tally = newTally(j.left.partitions(), last)
}

// chooseColumns decides what of the build side is stored: its output, its keys, and what conditions read.
func (j *join) chooseColumns() {
	wanted := make([]bool, j.buildKeys.out.NumFields())
	if !j.kind.LeftOnly() {
		for i := range j.rightCols {
			wanted[i] = !j.unread[len(j.leftCols)+i]
		}
	}
	for _, list := range [][]int{j.buildKeys.ords, j.checkRead.right, j.truthRead.right} {
		for _, ord := range list {
			wanted[ord] = true
		}
	}
	j.slot = make([]int, len(wanted))
	for ord, w := range wanted {
		j.slot[ord] = -1
		if w {
			j.slot[ord] = len(j.keep)
			j.keep = append(j.keep, ord)
		}
	}
}

func pairsRead(es []expr.Expr, left, right []plan.Column) (pairColumns, []plan.Column) {
	var p pairColumns
	var l, r []plan.Column
	p.left, l = columnsRead(es, left)
	p.right, r = columnsRead(es, right)
	return p, append(l, r...)
}

func (j *join) schema() *arrow.Schema { return j.out }
func (j *join) partitions() int       { return j.left.partitions() }

func (j *join) open(part int) batch.Reader {
	s := &joinStream{
		join: j, left: j.left.open(part), keys: j.probe.open(j.run.rt.Env), small: j.run.coalescer(j.out, j.quick),
	}
	if j.check != nil {
		s.selector = j.check.Open(j.run.rt.Env)
	}
	if j.truth != nil {
		s.truthEval = j.truth.Open(j.run.rt.Env)
	}
	return s
}

// outer says whether build rows without a match are part of the output.
func (j *join) outer() bool { return j.kind == plan.RightOuter || j.kind == plan.FullOuter }

// pairs says whether matches are output as pairs of rows.
func (j *join) pairs() bool { return !j.kind.LeftOnly() }

func (j *join) release() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.built != nil {
		j.built.close()
	}
}
