package sourcetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// canary is a credential that must come to light nowhere: it is long enough to be found in any text.
const canary = "canary-5ae1-password"

// clean fails the test when an error tells a credential, anywhere in its chain, its detail or its hint.
func (s *suite) clean(t tester, what string, err error) {
	t.Helper()
	for _, secret := range []string{canary, s.server.Secret} {
		if secret == "" {
			continue
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			require.NotContains(t, e.Error(), secret, "%s: the password is in the error", what)
		}
		var known *sqlerr.Error
		if errors.As(err, &known) {
			require.NotContains(t, known.Detail+known.Hint, secret, "%s: the password is in the error's detail or hint", what)
		}
	}
}

// unreachable: a server that is down opens, and fails its statements with a class 08 error that names it, within the
// connect timeout, and that says nothing of its credentials.
func (s *suite) unreachable(t *testing.T) {
	limits := sources.Limits{Connect: 2 * time.Second}
	src := s.server.Unreachable(t, canary, limits)
	start := time.Now()
	for what, err := range s.errorsOf(t, src) {
		require.Error(t, err, what)
		require.True(t, strings.HasPrefix(sqlerr.Code(err), "08"), "%s: SQLSTATE of %v", what, err)
		require.Contains(t, err.Error(), ServerName, "%s: the error does not name the server", what)
	}
	require.Less(t, time.Since(start), 2*limits.Connect+Prompt, "two attempts within the connect timeout")
	require.NoError(t, src.Close())
}

// denied: a server that turns a credential down says so with class 28, and does not repeat it.
func (s *suite) denied(t *testing.T) {
	src := s.server.Denied(t, canary)
	for what, err := range s.errorsOf(t, src) {
		require.Error(t, err, what)
		require.True(t, strings.HasPrefix(sqlerr.Code(err), "28"), "%s: SQLSTATE of %v", what, err)
	}
	require.NoError(t, src.Close())
}

// errorsOf are how a source that cannot be used fails a discovery and a statement.
func (s *suite) errorsOf(t *testing.T, src sources.Source) map[string]error {
	t.Helper()
	rs := s.must(t, s.scan(t, "every", "id"))
	other := &suite{tables: s.tables, server: s.server, budget: sources.NewConnections(), source: src}
	_, err := src.Discover(t.Context(), sources.Pattern{Table: "every"})
	out := map[string]error{"Discover": err, "a statement": other.firstError(t, rs)}
	for what, err := range out {
		s.clean(t, what, err)
	}
	return out
}
