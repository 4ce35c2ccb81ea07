package sourcetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// cancelBlocked: a statement that waits for the server, which does not answer, ends soon after its context does.
func (s *suite) cancelBlocked(t *testing.T) {
	for way, block := range s.server.Blocks {
		t.Run(way, func(t *testing.T) { s.cancelWaiting(t, block) })
	}
}

func (s *suite) cancelWaiting(t *testing.T, block func(t testing.TB) (release func())) {
	rs := s.must(t, s.scan(t, "many"))
	release := sync.OnceFunc(block(t))
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() { failed <- s.firstErrorIn(ctx, t, rs) }()
	select {
	case err := <-failed:
		release()
		require.FailNow(t, "the server was to wait", "%v", err)
	case <-time.After(300 * time.Millisecond):
	}
	cancel()
	var err error
	promptly(t, "cancelling a statement that waits", func() { err = <-failed })
	release()
	require.Error(t, err)
	require.True(t, errors.Is(err, context.Canceled) || sqlerr.Is(err, sqlerr.QueryCanceled), "%v", err)
	s.clean(t, "a cancelled statement", err)
	s.stillAnswers(t)
}

// wanted: an extra lane is asked back while somebody waits for a connection, and not before.
func (s *suite) wanted(t *testing.T) {
	rs := s.must(t, s.scan(t, "many"))
	v, err := s.begin(t.Context(), t, 1, rs.Tables()...)
	require.NoError(t, err)
	first, err := v.Lane(t.Context(), false)
	require.NoError(t, err)
	extra, err := v.Lane(t.Context(), true)
	require.NoError(t, err)
	if extra == nil || s.budget.InUse(ServerName) < 2 {
		t.Log("the kind's extra lanes take no connections")
		if extra != nil {
			require.NoError(t, extra.Close())
		}
		require.NoError(t, first.Close())
		v.end(t)
		return
	}
	require.False(t, extra.Wanted(), "nobody waits")
	served := make(chan error, 1)
	go func() {
		lease, err := s.budget.Acquire(t.Context(), map[string]int{ServerName: 3})
		if err == nil {
			lease.Close()
		}
		served <- err
	}()
	for start := time.Now(); !extra.Wanted(); time.Sleep(time.Millisecond) {
		require.Less(t, time.Since(start), Prompt, "somebody waits, and the extra lane is not asked back")
	}
	none, err := v.Lane(t.Context(), true)
	require.NoError(t, err)
	require.Nil(t, none, "an extra lane passes who waits")
	require.NoError(t, extra.Close())
	promptly(t, "giving the extra lane back serves who waits", func() { require.NoError(t, <-served) })
	require.NoError(t, first.Close())
	v.end(t)
}
