package sourcetest

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// opened is a statement in the middle of reading "many", in batches of 10 rows, with the context that governs it.
type opened struct {
	ctx    context.Context
	cancel context.CancelFunc
	view   *view
	lane   sources.Lane
	scan   plan.RemoteScan
	reader batch.Reader
}

func (s *suite) open(t *testing.T) *opened {
	t.Helper()
	o := &opened{scan: s.must(t, s.scan(t, "many"))}
	o.ctx, o.cancel = context.WithCancel(t.Context())
	t.Cleanup(o.cancel)
	var err error
	o.view, err = s.begin(o.ctx, t, 1, o.scan.Tables()...)
	require.NoError(t, err)
	o.lane, err = o.view.Lane(o.ctx, false)
	require.NoError(t, err)
	env := o.view.env(10, nil)
	q, err := o.lane.Splits(o.ctx, o.scan, env)
	require.NoError(t, err)
	split, err := q.Next(o.ctx)
	require.NoError(t, err)
	o.reader, err = o.lane.Open(o.ctx, o.scan, split, env)
	require.NoError(t, err)
	return o
}

// promptly runs f, which has to return soon although its work is not done.
func promptly(t *testing.T, what string, f func()) {
	t.Helper()
	start := time.Now()
	f()
	require.Less(t, time.Since(start), Prompt, what)
}

// earlyClose: a reader that is closed in the middle stops, and its lane reads on.
func (s *suite) earlyClose(t *testing.T) {
	for _, batches := range []int{0, 1, 3} {
		o := s.open(t)
		for range batches {
			rec, err := o.reader.Next(o.ctx)
			require.NoError(t, err)
			rec.Release()
		}
		promptly(t, "closing a reader early", func() { require.NoError(t, o.reader.Close()) })
		require.NoError(t, o.reader.Close(), "Close is idempotent")
		recs, err := drain(o.ctx, t, o.lane, o.scan, o.view.env(0, nil))
		require.NoError(t, err, "the lane is good for another read")
		require.EqualValues(t, len(s.table("many").Rows), count(recs))
		require.NoError(t, o.lane.Close())
		o.view.end(t)
	}
	// A whole statement that is given up: lane and snapshot close below a reader that was closed.
	o := s.open(t)
	require.NoError(t, o.reader.Close())
	require.NoError(t, o.lane.Close())
	o.view.end(t)
}

// cancel: a reader whose statement's context ends in the middle fails soon, with the context's cause or 57014, and
// lane and snapshot are good for Close.
func (s *suite) cancel(t *testing.T) {
	o := s.open(t)
	rec, err := o.reader.Next(o.ctx)
	require.NoError(t, err)
	rec.Release()
	o.cancel()
	promptly(t, "reading after the cancellation", func() {
		for {
			rec, err := o.reader.Next(o.ctx)
			if err != nil {
				require.NotErrorIs(t, err, io.EOF, "a cancelled reader pretends to be complete")
				require.True(t, errors.Is(err, context.Canceled) || sqlerr.Is(err, sqlerr.QueryCanceled), "%v", err)
				s.clean(t, "a cancelled read", err)
				break
			}
			rec.Release()
		}
	})
	promptly(t, "closing a cancelled reader", func() { _ = o.reader.Close() })
	promptly(t, "closing its lane", func() { _ = o.lane.Close() })
	promptly(t, "closing its snapshot", func() { _ = o.view.Snapshot.Close() })
	o.view.lease.Close()
	s.stillAnswers(t)
}

// cancelledBefore: a context that has ended opens nothing, and a snapshot that is closed gives no lane that reads.
func (s *suite) cancelledBefore(t *testing.T) {
	rs := s.must(t, s.scan(t, "many"))
	v, err := s.begin(t.Context(), t, 1, rs.Tables()...)
	require.NoError(t, err)
	lane, err := v.Lane(t.Context(), false)
	require.NoError(t, err)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	promptly(t, "reading in a context that has ended", func() {
		_, err := drain(ended, t, lane, rs, v.env(0, nil))
		require.Error(t, err)
	})
	require.NoError(t, lane.Close())
	v.end(t)
	promptly(t, "a lane of a closed snapshot", func() {
		lane, err := v.Lane(t.Context(), false)
		if err != nil || lane == nil {
			return
		}
		_, err = drain(t.Context(), t, lane, rs, v.env(0, nil))
		require.Error(t, err, "a closed snapshot gives rows")
		_ = lane.Close()
	})
	s.stillAnswers(t)
}

func (s *suite) stillAnswers(t *testing.T) {
	t.Helper()
	n := s.scan(t, "every", "id")
	require.Equal(t, sorted(s.expected(n)), sorted(lines(n.Cols, s.all(t, s.must(t, n), 0, nil), n.Cols)), "the source answers the next statement")
}

// tokens: the leased lanes come without waiting, extras only while the budget has some, and everything goes back.
func (s *suite) tokens(t *testing.T) {
	rs := s.must(t, s.scan(t, "many"))
	v, err := s.begin(t.Context(), t, 2, rs.Tables()...)
	require.NoError(t, err)
	var lanes []sources.Lane
	promptly(t, "opening leased lanes", func() {
		for range 2 {
			lane, err := v.Lane(t.Context(), false)
			require.NoError(t, err)
			require.NotNil(t, lane)
			lanes = append(lanes, lane)
		}
	})
	promptly(t, "asking for extras", func() {
		for range 8 {
			lane, err := v.Lane(t.Context(), true)
			require.NoError(t, err)
			if lane == nil {
				break
			}
			require.False(t, lane.Wanted(), "nobody waits")
			lanes = append(lanes, lane)
		}
	})
	require.LessOrEqual(t, s.budget.InUse(ServerName), 4, "more connections than the budget has")
	for _, lane := range lanes {
		require.NoError(t, lane.Close())
	}
	v.end(t)
	require.Zero(t, s.budget.InUse(ServerName))
	s.noExtras(t, rs)
}

// noExtras: while all tokens are out there are no extras, and Begin does not wait for any.
func (s *suite) noExtras(t *testing.T, rs plan.RemoteScan) {
	t.Helper()
	others, err := s.budget.Acquire(t.Context(), map[string]int{ServerName: 3})
	require.NoError(t, err)
	v, err := s.begin(t.Context(), t, 1, rs.Tables()...)
	require.NoError(t, err)
	first, err := v.Lane(t.Context(), false)
	require.NoError(t, err)
	promptly(t, "asking for an extra that is not there", func() {
		lane, err := v.Lane(t.Context(), true)
		require.NoError(t, err)
		if lane != nil {
			require.Zero(t, s.source.Capabilities().MaxLanes, "an extra beyond the budget")
			require.NoError(t, lane.Close())
		}
	})
	require.NoError(t, first.Close())
	v.end(t)
	others.Close()
}

// oneSnapshot: rows that change between the first and the last batch are all read as they were.
func (s *suite) oneSnapshot(t *testing.T) {
	rs := s.must(t, s.scan(t, "many"))
	at := slices.IndexFunc(rs.Columns(), func(c plan.Column) bool { return c.Name == "version" })
	v, err := s.begin(t.Context(), t, 2, rs.Tables()...)
	require.NoError(t, err)
	first, err := v.Lane(t.Context(), false)
	require.NoError(t, err)
	env := v.env(10, nil)
	q, err := first.Splits(t.Context(), rs, env)
	require.NoError(t, err)
	split, err := q.Next(t.Context())
	require.NoError(t, err)
	r, err := first.Open(t.Context(), rs, split, env)
	require.NoError(t, err)
	rec, err := r.Next(t.Context())
	require.NoError(t, err)
	recs := []arrow.RecordBatch{rec}
	s.server.Update(t)
	rest, err := readAll(t.Context(), t, r, rs, 10)
	require.NoError(t, err)
	recs = append(recs, rest...)
	second, err := v.Lane(t.Context(), false)
	require.NoError(t, err)
	rest, err = drainQueue(t.Context(), t, second, rs, q, env)
	require.NoError(t, err)
	recs = append(recs, rest...)
	rest, err = drain(t.Context(), t, first, rs, env)
	require.NoError(t, err)
	require.EqualValues(t, count(recs), count(rest))
	for _, version := range keysOf(rs.Columns()[at], rs.Columns(), append(recs, rest...)) {
		require.EqualValues(t, 0, version, "half of a change was seen")
	}
	require.EqualValues(t, len(s.table("many").Rows), count(recs))
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	v.end(t)
	for _, version := range keysOf(rs.Columns()[at], rs.Columns(), s.all(t, rs, 0, nil)) {
		require.EqualValues(t, 1, version, "the next statement does not see the change")
	}
}

// stale: a table that changed since it was planned is noticed before a row of it is given.
func (s *suite) stale(t *testing.T) {
	rs := s.must(t, s.scan(t, "shifting"))
	s.server.Alter(t)
	err := s.firstError(t, rs)
	var stale *sources.Stale
	require.ErrorAs(t, err, &stale, "a changed table")
	s.clean(t, "a changed table", err)
	require.Len(t, stale.Tables, 1)
	require.Equal(t, "shifting", stale.Tables[0].Name())
	table := s.found(t, "shifting")
	require.Equal(t, "text", table.Cols[table.Column("v")].Type.Name, "Discover sees the change")
}

// firstError is that of Begin, Splits, Open or the first Next.
func (s *suite) firstError(t *testing.T, rs plan.RemoteScan) error {
	t.Helper()
	return s.firstErrorIn(t.Context(), t, rs)
}

func (s *suite) firstErrorIn(ctx context.Context, t *testing.T, rs plan.RemoteScan) error {
	t.Helper()
	v, err := s.begin(ctx, t, 1, rs.Tables()...)
	if err != nil {
		return err
	}
	defer v.end(t)
	lane, err := v.Lane(ctx, false)
	if err != nil {
		return err
	}
	defer func() { _ = lane.Close() }()
	_, err = drain(ctx, t, lane, rs, v.env(0, nil))
	return err
}
