package mongo

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strconv"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

// decimal128 is a BSON Decimal128: ±magnitude × 10^exp.
type decimal128 struct {
	class  numeric.Class
	neg    bool
	hi, lo uint64
	exp    int
}

// maxCoefficient is 10^34-1; a larger one is not canonical and counts as zero (IEEE 754-2008, 3.5.2).
const (
	maxCoefficientHi = 0x1ed09bead87c0
	maxCoefficientLo = 0x378d8e63ffffffff
)

// decimal reads the binary integer decimal encoding of IEEE 754-2008.
func decimal(v []byte) decimal128 {
	lo, hi := binary.LittleEndian.Uint64(v), binary.LittleEndian.Uint64(v[8:])
	d := decimal128{neg: hi>>63 != 0}
	switch {
	case hi>>58&0x1f == 0x1f:
		d.class = numeric.NaN
	case hi>>58&0x1f == 0x1e:
		d.class = numeric.PosInf
		if d.neg {
			d.class = numeric.NegInf
		}
	case hi>>61&3 == 3: // a coefficient above the largest
		d.exp = int(hi>>47&0x3fff) - 6176
	default:
		d.exp = int(hi>>49&0x3fff) - 6176
		d.hi, d.lo = hi&(1<<49-1), lo
		if d.hi > maxCoefficientHi || d.hi == maxCoefficientHi && d.lo > maxCoefficientLo {
			d.hi, d.lo = 0, 0
		}
	}
	return d
}

// num is the same value as PostgreSQL's numeric, which has no negative scale and no negative zero.
func (d decimal128) num() numeric.Num {
	if d.class != numeric.Finite {
		return numeric.Num{Class: d.class}
	}
	n := numeric.Num{Hi: d.hi, Lo: d.lo, Neg: d.neg && d.hi|d.lo != 0}
	switch {
	case d.exp <= 0:
		n.Scale = int32(-d.exp)
	case d.hi|d.lo != 0:
		m := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.exp)), nil)
		m.Mul(m, n.Mag())
		if n.Neg {
			m.Neg(m)
		}
		n = numeric.FromBig(m, 0)
	}
	return n
}

func (d decimal128) wholeInt64() (int64, bool) {
	if d.class != numeric.Finite || d.exp > 18 {
		return 0, d.class == numeric.Finite && d.hi|d.lo == 0
	}
	n := d.num()
	t := n.Trunc(0)
	if t.Cmp(n) != 0 {
		return 0, false
	}
	return t.Int64()
}

// float is the double that equals d, if there is one.
func (d decimal128) float() (float64, bool) {
	switch d.class {
	case numeric.NaN:
		return math.NaN(), true
	case numeric.PosInf:
		return math.Inf(1), true
	case numeric.NegInf:
		return math.Inf(-1), true
	}
	f, err := strconv.ParseFloat(d.num().Mag().String()+"e"+strconv.Itoa(min(d.exp, 0)), 64)
	if err != nil {
		return 0, false
	}
	if d.neg {
		f = -f
	}
	if f == 0 {
		return f, d.hi|d.lo == 0
	}
	return f, floatNum(f).Cmp(d.num()) == 0
}

// floatNum is exactly the value of a double, which always ends: m × 2^-k is m × 5^k × 10^-k.
func floatNum(f float64) numeric.Num {
	switch {
	case math.IsNaN(f):
		return numeric.NotANumber
	case math.IsInf(f, 1):
		return numeric.Infinity
	case math.IsInf(f, -1):
		return numeric.NegInfinity
	case f == 0:
		return numeric.Num{}
	}
	b := math.Float64bits(f)
	m, e := b&(1<<52-1), int(b>>52&0x7ff)
	if e == 0 {
		e = 1
	} else {
		m |= 1 << 52
	}
	e -= 1075
	shift := bits.TrailingZeros64(m)
	m, e = m>>shift, e+shift
	mag := new(big.Int).SetUint64(m)
	scale := int32(0)
	if e >= 0 {
		mag.Lsh(mag, uint(e))
	} else {
		mag.Mul(mag, new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(-e)), nil))
		scale = int32(-e)
	}
	if f < 0 {
		mag.Neg(mag)
	}
	return numeric.FromBig(mag, scale)
}

// number is the numeric that v is, whatever its BSON type.
func number(t byte, v []byte) (numeric.Num, bool) {
	switch t {
	case bsonDecimal:
		return decimal(v).num(), true
	case bsonInt32:
		return numeric.FromInt64(int64(int32(binary.LittleEndian.Uint32(v))), 0), true
	case bsonInt64:
		return numeric.FromInt64(int64(binary.LittleEndian.Uint64(v)), 0), true
	case bsonDouble:
		return floatNum(math.Float64frombits(binary.LittleEndian.Uint64(v))), true
	}
	return numeric.Num{}, false
}

func (c *column) appendNumeric(t byte, v []byte) bool {
	n, ok := number(t, v)
	if !ok {
		return false
	}
	if c.f.op == opNumeric {
		if c.f.typ.Mod >= 0 && !fitsModifier(n, c.f.typ) {
			return false
		}
		c.bytes = numeric.Append(c.bytes, n)
		c.closeBytes()
		return true
	}
	if n, ok = rescale(n, c.f.typ.Precision, c.f.typ.Scale); !ok {
		return false
	}
	if c.f.op == opDecimal64 {
		i, ok := n.Int64()
		if !ok {
			return false
		}
		c.i64 = append(c.i64, i)
	} else {
		hi, lo, ok := n.Int128()
		if !ok {
			return false
		}
		c.bytes = binary.LittleEndian.AppendUint64(c.bytes, lo)
		c.bytes = binary.LittleEndian.AppendUint64(c.bytes, uint64(hi))
	}
	c.mark(1)
	return true
}

// rescale is n with exactly scale digits after the point, when that loses nothing and precision suffices.
func rescale(n numeric.Num, precision, scale int32) (numeric.Num, bool) {
	if n.Class != numeric.Finite {
		return n, false
	}
	if n.Scale > scale {
		r := n.Round(scale)
		if r.Cmp(n) != 0 {
			return n, false
		}
		n = r
	}
	n = n.Widen(scale)
	return n, n.IsZero() || n.Digits() <= int(precision)
}

// fitsModifier checks a declared precision and scale that are beyond Arrow's decimals: nothing is rounded.
func fitsModifier(n numeric.Num, t *types.Type) bool {
	if n.Class != numeric.Finite {
		return n.Class == numeric.NaN
	}
	precision, scale := (t.Mod-4)>>16&0xffff, (t.Mod-4)&0x7ff
	_, ok := rescale(n, precision, (scale^1024)-1024)
	return ok
}

// decimalOf is the Decimal128 that equals n, if 34 digits hold it.
func decimalOf(n numeric.Num) (bson.Decimal128, bool) {
	switch n.Class {
	case numeric.NaN:
		d, err := bson.ParseDecimal128("NaN")
		return d, err == nil
	case numeric.PosInf, numeric.NegInf:
		d, err := bson.ParseDecimal128(map[numeric.Class]string{numeric.PosInf: "Infinity", numeric.NegInf: "-Infinity"}[n.Class])
		return d, err == nil
	}
	n = n.Canonical()
	return bson.ParseDecimal128FromBigInt(n.Int(), int(-n.Scale))
}
