package postgres

import (
	"encoding/binary"
	"math/big"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// PostgreSQL's numeric on the wire (numeric_send): the number of digits to base 10,000, the weight of the first, the
// sign, the display scale, each in 16 bits; then the digits.
const (
	numericHeader   = 8
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericPosInf   = 0xD000
	numericNegInf   = 0xF000
)

var pow10 = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// decimal64Column reads numeric of at most 18 digits.
type decimal64Column struct {
	fixed[uint64]
	precision, scale int
}

func (c *decimal64Column) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	limit := pow10[c.precision]
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			dst[i] = 0
			c.null(i)
			continue
		}
		if v := data[o:]; n <= 16 && len(v) >= 16 && c.scale <= 4 {
			if coefficient, sign, ok := shortDecimal(v[:16], int(n), c.scale); ok && coefficient < limit {
				dst[i] = (coefficient ^ -sign) + sign
				continue
			}
		}
		if n < numericHeader {
			return wrongLength(data, o, numericHeader)
		}
		v := data[o:][:n]
		coefficient, ok := decimal64(v, c.scale)
		sign := binary.BigEndian.Uint16(v[4:])
		if !ok || coefficient >= limit {
			return c.refuse(v, sign)
		}
		if sign == numericNegative {
			coefficient = -coefficient
		}
		dst[i] = coefficient
	}
	c.n += len(offs)
	return nil
}

// fractions are ceil(2^24 / 10^(4-scale)) from scale 1 on: digits below 10,000 times it, shifted by 24, are divided by that power.
//
// The error, below .5, never reaches the next whole number; at scale 0 no digit may be left.
var fractions = [5]uint64{0, 16_778, 167_773, 1_677_722, 16_777_216}

// shortDecimal reads what most values look like: n bytes of at most 16 with at most one group behind the point, at a scale
// of at most 4. sign is 1 for a negative one. It has no branch that depends on the value but for the last.
func shortDecimal(v []byte, n, scale int) (coefficient, sign uint64, ok bool) {
	header, digits := binary.BigEndian.Uint64(v), binary.BigEndian.Uint64(v[8:])
	groups, weight := uint(n-numericHeader)/2, int(int16(header>>32)) //nolint:gosec // the bits
	digits &= ^uint64(0) << (64 - 16*min(groups, 4))
	whole := digits >> uint(48-16*min(max(weight, -1), 2))
	integer := whole&0xffff + whole>>16&0xffff*10_000 + whole>>32*100_000_000
	fraction := digits >> uint(32-16*min(max(weight, -1), 2)) & 0xffff
	part := fraction * fractions[scale] >> 24
	ok = uint64(groups) == header>>48 && n&1 == 0 && uint(weight+1) < 4 && int(groups) <= weight+2 &&
		header>>16&0xbfff == 0 && part*pow10[4-scale] == fraction
	return integer*pow10[scale] + part, header >> 30 & 1, ok
}

// decimal64 is a numeric's coefficient at a scale, without its sign; ok is false when it is not finite, has digits beyond
// the scale, or more than a word holds.
func decimal64(v []byte, scale int) (acc uint64, ok bool) {
	groups, weight := int(binary.BigEndian.Uint16(v)), int(int16(binary.BigEndian.Uint16(v[2:])))
	sign := binary.BigEndian.Uint16(v[4:])
	if len(v) != numericHeader+2*groups || sign&^numericNegative != 0 {
		return 0, false
	}
	if groups == 0 {
		return 0, true
	}
	if weight > 4 || groups > 6 || groups == 6 && binary.BigEndian.Uint16(v[numericHeader:]) > 999 {
		return 0, false // more than 18 digits; the sums below would wrap
	}
	last := groups - 1
	for g := range last {
		acc = acc*10_000 + uint64(binary.BigEndian.Uint16(v[numericHeader+2*g:]))
	}
	d := uint64(binary.BigEndian.Uint16(v[numericHeader+2*last:]))
	var hi, carry uint64
	shift := 4*(weight-last) + scale
	switch {
	case shift >= 0 && shift < len(pow10):
		low, over := d*pow10[min(shift, 15)], uint64(0)
		if shift > 15 {
			over, low = bits.Mul64(d, pow10[shift])
		}
		if acc != 0 {
			if shift+4 >= len(pow10) {
				return 0, false
			}
			hi, acc = bits.Mul64(acc, pow10[shift+4])
		}
		acc, carry = bits.Add64(acc, low, 0)
		hi += over
	case shift < 0 && shift > -4:
		unit := pow10[-shift]
		if d%unit != 0 { // digits beyond the scale
			return 0, false
		}
		hi, acc = bits.Mul64(acc, pow10[4+shift])
		acc, carry = bits.Add64(acc, d/unit, 0)
	default:
		return 0, false
	}
	return acc, hi+carry == 0
}

func (c *decimal64Column) refuse(v []byte, sign uint16) error {
	return misfit(v, sign, c.precision, c.scale)
}

// misfit says why a value has no place in a column of declared precision and scale.
func misfit(v []byte, sign uint16, precision, scale int) error {
	what := "a value"
	switch sign {
	case numericNaN:
		what = "NaN"
	case numericPosInf:
		what = "Infinity"
	case numericNegInf:
		what = "-Infinity"
	default:
		if _, err := readNumeric(v); err != nil {
			return err
		}
	}
	return sqlerr.New(sqlerr.NumericOutOfRange, "numeric(%d,%d) cannot hold %s", precision, scale, what).
		WithHint("declare the column as numeric without precision, which can: CREATE FOREIGN TABLE … (… numeric)")
}

// decimal128Column reads numeric of 19 to 38 digits.
type decimal128Column struct {
	wideColumn
	precision, scale int
}

func (c *decimal128Column) decode(data []byte, offs []uint32) error {
	dst := c.extend(len(offs))
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			c.null(i)
			continue
		}
		if n < numericHeader {
			return wrongLength(data, o, numericHeader)
		}
		v := data[o:][:n]
		hi, lo, ok := decimal128(v, c.scale)
		if !ok {
			return misfit(v, binary.BigEndian.Uint16(v[4:]), c.precision, c.scale)
		}
		binary.LittleEndian.PutUint64(dst[16*i:], lo)
		binary.LittleEndian.PutUint64(dst[16*i+8:], hi)
	}
	c.n += len(offs)
	return nil
}

// decimal128 is a numeric's coefficient at a scale in two's complement; ok is false when it is not finite, has digits
// beyond the scale, or has more than 38 digits.
func decimal128(v []byte, scale int) (hi, lo uint64, ok bool) {
	groups, weight := int(binary.BigEndian.Uint16(v)), int(int16(binary.BigEndian.Uint16(v[2:])))
	sign := binary.BigEndian.Uint16(v[4:])
	if len(v) != numericHeader+2*groups || sign&^numericNegative != 0 {
		return 0, 0, false
	}
	if groups == 0 {
		return 0, 0, true
	}
	last := groups - 1
	shift := 4*(weight-last) + scale
	if groups > 11 || shift > 37 || shift <= -4 {
		return 0, 0, false
	}
	ok = true
	for g := range last {
		hi, lo, ok = mulAdd(hi, lo, 10_000, uint64(binary.BigEndian.Uint16(v[numericHeader+2*g:])), ok)
	}
	d := uint64(binary.BigEndian.Uint16(v[numericHeader+2*last:]))
	if shift < 0 {
		ok = ok && d%pow10[-shift] == 0
		hi, lo, ok = mulAdd(hi, lo, pow10[4+shift], d/pow10[-shift], ok)
	} else {
		hi, lo, ok = mulAdd(hi, lo, 10_000, d, ok)
	}
	for ; shift > 0; shift -= min(shift, 18) {
		hi, lo, ok = mulAdd(hi, lo, pow10[min(shift, 18)], 0, ok)
	}
	if !ok || hi > maxDecimalHi || hi == maxDecimalHi && lo > maxDecimalLo {
		return 0, 0, false
	}
	if sign == numericNegative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	return hi, lo, true
}

// maxDecimalHi and maxDecimalLo are 10^38 - 1.
const (
	maxDecimalHi = 0x4B3B4CA85A86C47A
	maxDecimalLo = 0x098A223FFFFFFFFF
)

// mulAdd is hi:lo × m + a; ok turns false when that exceeds 128 bits.
func mulAdd(hi, lo, m, a uint64, ok bool) (uint64, uint64, bool) {
	over, h := bits.Mul64(hi, m)
	carry, l := bits.Mul64(lo, m)
	l, c := bits.Add64(l, a, 0)
	carry += c
	h, c = bits.Add64(h, carry, 0)
	return h, l, ok && over == 0 && c == 0
}

// numericColumn reads numeric without a declared precision into package numeric's encoding.
type numericColumn struct {
	validity
	ends []int32
	vals []byte
}

func (c *numericColumn) grow(n int) {
	if len(c.ends) == 0 {
		c.ends = append(make([]int32, 0, n+1), 0)
	} else if cap(c.ends)-len(c.ends) < n {
		c.ends = append(make([]int32, 0, len(c.ends)+max(n, len(c.ends))), c.ends...)
	}
}

func (c *numericColumn) size() int { return len(c.vals) + 4*len(c.ends) }

func (c *numericColumn) decode(data []byte, offs []uint32) error {
	c.grow(len(offs))
	for i, o := range offs {
		n := lengthAt(data, o)
		if n < 0 {
			c.null(i)
		} else {
			if n < numericHeader {
				return wrongLength(data, o, numericHeader)
			}
			num, err := readNumeric(data[o:][:n])
			if err != nil {
				return err
			}
			c.vals = numeric.Append(c.vals, num)
		}
		c.ends = append(c.ends, int32(len(c.vals))) // a batch is far smaller
	}
	c.n += len(offs)
	return nil
}

func (c *numericColumn) take() arrow.ArrayData {
	c.grow(0)
	offs, vals := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.ends)), memory.NewBufferBytes(c.vals)
	c.ends, c.vals = nil, make([]byte, 0, min(len(c.vals), maxBatchBytes))
	bits, n, nulls := c.validity.take()
	return array.NewData(types.NumericT.Arrow(), n, []*memory.Buffer{bits, offs, vals}, nil, nulls, 0)
}

// readNumeric is a value of PostgreSQL's binary form, with its display scale.
func readNumeric(v []byte) (numeric.Num, error) {
	groups, weight := int(binary.BigEndian.Uint16(v)), int(int16(binary.BigEndian.Uint16(v[2:])))
	sign, scale := binary.BigEndian.Uint16(v[4:]), int(binary.BigEndian.Uint16(v[6:]))
	switch sign {
	case 0, numericNegative:
	case numericNaN:
		return numeric.NotANumber, nil
	case numericPosInf:
		return numeric.Infinity, nil
	case numericNegInf:
		return numeric.NegInfinity, nil
	default:
		return numeric.Num{}, corrupt("a numeric has the sign %#x", sign)
	}
	if len(v) != numericHeader+2*groups || scale > numeric.MaxScale {
		return numeric.Num{}, corrupt("a numeric has %d bytes for %d digits of scale %d", len(v), groups, scale)
	}
	if hi, lo, ok := decimal128(v, scale); ok {
		return numeric.FromInt128(int64(hi), lo, int32(scale)), nil // the bits
	}
	return readBigNumeric(v[numericHeader:], weight, sign == numericNegative, scale)
}

// readBigNumeric is a value beyond 38 digits. Digits that the scale cuts off are zeros; anything else is corrupt.
func readBigNumeric(digits []byte, weight int, negative bool, scale int) (numeric.Num, error) {
	m, base := new(big.Int), big.NewInt(10_000)
	d := new(big.Int)
	for g := 0; g < len(digits); g += 2 {
		m.Mul(m, base)
		m.Add(m, d.SetUint64(uint64(binary.BigEndian.Uint16(digits[g:]))))
	}
	shift := 4*(weight-len(digits)/2+1) + scale
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		m.Mul(m, ten)
	} else if _, rest := m.QuoRem(m, ten, new(big.Int)); rest.Sign() != 0 {
		return numeric.Num{}, corrupt("a numeric has digits beyond its scale %d", scale)
	}
	if negative {
		m.Neg(m)
	}
	return numeric.FromBig(m, int32(scale)), nil // at most MaxScale
}
