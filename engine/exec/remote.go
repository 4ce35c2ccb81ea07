package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// remote reads a source's scan. Its partitions pull splits from one queue, each over a lane of its own: the first that
// runs takes the leased lane and makes the queue, the others ask for extras and end at once when there is none.
type remote struct {
	run      *run
	node     *plan.Remote
	snapshot sources.Snapshot
	out      *arrow.Schema
	parts    int
	first    atomic.Bool
	ready    chan struct{}
	queue    sources.SplitQueue // set before ready is closed; nil when making it failed
	stats    *sources.ReadStats
}

func newRemote(r *run, n *plan.Remote) (relation, error) {
	s := r.rt.Snapshots[n.Scan.Server()]
	if s == nil {
		return nil, sqlerr.New(sqlerr.InternalError, "no snapshot of server %s was opened for the statement", n.Scan.Server())
	}
	m := &remote{
		run: r, node: n, snapshot: s, out: schemaOf(n.Columns()), parts: scanPartitions(n.Scan, r.workers),
		ready: make(chan struct{}),
	}
	r.onRenew(m.renew)
	if r.rt.Stats != nil {
		m.stats = &r.rt.Stats.node(n).Read
	}
	return m, nil
}

func (m *remote) renew() {
	m.first.Store(false)
	m.ready, m.queue = make(chan struct{}), nil
}

func (m *remote) schema() *arrow.Schema { return m.out }
func (m *remote) partitions() int       { return m.parts }

func (m *remote) open(int) batch.Reader {
	return &remoteStream{remote: m, env: &sources.Env{
		Env: m.run.rt.Env, Reservation: m.run.reserve("reading from " + m.node.Scan.Server()), Stats: m.stats,
		BatchRows: m.run.rt.BatchRows, Codes: m.run.coded[m.node],
	}}
}

type remoteStream struct {
	*remote
	env     *sources.Env
	lane    sources.Lane
	extra   bool
	reader  batch.Reader
	pending []arrow.RecordBatch
	ended   bool
}

var _ batch.Reader = (*remoteStream)(nil)

func (s *remoteStream) Schema() *arrow.Schema { return s.out }

func (s *remoteStream) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for {
		if len(s.pending) > 0 {
			rec := s.pending[0]
			s.pending = s.pending[1:]
			return rec, nil
		}
		if s.ended {
			return nil, io.EOF
		}
		if s.reader == nil {
			more, err := s.advance(ctx)
			if err != nil {
				return nil, err
			}
			if !more {
				if err := s.Close(); err != nil {
					return nil, err
				}
				return nil, io.EOF
			}
		}
		if err := s.read(ctx); err != nil {
			return nil, err
		}
	}
}

// read takes one batch of the current split, cut to the batch size.
func (s *remoteStream) read(ctx context.Context) error {
	rec, err := s.reader.Next(ctx)
	if err == io.EOF { //nolint:errorlint // see broken
		r := s.reader
		s.reader = nil
		return r.Close()
	}
	if err != nil {
		return s.broken(err)
	}
	defer rec.Release()
	if err := checkColumns("source "+s.node.Scan.Server(), rec, s.out); err != nil {
		return err
	}
	if rec.NumRows() > 0 {
		s.pending = batch.SliceRows(rec, s.run.rows)
	}
	return nil
}

// broken keeps an error that wraps io.EOF, as those of cut connections do, from being taken for the end of the rows.
func (s *remoteStream) broken(err error) error {
	if errors.Is(err, io.EOF) {
		return sqlerr.New(sqlerr.ConnectionFailure, "reading from %s: %s", s.node.Scan.Server(), err)
	}
	return err
}

// advance opens the next split; false when there is none for this partition.
func (s *remoteStream) advance(ctx context.Context) (bool, error) {
	if s.lane == nil {
		if ok, err := s.connect(ctx); !ok || err != nil {
			return false, err
		}
	} else if s.extra && s.lane.Wanted() {
		return false, nil
	}
	split, err := s.queue.Next(ctx)
	if err == io.EOF { //nolint:errorlint // see broken
		return false, nil
	}
	if err = s.broken(err); err != nil {
		return false, fmt.Errorf("choosing what to read next from %s: %w", s.node.Scan.Server(), err)
	}
	if s.stats != nil {
		s.stats.Splits.Add(1)
	}
	s.reader, err = s.lane.Open(ctx, s.node.Scan, split, s.env)
	return true, s.broken(err)
}

// connect takes the leased lane, or an extra one once the queue is made.
func (s *remoteStream) connect(ctx context.Context) (bool, error) {
	if s.first.CompareAndSwap(false, true) {
		defer close(s.ready)
		lane, err := s.snapshot.Lane(ctx, false)
		if err != nil {
			return false, err
		}
		s.lane = lane
		queue, err := lane.Splits(ctx, s.node.Scan, s.env)
		s.remote.queue = queue
		return err == nil, err
	}
	select {
	case <-s.ready:
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
	if s.queue == nil {
		return false, nil
	}
	lane, err := s.snapshot.Lane(ctx, true)
	if lane == nil || err != nil {
		return false, err
	}
	s.lane, s.extra = lane, true
	return true, nil
}

func (s *remoteStream) Close() error {
	s.ended = true
	for _, r := range s.pending {
		r.Release()
	}
	s.pending = nil
	var errs []error
	if s.reader != nil {
		errs = append(errs, s.reader.Close())
		s.reader = nil
	}
	if s.lane != nil {
		errs = append(errs, s.lane.Close())
		s.lane = nil
	}
	s.env.Reservation.Close()
	return errors.Join(errs...)
}
