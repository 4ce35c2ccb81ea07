package e2e

import (
	"context"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/internal/fixture"
)

// rival is a PostgreSQL and the engine over it.
type rival struct {
	pg       *pgx.Conn
	db       *skein.DB
	settings []map[string]string
	outcomes map[string]int
}

// newRival fills a new database by schema. The settings are batch sizes, workers and pushdown; numerics keep their scale.
func newRival(t *testing.T, schema string) *rival {
	ctx := t.Context()
	url := fixture.PostgresURL(t)
	r := &rival{pg: connect(t, url), settings: matrix("1", "3", "8192"), outcomes: map[string]int{}}
	for _, s := range r.settings {
		s["skein.numeric"] = "text"
	}
	_, err := r.pg.Exec(ctx, schema)
	require.NoError(t, err)
	r.db, err = skein.Open(ctx, skein.Source("pg", url))
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, r.db.Close())
		t.Log(r.outcomes)
	})
	return r
}

// compare runs the statement in PostgreSQL, and here under all settings that are chosen until an answer differs.
func (r *rival) compare(t *testing.T, sql string, chosen func(setting int) bool) {
	t.Helper()
	ctx := context.Background()
	want, wantErr := postgres(ctx, r.pg, sql)
	for j, s := range r.settings {
		if !chosen(j) {
			continue
		}
		got, err := ask(ctx, r.db, sql, append(with(s), skein.With("search_path", "pg.public"))...)
		outcome := sameAnswer(t, sql, want, wantErr, got, err)
		r.outcomes[outcome]++
		if outcome == different {
			t.Logf("under %v", s)
			return
		}
	}
}

// compareAll compares every statement under one setting in each run of period settings, and every everyth one under all.
func (r *rival) compareAll(t *testing.T, statements []string, every, period int) {
	t.Helper()
	for i, sql := range statements {
		r.compare(t, sql, func(j int) bool { return i%every == 0 || j%period == i%period })
	}
}

const different = "different"

// sameAnswer reports a difference, and says what the outcome was. What PostgreSQL can and the engine refuses by name is
// counted, not failed.
func sameAnswer(t *testing.T, sql string, want *answer, wantErr error, got *answer, err error) string {
	t.Helper()
	switch {
	case wantErr != nil && err != nil:
		if code := sqlerr.Code(err); code != pgCode(wantErr) && code != sqlerr.FeatureNotSupported {
			t.Errorf("%s\n  PostgreSQL: %v\n  here:       %s %v", sql, wantErr, code, err)
			return different
		}
		return "refused by both"
	case wantErr != nil:
		t.Errorf("%s\n  PostgreSQL: %v\n  here:       %v", sql, wantErr, got.rows)
		return different
	case err != nil && sqlerr.Code(err) == sqlerr.FeatureNotSupported:
		t.Logf("unsupported: %s: %v", sql, err)
		return "unsupported"
	case err != nil:
		t.Errorf("%s\n  %v", sql, err)
		return different
	case !slices.Equal(want.names, got.names):
		t.Errorf("%s\n  columns %v instead of %v", sql, got.names, want.names)
		return different
	case len(want.rows) != len(got.rows):
		t.Errorf("%s\n  %d rows instead of %d", sql, len(got.rows), len(want.rows))
		return different
	}
	for r := range want.rows {
		if !slices.Equal(want.rows[r], got.rows[r]) {
			t.Errorf("%s\n  row %d\n  PostgreSQL: %q\n  here:       %q", sql, r, want.rows[r], got.rows[r])
			return different
		}
	}
	return "answered"
}
