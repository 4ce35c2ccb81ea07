package exec

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
)

// newMerge makes one ordered stream. No operator keeps an order over several partitions, so the rows are sorted.
func newMerge(r *run, n *plan.Exchange, input relation) (relation, error) {
	s := &sorter{run: r, node: n, input: input, out: input.schema()}
	var err error
	s.by, err = newOrderBy(n.Keys, n.Input.Columns())
	return s, err
}

// repartition sends each row to the partition of its keys' hash. A goroutine per input partition reads it.
type repartition struct {
	run   *run
	input relation
	keys  *keyed
	parts int
	quick bool // see promptly
	start *sync.Once
	crew  *crew
	out   []chan arrow.RecordBatch
	gone  []chan struct{} // closed when nobody reads the partition any more
	tally *tally
}

func newRepartition(r *run, n *plan.Exchange, input relation) (relation, error) {
	p := &repartition{run: r, input: input, parts: r.workers, quick: *r.prompt}
	es := make([]expr.Expr, len(n.Keys))
	for i, k := range n.Keys {
		es[i] = k.Expr
	}
	var err error
	if p.keys, err = newKeyed(es, n.Input.Columns()); err != nil {
		return nil, err
	}
	p.reset()
	r.onRenew(p.renew)
	r.atEnd(p.close)
	return p, nil
}

func (p *repartition) reset() {
	p.start, p.crew = new(sync.Once), newCrew(p.run)
	p.out, p.gone = nil, nil
	for range p.parts {
		p.out = append(p.out, make(chan arrow.RecordBatch, 1))
		p.gone = append(p.gone, make(chan struct{}))
	}
	p.tally = newTally(p.parts, p.close)
}

func (p *repartition) renew() {
	p.close()
	p.reset()
}

func (p *repartition) schema() *arrow.Schema { return p.input.schema() }
func (p *repartition) partitions() int       { return p.parts }
func (p *repartition) open(part int) batch.Reader {
	return &repartitionStream{repartition: p, part: part}
}

func (p *repartition) begin() {
	streams := openAll(p.input)
	var running sync.WaitGroup
	running.Add(len(streams))
	for _, s := range streams {
		p.crew.launch(func(ctx context.Context) error { return p.scatter(ctx, s) }, running.Done)
	}
	p.crew.launch(func(context.Context) error {
		running.Wait()
		for _, ch := range p.out {
			close(ch)
		}
		return nil
	})
}

func (p *repartition) scatter(ctx context.Context, s batch.Reader) (err error) {
	defer func() { err = errors.Join(err, s.Close()) }()
	sc := scatterer{repartition: p, eval: p.keys.open(p.run.rt.Env), rows: make([][]int32, p.parts)}
	for range p.parts {
		sc.small = append(sc.small, p.run.coalescer(p.schema(), p.quick))
	}
	defer func() {
		for _, c := range sc.small {
			c.Close()
		}
	}()
	for {
		rec, err := s.Next(ctx)
		if errors.Is(err, io.EOF) {
			return sc.flush(ctx)
		}
		if err != nil {
			return err
		}
		err = sc.send(ctx, rec)
		rec.Release()
		if err != nil {
			return err
		}
	}
}

// scatterer splits one stream's batches.
type scatterer struct {
	*repartition
	eval  *eval.Evaluator
	hash  hasher
	vecs  []keyVec
	rows  [][]int32
	small []*batch.Coalescer
}

func (s *scatterer) send(ctx context.Context, rec arrow.RecordBatch) error {
	ext, err := s.keys.extend(s.eval, rec)
	if err != nil {
		return err
	}
	defer ext.Release()
	if s.vecs, err = s.keys.vectors(ext, s.vecs); err != nil {
		return err
	}
	for p := range s.rows {
		s.rows[p] = s.rows[p][:0]
	}
	for i, h := range s.hash.hash(s.vecs, int(rec.NumRows())) {
		p := int(h>>40) % s.parts
		s.rows[p] = append(s.rows[p], int32(i))
	}
	for p, rows := range s.rows {
		if len(rows) == 0 {
			continue
		}
		part, err := batch.GatherRecord(rec, rows)
		if err != nil {
			return err
		}
		if err := s.push(ctx, p, part); err != nil {
			return err
		}
	}
	return nil
}

func (s *scatterer) push(ctx context.Context, p int, rec arrow.RecordBatch) error {
	out, err := s.small[p].Push(rec)
	if out == nil || err != nil {
		return err
	}
	return s.deliver(ctx, p, out)
}

func (s *scatterer) deliver(ctx context.Context, p int, rec arrow.RecordBatch) error {
	select {
	case s.out[p] <- rec:
		return nil
	case <-s.gone[p]:
		rec.Release()
		return nil
	case <-ctx.Done():
		rec.Release()
		return context.Cause(ctx)
	}
}

func (s *scatterer) flush(ctx context.Context) error {
	for p, c := range s.small {
		rec, err := c.Flush()
		if err != nil {
			return err
		}
		if rec == nil {
			continue
		}
		if err := s.deliver(ctx, p, rec); err != nil {
			return err
		}
	}
	return nil
}

func (p *repartition) close() {
	p.crew.stop(errStopped)
	p.crew.close()
	for _, ch := range p.out {
		for {
			select {
			case rec, ok := <-ch:
				if ok {
					rec.Release()
					continue
				}
			default:
			}
			break
		}
	}
}

type repartitionStream struct {
	*repartition
	part   int
	closed bool
}

var _ batch.Reader = (*repartitionStream)(nil)

func (s *repartitionStream) Schema() *arrow.Schema { return s.input.schema() }

func (s *repartitionStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if s.closed {
		return nil, io.EOF
	}
	s.start.Do(s.begin)
	select {
	case rec, ok := <-s.out[s.part]:
		if ok {
			return rec, nil
		}
		if err := context.Cause(s.crew.ctx); err != nil {
			return nil, err
		}
		return nil, io.EOF
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *repartitionStream) Close() error {
	if !s.closed {
		s.closed = true
		close(s.gone[s.part])
		s.tally.done()
	}
	return nil
}
