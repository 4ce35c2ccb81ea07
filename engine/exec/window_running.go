package exec

import (
	"github.com/apache/arrow-go/v18/arrow"
)

// states are the different frames of running ones: state k has the places [begin[k], end[k]) and, if it is chained,
// all that state k-1 has.
type states struct {
	begin, end []int32
	chained    []bool
	of         []int32 // the state of each row
}

func (a *aggregated) states() *states {
	st := &states{of: make([]int32, a.layout.n)}
	for p := range len(a.layout.partStart) - 1 {
		from, to := a.layout.partStart[p], a.layout.partStart[p+1]
		had := a.place(from)
		for i := from; i < to; i++ {
			end := a.place(a.tail[i])
			if i == from || end != had {
				st.begin, st.end = append(st.begin, had), append(st.end, end)
				st.chained = append(st.chained, i != from)
				had = end
			}
			st.of[i] = int32(len(st.begin) - 1)
		}
	}
	return st
}

func (st *states) n() int { return len(st.begin) }

// column gives rows the results of their states.
func (s *windowStream) statesColumn(st *states, acc accumulator) (windowColumn, error) {
	if err := s.ledger.add(int64(16 * st.n())); err != nil {
		return nil, err
	}
	out, err := acc.result(0, st.n())
	if err != nil {
		return nil, err
	}
	s.own([]arrow.Array{out})
	return &statesColumn{results: out, of: st.of, one: st.n() == len(st.of)}, nil
}

// runningColumn folds each state's own places, and then each state into the next: a merge goes through its pairs in
// order. It is for aggregates whose parts can be put together exactly.
func (s *windowStream) runningColumn(a *aggregated) (windowColumn, error) {
	st := a.states()
	acc, err := s.accumulated(a, st.n()+1)
	if err != nil {
		return nil, err
	}
	ids := make([]int32, a.n)
	for i := range ids {
		ids[i] = int32(st.n()) // what is in no frame goes where nobody looks
	}
	var from, to []int32
	for k := range st.begin {
		for j := st.begin[k]; j < st.end[k]; j++ {
			ids[j] = int32(k)
		}
		if st.chained[k] {
			from, to = append(from, int32(k-1)), append(to, int32(k))
		}
	}
	if err := acc.add(ids, a.args); err != nil {
		return nil, err
	}
	if err := acc.merge(acc, from, to); err != nil {
		return nil, err
	}
	return s.statesColumn(st, acc)
}

// accumulated makes an accumulator of n groups, which are accounted for.
func (s *windowStream) accumulated(a *aggregated, n int) (accumulator, error) {
	acc := a.make()
	acc.grow(1)
	if err := s.ledger.add(acc.bytes()*int64(n) + int64(12*n)); err != nil {
		return nil, err
	}
	acc.grow(n)
	return acc, nil
}

// sequentialColumn folds value after value, for floats, whose results depend on the order.
func (s *windowStream) sequentialColumn(a *aggregated) (windowColumn, error) {
	st := a.states()
	acc, err := s.accumulated(a, st.n())
	if err != nil {
		return nil, err
	}
	switch acc := acc.(type) {
	case *floatSum[float32]:
		err = runSum(acc, st, a.args[0])
	case *floatSum[float64]:
		err = runSum(acc, st, a.args[0])
	case *floatMoments:
		err = runMoments(acc, st, a.args[0])
	case *regression:
		err = runRegression(acc, st, a.args)
	}
	if err != nil {
		return nil, err
	}
	return s.statesColumn(st, acc)
}

func runSum[T float32 | float64](acc *floatSum[T], st *states, arg arrow.Array) error {
	v, null := fixedView[T](arg.Data()), nullsOf(arg)
	for k := range st.begin {
		if st.chained[k] {
			acc.sum[k], acc.seen[k] = acc.sum[k-1], acc.seen[k-1]
		}
		for j := st.begin[k]; j < st.end[k]; j++ {
			if null != nil && null[j] {
				continue
			}
			if err := acc.plus(int32(k), v[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func runMoments(acc *floatMoments, st *states, arg arrow.Array) error {
	null := nullsOf(arg)
	var wide []float64
	if acc.single {
		single := fixedView[float32](arg.Data())
		wide = make([]float64, len(single))
		for i, v := range single {
			wide[i] = float64(v)
		}
	} else {
		wide = fixedView[float64](arg.Data())
	}
	for k := range st.begin {
		if st.chained[k] {
			acc.n[k], acc.sx[k], acc.sxx[k] = acc.n[k-1], acc.sx[k-1], acc.sxx[k-1]
		}
		for j := st.begin[k]; j < st.end[k]; j++ {
			if null != nil && null[j] {
				continue
			}
			if err := acc.plus(int32(k), wide[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func runRegression(acc *regression, st *states, args []arrow.Array) error {
	y, x := fixedView[float64](args[0].Data()), fixedView[float64](args[1].Data())
	yn, xn := nullsOf(args[0]), nullsOf(args[1])
	for k := range st.begin {
		if st.chained[k] {
			acc.m[k] = acc.m[k-1]
		}
		for j := st.begin[k]; j < st.end[k]; j++ {
			if yn != nil && yn[j] || xn != nil && xn[j] {
				continue
			}
			if err := acc.m[k].plus(x[j], y[j]); err != nil {
				return err
			}
		}
	}
	return nil
}
