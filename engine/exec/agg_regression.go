package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
)

// moments2 are count, sums and sums of products of deviations of pairs of floats.
type moments2 struct{ n, sx, sxx, sy, syy, sxy float64 }

// regression is the family of corr, covar and regr aggregates over (y, x): PostgreSQL's float8_regr_accum and
// float8_regr_combine.
type regression struct {
	name string
	m    []moments2
}

func (r *regression) grow(n int) { r.m = grown(r.m, n) }

func (r *regression) add(ids []int32, args []arrow.Array) error {
	y, x := fixedView[float64](args[0].Data()), fixedView[float64](args[1].Data())
	yn, xn := nullsOf(args[0]), nullsOf(args[1])
	counts := r.name == "regr_count" // its sums do not matter, nor that they overflow
	for i, g := range ids {
		if yn != nil && yn[i] || xn != nil && xn[i] {
			continue
		}
		if counts {
			r.m[g].n++
			continue
		}
		if err := r.m[g].plus(x[i], y[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m *moments2) plus(x, y float64) error {
	old := *m
	m.n, m.sx, m.sy = old.n+1, old.sx+x, old.sy+y
	if old.n == 0 {
		if odd(x) {
			m.sxx, m.sxy = math.NaN(), math.NaN()
		}
		if odd(y) {
			m.syy, m.sxy = math.NaN(), math.NaN()
		}
		return nil
	}
	dx, dy := float64(x*m.n)-m.sx, float64(y*m.n)-m.sy
	scale := 1 / float64(m.n*old.n)
	m.sxx += float64(float64(dx*dx) * scale)
	m.syy += float64(float64(dy*dy) * scale)
	m.sxy += float64(float64(dx*dy) * scale)
	knownX, knownY := !infinite(old.sx) && !infinite(x), !infinite(old.sy) && !infinite(y)
	if (infinite(m.sx) || infinite(m.sxx)) && knownX || (infinite(m.sy) || infinite(m.syy)) && knownY ||
		infinite(m.sxy) && knownX && knownY {
		return floatOverflow()
	}
	for _, s := range []*float64{&m.sxx, &m.syy, &m.sxy} {
		if infinite(*s) {
			*s = math.NaN()
		}
	}
	return nil
}

func infinite(v float64) bool { return math.IsInf(v, 0) }

func odd(v float64) bool { return math.IsNaN(v) || infinite(v) }

func (r *regression) merge(other accumulator, from, to []int32) error {
	o := other.(*regression)
	for i, f := range from {
		if err := r.m[to[i]].combine(o.m[f]); err != nil {
			return err
		}
	}
	return nil
}

func (m *moments2) combine(o moments2) error {
	if o.n == 0 {
		return nil
	}
	if m.n == 0 {
		*m = o
		return nil
	}
	a := *m
	n := a.n + o.n
	dx, dy, w := a.sx/a.n-o.sx/o.n, a.sy/a.n-o.sy/o.n, a.n*o.n
	*m = moments2{
		n: n, sx: a.sx + o.sx, sxx: a.sxx + o.sxx + float64(w*dx*dx)/n, sy: a.sy + o.sy,
		syy: a.syy + o.syy + float64(w*dy*dy)/n, sxy: a.sxy + o.sxy + float64(w*dx*dy)/n,
	}
	for _, s := range [][3]float64{{m.sx, a.sx, o.sx}, {m.sxx, a.sxx, o.sxx}, {m.sy, a.sy, o.sy}, {m.syy, a.syy, o.syy}, {m.sxy, a.sxy, o.sxy}} {
		if infinite(s[0]) && !infinite(s[1]) && !infinite(s[2]) {
			return floatOverflow()
		}
	}
	return nil
}

func (r *regression) result(from, to int) (arrow.Array, error) {
	if r.name == "regr_count" {
		out := make([]int64, to-from)
		for i := range out {
			out[i] = int64(r.m[from+i].n)
		}
		return fixedArray(arrow.PrimitiveTypes.Int64, out, nil), nil
	}
	out, null := make([]float64, to-from), make([]bool, to-from)
	for i := range out {
		v, ok := r.m[from+i].value(r.name)
		out[i], null[i] = v, !ok
	}
	return fixedArray(arrow.PrimitiveTypes.Float64, out, null), nil
}

// value is one aggregate's answer; ok is false for NULL.
func (m *moments2) value(name string) (v float64, ok bool) {
	if m.n < 1 {
		return 0, false
	}
	switch name {
	case "regr_sxx":
		return m.sxx, true
	case "regr_syy":
		return m.syy, true
	case "regr_sxy":
		return m.sxy, true
	case "regr_avgx":
		return m.sx / m.n, true
	case "regr_avgy":
		return m.sy / m.n, true
	case "covar_pop":
		return m.sxy / m.n, true
	case "covar_samp":
		return m.sxy / (m.n - 1), m.n >= 2
	case "corr":
		return m.sxy / math.Sqrt(m.sxx*m.syy), m.sxx != 0 && m.syy != 0
	case "regr_slope":
		return m.sxy / m.sxx, m.sxx != 0
	case "regr_intercept":
		return (m.sy - m.sx*m.sxy/m.sxx) / m.n, m.sxx != 0
	}
	// regr_r2
	if m.syy == 0 {
		return 1, m.sxx != 0
	}
	return m.sxy * m.sxy / (m.sxx * m.syy), m.sxx != 0
}

func (r *regression) bytes() int64 { return int64(48 * cap(r.m)) }
