package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/sources"
)

// TestVerify names the tables that changed, and none without a free connection.
func TestVerify(t *testing.T) {
	s := newServer(t, `CREATE TABLE a (x int4); CREATE TABLE "B b" (x int4); CREATE VIEW v AS SELECT 1 AS x; CREATE TABLE d (x int4); CREATE TABLE k (x int4 PRIMARY KEY, y int4 NOT NULL); CREATE TABLE n (x int4 PRIMARY KEY, y int4 NOT NULL)`)
	tables := []*sources.Table{s.table("a"), s.table("B b"), s.table("v"), s.table("d"), s.table("k"), s.table("n")}
	changed := func() (names []string) {
		out, err := s.source.Verify(t.Context(), tables)
		require.NoError(t, err)
		for _, one := range out {
			names = append(names, one.TableName)
		}
		return names
	}
	require.Empty(t, changed())
	s.run(`ALTER TABLE a ADD y int4; ALTER TABLE "B b" ALTER x TYPE text; DROP TABLE d; CREATE TABLE d (x int4);
		ALTER TABLE k DROP CONSTRAINT k_pkey; ALTER TABLE n ALTER y DROP NOT NULL`)
	require.Equal(t, []string{"a", "B b", "d", "k", "n"}, changed())
	lease, err := s.budget.Acquire(t.Context(), map[string]int{"pg": s.budget.Limit("pg")})
	require.NoError(t, err)
	require.Empty(t, changed())
	lease.Close()
	require.Zero(t, s.budget.InUse("pg"))
}
