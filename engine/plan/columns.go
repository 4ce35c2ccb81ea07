package plan

func (n *Scan) Columns() []Column            { return n.Cols }
func (n *Values) Columns() []Column          { return n.Cols }
func (n *Filter) Columns() []Column          { return n.Input.Columns() }
func (n *Sort) Columns() []Column            { return n.Input.Columns() }
func (n *Limit) Columns() []Column           { return n.Input.Columns() }
func (n *SetOp) Columns() []Column           { return n.Cols }
func (n *SecurityBarrier) Columns() []Column { return n.Input.Columns() }
func (n *Shared) Columns() []Column          { return n.Cols }
func (n *Remote) Columns() []Column          { return n.Scan.Columns() }
func (n *Exchange) Columns() []Column        { return n.Input.Columns() }
func (n *Join) Columns() []Column            { return joinColumns(n.Kind, n.Left, n.Right, n.MarkCol) }

func (n *HashJoin) Columns() []Column { return joinColumns(n.Kind, n.Left, n.Right, n.MarkCol) }

func (n *NestedLoopJoin) Columns() []Column { return joinColumns(n.Kind, n.Left, n.Right, n.MarkCol) }

func (n *ProjectSet) Columns() []Column {
	out := make([]Column, 0, len(n.Keep)+len(n.Calls)+1)
	out = append(out, n.Keep...)
	for _, c := range n.Calls {
		out = append(out, c.Cols...)
	}
	if n.Ordinality.Type != nil {
		out = append(out, n.Ordinality)
	}
	return out
}

func (n *Project) Columns() []Column {
	out := make([]Column, len(n.Items))
	for i, it := range n.Items {
		out[i] = it.Column
	}
	return out
}

func (n *Aggregate) Columns() []Column {
	out := make([]Column, 0, len(n.Keys)+len(n.Aggs)+1)
	for _, k := range n.Keys {
		c := k.Column
		c.Nullable = c.Nullable || n.GroupingSets != nil
		out = append(out, c)
	}
	for _, a := range n.Aggs {
		out = append(out, a.Column)
	}
	if n.GroupingCol.Type != nil {
		out = append(out, n.GroupingCol)
	}
	return out
}

func (n *Window) Columns() []Column {
	out := append([]Column(nil), n.Input.Columns()...)
	for _, a := range n.Items {
		out = append(out, a.Column)
	}
	return out
}

// joinColumns are the left's, then the right's, nullable where the other side's rows may stand alone.
func joinColumns(kind JoinKind, left, right Node, mark Column) []Column {
	l, r := left.Columns(), right.Columns()
	if kind.LeftOnly() {
		if kind == Mark {
			return append(append([]Column(nil), l...), mark)
		}
		return l
	}
	out := make([]Column, 0, len(l)+len(r))
	for _, c := range l {
		c.Nullable = c.Nullable || kind == RightOuter || kind == FullOuter
		out = append(out, c)
	}
	for _, c := range r {
		c.Nullable = c.Nullable || kind == LeftOuter || kind == FullOuter || kind == Single
		out = append(out, c)
	}
	return out
}

func (*Scan) Children() []Node              { return nil }
func (*Values) Children() []Node            { return nil }
func (*Remote) Children() []Node            { return nil }
func (n *ProjectSet) Children() []Node      { return []Node{n.Input} }
func (n *Filter) Children() []Node          { return []Node{n.Input} }
func (n *Project) Children() []Node         { return []Node{n.Input} }
func (n *Aggregate) Children() []Node       { return []Node{n.Input} }
func (n *Sort) Children() []Node            { return []Node{n.Input} }
func (n *Limit) Children() []Node           { return []Node{n.Input} }
func (n *Window) Children() []Node          { return []Node{n.Input} }
func (n *SecurityBarrier) Children() []Node { return []Node{n.Input} }
func (n *Shared) Children() []Node          { return []Node{n.Input} }
func (n *Exchange) Children() []Node        { return []Node{n.Input} }
func (n *Join) Children() []Node            { return []Node{n.Left, n.Right} }
func (n *HashJoin) Children() []Node        { return []Node{n.Left, n.Right} }
func (n *NestedLoopJoin) Children() []Node  { return []Node{n.Left, n.Right} }
func (n *SetOp) Children() []Node           { return n.Inputs }
