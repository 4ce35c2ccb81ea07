package plan

import "fmt"

// Recursive is WITH RECURSIVE: the rows of Start, and then, again and again, those of Step over the rows that the
// last round added, until a round adds none. Without All a row that was there before, in any round, is not added. Start
// and Step have columns of the types of Cols, in order. Step reads the rows of the last round through WorkTables of the
// same ID. Nothing may be moved between the inside and the outside: a row that a condition above drops may lead to one
// that it keeps. Rows come round by round and no round starts before somebody asks for its rows, so that a LIMIT above
// ends a recursion that has no end.
type Recursive struct {
	ID          int // unique in the statement, among those of Shared too
	Name        string
	All         bool
	Start, Step Node
	Cols        []Column
}

// WorkTable is a leaf of the step of the Recursive of its ID: the rows that the last round added. There may be several
// places; each has columns of its own, parallel to the Recursive's.
type WorkTable struct {
	ID   int
	Name string
	Cols []Column
}

// Columns are the recursion's, under IDs of their own.
func (n *Recursive) Columns() []Column { return n.Cols }

// Columns are this place's.
func (n *WorkTable) Columns() []Column { return n.Cols }

// Children are the start and the step.
func (n *Recursive) Children() []Node { return []Node{n.Start, n.Step} }

// Children are none.
func (*WorkTable) Children() []Node { return nil }

func (*Recursive) isNode() {}
func (*WorkTable) isNode() {}

// WorkTables are the IDs of the recursions that n reads the last round of and that stand around it.
func WorkTables(n Node) map[int]bool {
	read, inside := map[int]bool{}, map[int]bool{}
	Walk(n, func(n Node) bool {
		switch n := n.(type) {
		case *WorkTable:
			read[n.ID] = true
		case *Recursive:
			inside[n.ID] = true
		}
		return true
	})
	for id := range inside {
		delete(read, id)
	}
	return read
}

func recursiveLine(n *Recursive) string {
	s := fmt.Sprintf("Recursive %d %s", n.ID, n.Name)
	if n.All {
		s += " all"
	}
	return s + columnList(n.Cols)
}
