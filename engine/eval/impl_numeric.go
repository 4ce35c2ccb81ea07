package eval

import (
	kernels "github.com/skeinsql/skein/engine/kernel"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	register(implementations{
		"numeric_add": numericSum(kernels.Add[int64], kernels.Add128, numeric.Add),
		"numeric_sub": numericSum(kernels.Sub[int64], kernels.Sub128, numeric.Sub),
		"numeric_mul": numericProduct,
		"numeric_div": nums2(numeric.Div), "numeric_div_trunc": nums2(numeric.DivTrunc),
		"numeric_mod": nums2(numeric.Mod), "numeric_mod_fn": nums2(numeric.Mod),
		"numeric_power": nums2(numeric.Power), "numeric_pow": nums2(numeric.Power), "numeric_power_op": nums2(numeric.Power),
		"numeric_log": nums2(numeric.Log), "numeric_gcd": nums2(numeric.Gcd), "numeric_lcm": nums2(numeric.Lcm),
		"numeric_uminus": numericNegate, "numeric_uplus": nums1(same), "numeric_abs": nums1(abs), "numeric_abs_op": nums1(abs),
		"numeric_ceil":    nums1(func(n numeric.Num) (numeric.Num, error) { return n.Ceil(), nil }),
		"numeric_ceiling": nums1(func(n numeric.Num) (numeric.Num, error) { return n.Ceil(), nil }),
		"numeric_floor":   nums1(func(n numeric.Num) (numeric.Num, error) { return n.Floor(), nil }),
		"numeric_round0":  nums1(func(n numeric.Num) (numeric.Num, error) { return n.Round(0), nil }),
		"numeric_trunc0":  nums1(func(n numeric.Num) (numeric.Num, error) { return n.Trunc(0), nil }),
		"numeric_sign":    nums1(func(n numeric.Num) (numeric.Num, error) { return n.SignNum(), nil }),
		"numeric_sqrt":    nums1(numeric.Sqrt), "numeric_exp": nums1(numeric.Exp), "numeric_ln": nums1(numeric.Ln),
		"numeric_log10": nums1(log10), "numeric_log10_name": nums1(log10),
		"numeric_trim_scale": nums1(func(n numeric.Num) (numeric.Num, error) { return n.Canonical(), nil }),
		"numeric_round":      byRow2(func(_ *call, n numeric.Num, s int32) (numeric.Num, error) { return numeric.RoundWithin(n, s) }),
		"numeric_trunc":      byRow2(func(_ *call, n numeric.Num, s int32) (numeric.Num, error) { return n.Trunc(s), nil }),
		"numeric_scale":      byRow1(scaleOf), "numeric_min_scale": byRow1(minScaleOf),
		"factorial":            byRow1(func(_ *call, n int64) (numeric.Num, error) { return numeric.Factorial(n) }),
		"width_bucket_numeric": fixed(widthBucketNumeric), "width_bucket_float8": fixed(widthBucketFloat),
		"greatest": extreme(opGt), "least": extreme(opLt),
	})
}

func same(n numeric.Num) (numeric.Num, error)  { return n, nil }
func abs(n numeric.Num) (numeric.Num, error)   { return n.Abs(), nil }
func log10(n numeric.Num) (numeric.Num, error) { return numeric.Log(numeric.FromInt64(10, 0), n) }

func scaleOf(_ *call, n numeric.Num) (int32, error) {
	if n.Class != numeric.Finite {
		return 0, ErrNull
	}
	return n.Scale, nil
}

func minScaleOf(_ *call, n numeric.Num) (int32, error) {
	if n.Class != numeric.Finite {
		return 0, ErrNull
	}
	return n.Canonical().Scale, nil
}

// nums1 is the form of a function of one numeric, whatever the storages.
func nums1(f func(numeric.Num) (numeric.Num, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		return eachNumeric(c, out, func(i int) (numeric.Num, error) { return f(numAt(args[0], i)) })
	})
}

// nums2 is the form of a function of two numerics, whatever the storages.
func nums2(f func(a, b numeric.Num) (numeric.Num, error)) maker {
	return fixed(func(c *call, args []*vector, out *vector) error {
		return eachNumeric(c, out, func(i int) (numeric.Num, error) { return f(numAt(args[0], i), numAt(args[1], i)) })
	})
}

// eachNumeric computes and stores the numerics of valid rows.
func eachNumeric(c *call, out *vector, f func(i int) (numeric.Num, error)) error {
	if out.typ.NumericStorage() != types.VarNumeric {
		r := scratchOf(c, 2, c.n, func([]numeric.Num) {})
		for i := range r {
			if r[i] = (numeric.Num{}); !c.rowValid(i) {
				continue
			}
			n, err := f(i)
			if err != nil {
				return err
			}
			r[i] = n
		}
		return storeNums(out, r)
	}
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		n, err := f(i)
		if err != nil {
			return nil, err
		}
		return numeric.Append(dst, n), nil
	})
}

// numericSum is the maker of + and -: fixed-point at the result's scale where its precision bounds the values.
func numericSum(add64 func(dst, a, b []int64) bool, add128 func(dst, a, b []kernels.Int128), add func(a, b numeric.Num) (numeric.Num, error)) maker {
	return func(args []*types.Type, result *types.Type) (kernel, error) {
		switch result.NumericStorage() {
		case types.Decimal64:
			return func(c *call, args []*vector, out *vector) error {
				add64(values[int64](out), rows64(c, 0, args[0], out.typ), rows64(c, 1, args[1], out.typ))
				return nil
			}, nil
		case types.Decimal128:
			wide := func(dst []kernels.Int128, v *vector) { scale128(dst, v, result) }
			return func(c *call, args []*vector, out *vector) error {
				add128(values[kernels.Int128](out), wideRows(c, 0, args[0], c.n, wide), wideRows(c, 1, args[1], c.n, wide))
				return nil
			}, nil
		}
		return nums2(add)(args, result)
	}
}

// rows64 gives v's decimals at t's scale, a constant repeated.
func rows64(c *call, k int, v *vector, t *types.Type) []int64 {
	w := scaled64(c, k, v, t)
	if !v.konst || c.n == 1 {
		return w
	}
	x := w[0]
	return scratchOf(c, k, c.n, func(dst []int64) { kernels.Fill(dst, x) })
}

// numericProduct is the maker of *: the coefficients multiply.
func numericProduct(args []*types.Type, result *types.Type) (kernel, error) {
	a, b := args[0].NumericStorage(), args[1].NumericStorage()
	switch {
	case result.NumericStorage() == types.Decimal64:
		return func(c *call, args []*vector, out *vector) error {
			x, y := args[0], args[1]
			if x.konst {
				x, y = y, x
			}
			if y.konst {
				kernels.Mul64To(values[int64](out), values[int64](x), values[int64](y)[0])
			} else {
				kernels.Mul64(values[int64](out), values[int64](x), values[int64](y))
			}
			return nil
		}, nil
	case result.NumericStorage() == types.Decimal128 && a == types.Decimal64 && b == types.Decimal64:
		return func(c *call, args []*vector, out *vector) error {
			x, y := args[0], args[1]
			if x.konst {
				x, y = y, x
			}
			if y.konst {
				kernels.MulWideTo(values[kernels.Int128](out), values[int64](x), values[int64](y)[0])
			} else {
				kernels.MulWide(values[kernels.Int128](out), values[int64](x), values[int64](y))
			}
			return nil
		}, nil
	case result.NumericStorage() == types.Decimal128:
		return func(c *call, args []*vector, out *vector) error {
			kernels.Mul128(values[kernels.Int128](out), wideRows(c, 0, args[0], c.n, widened), wideRows(c, 1, args[1], c.n, widened))
			return nil
		}, nil
	}
	if a != types.VarNumeric && b != types.VarNumeric {
		return productToVar, nil
	}
	return nums2(numeric.Mul)(args, result)
}

// productToVar multiplies fixed-point decimals whose product's precision no fixed-point storage bounds; nearly all
// products fit into 128 bits all the same.
func productToVar(c *call, args []*vector, out *vector) error {
	x, y := wideRows(c, 0, args[0], c.n, widened), wideRows(c, 1, args[1], c.n, widened)
	sx, sy := args[0].typ.Scale, args[1].typ.Scale
	out.data = grow(out.data, c.n*numeric.Encoded128)[:0]
	out.offs = grow(out.offs, c.n+1)
	for i, a := range x {
		if n, ok := numeric.AppendProduct(out.data, a.Hi, a.Lo, y[i].Hi, y[i].Lo, sx+sy); ok {
			out.data = n
		} else {
			p, err := numeric.Mul(numeric.FromInt128(a.Hi, a.Lo, sx), numeric.FromInt128(y[i].Hi, y[i].Lo, sy))
			if err != nil && c.rowValid(i) {
				return err
			}
			out.data = numeric.Append(out.data, p)
		}
		out.offs[i+1] = int32(len(out.data))
	}
	return nil
}

// widened gives decimals as 128-bit integers at their own scale.
func widened(dst []kernels.Int128, v *vector) { scale128(dst, v, v.typ) }

func numericNegate(args []*types.Type, result *types.Type) (kernel, error) {
	if result.NumericStorage() == types.Decimal64 && args[0].NumericStorage() == types.Decimal64 {
		return func(_ *call, args []*vector, out *vector) error {
			kernels.Neg(values[int64](out), values[int64](args[0]))
			return nil
		}, nil
	}
	return nums1(func(n numeric.Num) (numeric.Num, error) { return n.Negate(), nil })(args, result)
}

func invalidBucket(what string) error {
	return sqlerr.New("2201G", "%s", what)
}

func widthBucketNumeric(c *call, args []*vector, out *vector) error {
	dst := values[int32](out)
	for i := range dst {
		if !c.rowValid(i) {
			continue
		}
		k, err := numeric.WidthBucket(numAt(args[0], i), numAt(args[1], i), numAt(args[2], i), values[int32](args[3])[args[3].at(i)])
		if err != nil {
			return err
		}
		dst[i] = k
	}
	return nil
}

func widthBucketFloat(c *call, args []*vector, out *vector) error {
	dst := values[int32](out)
	at := func(k, i int) float64 { return values[float64](args[k])[args[k].at(i)] }
	for i := range dst {
		if !c.rowValid(i) {
			continue
		}
		k, err := bucketOf(at(0, i), at(1, i), at(2, i), values[int32](args[3])[args[3].at(i)])
		if err != nil {
			return err
		}
		dst[i] = k
	}
	return nil
}

func bucketOf(x, lo, hi float64, count int32) (int32, error) {
	switch {
	case count <= 0:
		return 0, invalidBucket("count must be greater than zero")
	case x != x || lo != lo || hi != hi:
		return 0, invalidBucket("operand, lower bound, and upper bound cannot be NaN")
	case inf(lo) || inf(hi):
		return 0, invalidBucket("lower and upper bounds must be finite")
	case lo == hi:
		return 0, invalidBucket("lower bound cannot equal upper bound")
	}
	width, off := hi-lo, x-lo
	below, beyond := x < lo, x >= hi
	if hi < lo {
		below, beyond = x > lo, x <= hi
	}
	switch {
	case below:
		return 0, nil
	case beyond && count == 1<<31-1:
		return 0, sqlerr.New(sqlerr.NumericOutOfRange, "integer out of range")
	case beyond:
		return count + 1, nil
	}
	if inf(width) { // halves do not overflow
		width, off = hi/2-lo/2, x/2-lo/2
	}
	return int32(float64(count)*(off/width)) + 1, nil
}

// extreme is the maker of GREATEST and LEAST: NULLs are left out.
func extreme(op compareOp) maker {
	return func(args []*types.Type, result *types.Type) (kernel, error) {
		cmp, err := comparerOf(result, result)
		if err != nil {
			return nil, err
		}
		better := cmp.kernel(op)
		casts := make([]kernel, len(args))
		for i, a := range args {
			if a.Kind == types.Numeric && !types.SameStorage(a, result) {
				casts[i] = numericToNumeric(a, result)
			}
		}
		return func(c *call, args []*vector, out *vector) error { return pickBest(c, better, casts, args, out) }, nil
	}
}

// pickBest keeps, argument by argument, the better value of each row.
func pickBest(c *call, better kernel, casts []kernel, args []*vector, out *vector) error {
	var best *vector
	for k, a := range args {
		v, err := storedAsResult(c, casts[k], a)
		if err != nil {
			return err
		}
		if best == nil {
			best = v
			continue
		}
		var la, lb []uint64
		ba, va := rowMask(best, c.n, &la), rowMask(v, c.n, &lb)
		both := make([]uint64, words(c.n))
		for i := range both {
			both[i] = ba[i] & va[i]
		}
		hit := &vector{}
		hit.reset(types.BoolT, c.n)
		sub := &call{env: c.env, typ: types.BoolT, args: []*types.Type{c.typ, c.typ}, n: c.n, valid: both}
		if err := better(sub, []*vector{v, best}, hit); err != nil {
			return err
		}
		var keep, take []int32
		for i := range c.n {
			if bitAt(va, i) && (!bitAt(ba, i) || bitAt(hit.bits, i)) {
				take = append(take, int32(i))
			} else {
				keep = append(keep, int32(i))
			}
		}
		if len(take) == 0 {
			continue
		}
		next, left, right := &vector{}, &vector{}, &vector{}
		if err := left.gather(best, keep); err != nil {
			return err
		}
		if err := right.gather(v, take); err != nil {
			return err
		}
		if err := next.assemble(c.typ, c.n, []piece{{v: left, sel: keep}, {v: right, sel: take}}); err != nil {
			return err
		}
		best = next
	}
	return out.gather(best, allRows(c.n))
}

// storedAsResult is v as plain values in the result's storage.
func storedAsResult(c *call, k kernel, v *vector) (*vector, error) {
	p := *v
	p.n = c.n
	w, err := p.plain()
	if err != nil || k == nil {
		return w, err
	}
	res := &vector{}
	return res, applyStrict(c.env, k, v.typ, c.typ, w, res)
}
