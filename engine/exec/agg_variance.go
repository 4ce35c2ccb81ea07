package exec

import (
	"math"
	"math/big"
	"math/bits"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// floatMoments are count, sum and sum of squared deviations by group: Youngs and Cramer's method, as float8_accum and
// float8_combine of PostgreSQL. They give avg, variance and standard deviation of floats.
type floatMoments struct {
	single             bool // the argument is real
	mean, sample, root bool
	n, sx, sxx         []float64
}

func varianceOf(arg *types.Type, name string) func() accumulator {
	root, sample := strings.HasPrefix(name, "stddev"), !strings.HasSuffix(name, "_pop")
	if arg.IsFloat() {
		return func() accumulator {
			return &floatMoments{single: arg.Kind == types.Float4, sample: sample, root: root}
		}
	}
	kind, scale := exactOf(arg)
	if kind == notExact || arg.Kind == types.Money {
		return nil
	}
	return func() accumulator { return &exactVariance{kind: kind, scale: scale, sample: sample, root: root} }
}

func (m *floatMoments) grow(n int) { m.n, m.sx, m.sxx = grown(m.n, n), grown(m.sx, n), grown(m.sxx, n) }

func (m *floatMoments) add(ids []int32, args []arrow.Array) error {
	null := nullsOf(args[0])
	if m.single {
		v := fixedView[float32](args[0].Data())
		for i, g := range ids {
			if null == nil || !null[i] {
				if err := m.plus(g, float64(v[i])); err != nil {
					return err
				}
			}
		}
		return nil
	}
	v := fixedView[float64](args[0].Data())
	for i, g := range ids {
		if null == nil || !null[i] {
			if err := m.plus(g, v[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *floatMoments) plus(g int32, v float64) error {
	oldN, oldSx := m.n[g], m.sx[g]
	n, sx := oldN+1, oldSx+v
	m.n[g], m.sx[g] = n, sx
	if oldN == 0 {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			m.sxx[g] = math.NaN()
		}
		return nil
	}
	tmp := float64(v*n) - sx
	sxx := m.sxx[g] + float64(tmp*tmp)/float64(n*oldN)
	if math.IsInf(sx, 0) || math.IsInf(sxx, 0) {
		if !math.IsInf(oldSx, 0) && !math.IsInf(v, 0) {
			return floatOverflow()
		}
		sxx = math.NaN()
	}
	m.sxx[g] = sxx
	return nil
}

func (m *floatMoments) merge(other accumulator, from, to []int32) error {
	o := other.(*floatMoments)
	for i, f := range from {
		if err := m.combine(to[i], o.n[f], o.sx[f], o.sxx[f]); err != nil {
			return err
		}
	}
	return nil
}

// combine adds the moments of n2 values to those of group t.
func (m *floatMoments) combine(t int32, n2, sx2, s2 float64) error {
	n1, sx1, s1 := m.n[t], m.sx[t], m.sxx[t]
	switch {
	case n2 == 0:
		return nil
	case n1 == 0:
		m.n[t], m.sx[t], m.sxx[t] = n2, sx2, s2
		return nil
	}
	n, sx := n1+n2, sx1+sx2
	if math.IsInf(sx, 0) && !math.IsInf(sx1, 0) && !math.IsInf(sx2, 0) {
		return floatOverflow()
	}
	tmp := sx1/n1 - sx2/n2
	sxx := s1 + s2 + float64(n1*n2*tmp*tmp)/n
	if math.IsInf(sxx, 0) && !math.IsInf(s1, 0) && !math.IsInf(s2, 0) {
		return floatOverflow()
	}
	m.n[t], m.sx[t], m.sxx[t] = n, sx, sxx
	return nil
}

func (m *floatMoments) result(from, to int) (arrow.Array, error) {
	out, null := make([]float64, to-from), make([]bool, to-from)
	for i := range out {
		n, sxx := m.n[from+i], m.sxx[from+i]
		switch {
		case n == 0 || m.sample && n <= 1:
			null[i] = true
		case m.mean:
			out[i] = m.sx[from+i] / n
		case m.sample:
			out[i] = sxx / (n - 1)
		default:
			out[i] = sxx / n
		}
		if m.root {
			out[i] = math.Sqrt(out[i])
		}
	}
	return fixedArray(arrow.PrimitiveTypes.Float64, out, null), nil
}

func (m *floatMoments) bytes() int64 { return int64(24 * cap(m.n)) }

// exactVariance keeps exact count, sum and sum of squares: variance and standard deviation of integers and numerics.
type exactVariance struct {
	kind         exactKind
	scale        int32
	sample, root bool
	n            []int64
	sum, squares []int192
	wide         []exactMoments // int128Values, numericValues
}

type exactMoments struct {
	sum, squares numeric.Num
	special      bool // a NaN or an infinity was among the values: the answer is NaN
}

func (v *exactVariance) isWide() bool { return v.kind == int128Values || v.kind == numericValues }

func (v *exactVariance) grow(n int) {
	v.n = grown(v.n, n)
	if v.isWide() {
		v.wide = grown(v.wide, n)
	} else {
		v.sum, v.squares = grown(v.sum, n), grown(v.squares, n)
	}
}

func (v *exactVariance) add(ids []int32, args []arrow.Array) error {
	null, d := nullsOf(args[0]), args[0].Data()
	switch v.kind {
	case int16Values:
		addSquares(v, ids, fixedView[int16](d), null)
	case int32Values:
		addSquares(v, ids, fixedView[int32](d), null)
	case int64Values:
		addSquares(v, ids, fixedView[int64](d), null)
	case int128Values:
		for i, x := range fixedView[[2]uint64](d) {
			if null != nil && null[i] {
				continue
			}
			if err := v.plus(ids[i], numeric.FromInt128(int64(x[1]), x[0], v.scale)); err != nil {
				return err
			}
		}
	default:
		offs, data := varView(d)
		for i, g := range ids {
			if null != nil && null[i] {
				continue
			}
			if err := v.plus(g, numeric.Decode(data[offs[i]:offs[i+1]])); err != nil {
				return err
			}
		}
	}
	return nil
}

func addSquares[T int16 | int32 | int64](v *exactVariance, ids []int32, values []T, null []bool) {
	for i, g := range ids {
		if null != nil && null[i] {
			continue
		}
		x := int64(values[i])
		v.n[g]++
		v.sum[g].add64(x)
		mag := uint64(x)
		if x < 0 {
			mag = -mag
		}
		hi, lo := bits.Mul64(mag, mag)
		v.squares[g].add128(lo, hi)
	}
}

func (v *exactVariance) plus(g int32, x numeric.Num) error {
	v.n[g]++
	m := &v.wide[g]
	if x.Class != numeric.Finite {
		m.special = true
		return nil
	}
	square, err := numeric.Mul(x, x)
	if err != nil {
		return err
	}
	return m.add(&exactMoments{sum: x, squares: square})
}

func (m *exactMoments) add(o *exactMoments) (err error) {
	m.special = m.special || o.special
	if m.sum, err = numeric.Add(m.sum, o.sum); err != nil {
		return err
	}
	m.squares, err = numeric.Add(m.squares, o.squares)
	return err
}

func (v *exactVariance) merge(other accumulator, from, to []int32) error {
	o := other.(*exactVariance)
	for i, f := range from {
		t := to[i]
		v.n[t] += o.n[f]
		if !v.isWide() {
			v.sum[t].add(&o.sum[f])
			v.squares[t].add(&o.squares[f])
			continue
		}
		if err := v.wide[t].add(&o.wide[f]); err != nil {
			return err
		}
	}
	return nil
}

func (v *exactVariance) result(from, to int) (arrow.Array, error) {
	null := make([]bool, to-from)
	for i := range null {
		n := v.n[from+i]
		null[i] = n == 0 || v.sample && n == 1
	}
	return numericArray(null, func(i int) (numeric.Num, error) {
		g := from + i
		if !v.isWide() {
			return v.finish(v.n[g], v.sum[g].num(v.scale), v.squares[g].num(2*v.scale))
		}
		if v.wide[g].special {
			return numeric.NotANumber, nil
		}
		return v.finish(v.n[g], v.wide[g].sum, v.wide[g].squares)
	})
}

// finish is numeric.c's numeric_stddev_internal.
func (v *exactVariance) finish(n int64, sum, squares numeric.Num) (numeric.Num, error) {
	count := numeric.FromInt64(n, 0)
	sum2, err := numeric.Mul(sum, sum)
	if err != nil {
		return numeric.Num{}, err
	}
	scaled, err := numeric.Mul(count, squares)
	if err != nil {
		return numeric.Num{}, err
	}
	num, err := numeric.Sub(scaled, sum2)
	if err != nil || num.Sign() <= 0 {
		return numeric.Num{}, err
	}
	other := count
	if v.sample {
		other = numeric.FromInt64(n-1, 0)
	}
	den, err := numeric.Mul(count, other)
	if err != nil {
		return numeric.Num{}, err
	}
	variance, err := numeric.Div(num, den)
	if err != nil || !v.root {
		return variance, err
	}
	return squareRoot(variance), nil
}

// squareRoot is v's root at v's own scale, rounded half up.
func squareRoot(v numeric.Num) numeric.Num {
	x := v.Int()
	x.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(v.Scale)), nil))
	root := new(big.Int).Sqrt(x)
	// (root + 1/2)² = root² + root + 1/4: beyond it the next integer is nearer.
	rest := new(big.Int).Sub(x, new(big.Int).Mul(root, root))
	if rest.Cmp(root) > 0 {
		root.Add(root, big.NewInt(1))
	}
	return numeric.FromBig(root, v.Scale)
}

func (v *exactVariance) bytes() int64 { return int64(8*cap(v.n) + 48*cap(v.sum) + 100*cap(v.wide)) }
