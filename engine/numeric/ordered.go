package numeric

import "strconv"

// The first bytes of ordered keys, in the order of the values that they begin.
const (
	orderedNegInf byte = 0x10 * (iota + 1)
	orderedNegative
	orderedZero
	orderedPositive
	orderedPosInf
	orderedNaN
)

// AppendOrdered adds a key of n: bytes that compare as the values do ([Num.Cmp]) and are equal exactly where they are,
// whatever their scales; no key is another's prefix. Behind the class stand the decimal exponent and the digits, two a
// byte, closed by a zero; those of negative numbers are complemented.
func AppendOrdered(dst []byte, n Num) []byte {
	switch {
	case n.Class == NaN:
		return append(dst, orderedNaN)
	case n.Class == PosInf:
		return append(dst, orderedPosInf)
	case n.Class == NegInf:
		return append(dst, orderedNegInf)
	case n.IsZero():
		return append(dst, orderedZero)
	}
	class := orderedPositive
	if n.Neg {
		class = orderedNegative
	}
	dst = append(dst, class)
	from := len(dst)
	var room [40]byte
	digits := room[:0]
	if n.Big == nil && n.Hi == 0 {
		digits = strconv.AppendUint(digits, n.Lo, 10)
	} else {
		digits = n.Mag().Append(digits, 10)
	}
	exponent := uint32(int32(len(digits))-n.Scale) ^ 1<<31
	dst = append(dst, byte(exponent>>24), byte(exponent>>16), byte(exponent>>8), byte(exponent))
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	for i := 0; i < len(digits); i += 2 {
		pair := (digits[i] - '0') * 10
		if i+1 < len(digits) {
			pair += digits[i+1] - '0'
		}
		dst = append(dst, pair+1)
	}
	dst = append(dst, 0)
	if n.Neg {
		for i := from; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}
