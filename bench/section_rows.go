package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/skeinsql/skein"
)

// rowQueries are TPC-H's queries whose cost hangs on the order of joins.
var rowQueries = []int{2, 5, 7, 8, 9, 18, 20, 21}

// rowLimit is how many times the rows of DuckDB's joins ours may put out.
const rowLimit = 2

// benchRows compares the rows that the joins of a plan put out, all together, with those of DuckDB's plan for the same
// query: what an order of joins costs, whatever the speed of an operator.
func benchRows(ctx context.Context, l *lab) ([]result, error) {
	db, err := l.parquet(ctx)
	if err != nil {
		return nil, err
	}
	duck, err := l.peers(ctx)
	if err != nil {
		return nil, err
	}
	var out []result
	for _, q := range rowQueries {
		sql, err := readQuery(q)
		if err != nil {
			return nil, err
		}
		ours, err := joinedRows(ctx, db, sql)
		if err != nil {
			return nil, fmt.Errorf("TPC-H %d: %w", q, err)
		}
		theirs, err := duck.ask(request{Do: "joined", SQL: sql})
		if err != nil {
			return nil, fmt.Errorf("TPC-H %d: %w", q, err)
		}
		a, b := float64(ours), float64(theirs.Rows)
		out = append(out, result{
			Name: fmt.Sprintf("TPC-H %d, rows of joins", q), Unit: "rows", Peer: "DuckDB 2.0", Limit: rowLimit,
			Skein: a, Other: b, Ratio: (a + 1) / (b + 1), // a scale at which nothing is joined has a ratio, too
		})
	}
	return out, nil
}

// analyzed is a node of EXPLAIN (ANALYZE, FORMAT JSON).
type analyzed struct {
	Node   string
	Actual struct{ Rows int64 }
	Plans  []*analyzed
}

// joined adds up the rows of the joins of a plan.
func (n *analyzed) joined() int64 {
	var sum int64
	if strings.HasSuffix(n.Node, "Join") {
		sum = n.Actual.Rows
	}
	for _, c := range n.Plans {
		sum += c.joined()
	}
	return sum
}

// joinedRows runs a statement and counts what its joins put out.
func joinedRows(ctx context.Context, db *skein.DB, sql string) (int64, error) {
	r, err := db.Query(ctx, "EXPLAIN (ANALYZE, FORMAT JSON) "+sql)
	if err != nil {
		return 0, err
	}
	defer r.Release()
	var text strings.Builder
	for r.Next() {
		col := r.RecordBatch().Column(0)
		for i := range col.Len() {
			text.WriteString(col.ValueStr(i))
		}
	}
	if err := r.Err(); err != nil {
		return 0, err
	}
	var plans []struct{ Plan *analyzed }
	if err := json.Unmarshal([]byte(text.String()), &plans); err != nil {
		return 0, fmt.Errorf("reading the explained plan: %w", err)
	}
	return plans[0].Plan.joined(), nil
}
