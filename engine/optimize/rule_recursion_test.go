package optimize

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/plan"
)

// Whatever rules do to a recursion: no condition crosses it, what does not change is kept or built, and both of its terms
// still have its columns.
func TestRecursionsStayWhole(t *testing.T) {
	w := newWorld(t)
	for _, sql := range []string{
		"WITH RECURSIVE t(id, n) AS (SELECT id, n FROM whole.main.small UNION ALL SELECT m.id, m.n FROM t JOIN whole.main.mid m ON m.n = t.id) SELECT n FROM t WHERE id > 3",
		"WITH RECURSIVE t(id) AS (SELECT id FROM whole.main.small UNION SELECT m.id FROM whole.main.mid m LEFT JOIN whole.main.small s ON s.id = m.n JOIN t ON t.id = m.n WHERE m.n > 3) SELECT * FROM t LIMIT 5",
		"WITH RECURSIVE t(id) AS (SELECT id FROM whole.main.small UNION SELECT t.id + 1 FROM t WHERE EXISTS (SELECT FROM whole.main.mid m WHERE m.n > t.id)) SELECT id FROM t WHERE id IN (SELECT n FROM whole.main.mid)",
		"SELECT s.id, x.* FROM whole.main.small s, LATERAL (WITH RECURSIVE t(k, depth) AS (SELECT s.id, 0 UNION ALL SELECT m.n, depth + 1 FROM t JOIN whole.main.mid m ON m.id = t.k WHERE depth < s.n) SELECT k, depth FROM t WHERE depth > 0) x",
		"WITH RECURSIVE t(k) AS (SELECT 1 UNION ALL SELECT x.m FROM (WITH RECURSIVE u(m) AS (SELECT k + 1 FROM t WHERE k < 3 UNION ALL SELECT m + 1 FROM u, whole.main.small s WHERE s.id = m) SELECT m FROM u) x) SELECT a.k FROM t a, t b WHERE a.k = b.k",
	} {
		for _, workers := range []int{1, 4} {
			bound := w.bind(t, sql)
			o := w.optimizer(bound.NextID, workers)
			n, err := Plan(t.Context(), bound.Root, o.Options)
			require.NoError(t, err, sql)
			found := 0
			plan.Walk(n, func(n plan.Node) bool {
				r, ok := n.(*plan.Recursive)
				if !ok {
					return true
				}
				found++
				require.Len(t, r.Start.Columns(), len(r.Cols), plan.String(r))
				require.Len(t, r.Step.Columns(), len(r.Cols), plan.String(r))
				require.True(t, plan.WorkTables(r.Step)[r.ID], plan.String(r))
				require.True(t, readOnce(r.Step, r.ID), plan.String(r))
				return true
			})
			require.Positive(t, found, plan.String(n))
			require.Empty(t, plan.WorkTables(n))
		}
	}
}

// readOnce says whether every scan in a step is kept, or built where it does not change.
func readOnce(n plan.Node, step int) bool {
	if !plan.WorkTables(n)[step] {
		s, shared := n.(*plan.Shared)
		return shared && len(plan.WorkTables(s)) == 0 || !holdsRemote(n)
	}
	kids := n.Children()
	switch n.(type) {
	case *plan.Recursive:
		kids = kids[:1] // its own step is looked at by itself
	case *plan.HashJoin, *plan.NestedLoopJoin:
		if !plan.WorkTables(kids[1])[step] {
			kids = kids[:1]
		}
	}
	for _, c := range kids {
		if !readOnce(c, step) {
			return false
		}
	}
	return true
}

func holdsRemote(n plan.Node) bool {
	found := false
	plan.Walk(n, func(n plan.Node) bool {
		_, is := n.(*plan.Remote)
		found = found || is
		return !found
	})
	return found
}
