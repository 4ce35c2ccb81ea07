package exec

import (
	"slices"

	"github.com/skeinsql/skein/engine/plan"
)

// LaneNeed is what an execution wants of one server.
type LaneNeed struct {
	// Min lanes are opened without waiting and must be leased before snapshots begin; up to Max can be used.
	Min, Max int
	// Tables are those that the plan's scans of the server read, each once.
	Tables []plan.TableRef
}

// Needs says, per server, what root needs to run with so many workers. Inputs that are read one after the other (a
// hash join's build before its probe, a union's inputs) share lanes, so Min is 1 wherever a server is read.
func Needs(root plan.Node, workers int) map[string]LaneNeed {
	out := map[string]LaneNeed{}
	plan.Walk(root, func(n plan.Node) bool {
		remote, ok := n.(*plan.Remote)
		if !ok {
			return true
		}
		need := out[remote.Scan.Server()]
		need.Min = 1
		need.Max = max(need.Max, scanPartitions(remote.Scan, workers))
		for _, t := range remote.Scan.Tables() {
			if !slices.Contains(need.Tables, t) {
				need.Tables = append(need.Tables, t)
			}
		}
		out[remote.Scan.Server()] = need
		return true
	})
	return out
}

// scanPartitions is how many lanes read a scan at most. A small one is not worth a second connection.
func scanPartitions(s plan.RemoteScan, workers int) int {
	if !s.Splittable() || workers < 1 {
		return 1
	}
	if rows := s.Estimate().Rows; rows >= 0 && rows < smallScan {
		return 1
	}
	return workers
}

// smallScan is the estimated number of rows below which one lane reads a scan.
const smallScan = 8192
