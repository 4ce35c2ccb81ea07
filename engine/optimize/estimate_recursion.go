package optimize

import "github.com/skeinsql/skein/engine/plan"

// roundsGuess is how many rounds a recursion is expected to have, and roundGrowth how many times the rows of its start
// one of them has: PostgreSQL's guesses (cost_recursive_union, set_cte_size_estimates).
const (
	roundsGuess = 10
	roundGrowth = 10
)

// startOf notes how many rows a recursion starts with, for what reads its work table.
func (o *optimizer) startOf(id int, start plan.Node) {
	if o.starts == nil {
		o.starts = map[int]float64{}
	}
	o.starts[id] = o.stats(start).rows
}

func (o *optimizer) workTableStats(n *plan.WorkTable) *stats {
	rows, ok := o.starts[n.ID]
	if !ok {
		rows = unknownRows / roundGrowth
	}
	return &stats{rows: rows * roundGrowth}
}

func (o *optimizer) recursiveStats(n *plan.Recursive) *stats {
	start := o.stats(n.Start)
	return renamed(start.scaled(start.rows+roundsGuess*o.stats(n.Step).rows), n.Start.Columns(), n.Cols)
}
