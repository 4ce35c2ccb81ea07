package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// hanging is a source whose discovery never answers.
type hanging struct {
	sources.Source
	asked chan struct{}
}

func (h *hanging) Discover(ctx context.Context, _ sources.Pattern) ([]*sources.Table, error) {
	select {
	case h.asked <- struct{}{}:
	case <-ctx.Done():
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

func (*hanging) Capabilities() sources.Capabilities { return sources.Capabilities{} }
func (*hanging) Close() error                       { return nil }

// TestPlanningIsSeenAndCancelled holds that a statement whose names are still looked up at a source is in
// skein_catalog.queries without its literals, and ends when it is cancelled in each of the ways that there are.
func TestPlanningIsSeenAndCancelled(t *testing.T) {
	e, s := open(t, Config{})
	h := &hanging{asked: make(chan struct{})}
	require.NoError(t, e.Catalog().Attach("slow", h))
	other, err := e.NewSession(s.identity)
	require.NoError(t, err)
	for _, sql := range []string{
		"SELECT * FROM slow.main.t WHERE 'secret' <> ''", "EXPLAIN SELECT * FROM slow.main.t WHERE 'secret' <> ''",
		"PREPARE q AS SELECT * FROM slow.main.t WHERE 'secret' <> ''",
	} {
		for name, cancel := range map[string]func(q []string){
			"pg_cancel_backend": func(q []string) {
				require.Equal(t, []string{"true"}, mustRows(t, other, "SELECT pg_cancel_backend("+q[1]+")"))
			},
			"query id": func(q []string) {
				require.False(t, e.Cancel(Identity{Role: "stranger"}, q[0]))
				require.True(t, e.Cancel(s.identity, q[0]))
			},
		} {
			done := make(chan error, 1)
			go func() {
				_, err := rows(context.Background(), s, sql)
				done <- err
			}()
			select {
			case <-h.asked:
			case err := <-done:
				t.Fatalf("%s ended before it asked the source: %v", sql, err)
			}
			q := splitCells(mustRows(t, other, "SELECT id, pid, state, statement FROM skein_catalog.queries WHERE state = 'planning' AND statement LIKE '%slow%'"))
			require.Len(t, q, 1, sql)
			require.NotContains(t, q[0][3], "secret")
			cancel(q[0])
			err := <-done
			require.Equal(t, sqlerr.QueryCanceled, sqlerr.Code(err), "%s of %s: %v", name, sql, err)
			require.ErrorContains(t, err, "user request")
			require.Zero(t, e.Running())
		}
	}

	done := make(chan error, 1)
	go func() {
		_, err := rows(context.Background(), s, "SELECT * FROM slow.main.t")
		done <- err
	}()
	<-h.asked
	require.NoError(t, s.Close())
	require.ErrorContains(t, <-done, "session ended")
	require.Zero(t, e.Running())
}

// TestStatesOfAStatement follows one from its plan to its rows.
func TestStatesOfAStatement(t *testing.T) {
	e, s := open(t, Config{})
	st, err := s.Prepare(t.Context(), "SELECT g FROM generate_series(1, 100000) g")
	require.NoError(t, err)
	require.Zero(t, e.Running())
	r, err := st.Execute(t.Context(), nil, 0)
	require.NoError(t, err)
	state := func() string { return e.queries.list()[0].state.Load().(string) }
	require.Equal(t, stateRunning, state())
	rec, err := r.Next(t.Context())
	require.NoError(t, err)
	rec.Release()
	require.Equal(t, stateFetching, state())
	require.NoError(t, r.Close())
	require.Zero(t, e.Running())
}

func splitCells(rows []string) [][]string {
	out := make([][]string, len(rows))
	for i, r := range rows {
		out[i] = strings.Split(r, "|")
	}
	return out
}
