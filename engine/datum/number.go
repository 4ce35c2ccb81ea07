package datum

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// blank is C's isspace in the C locale, which PostgreSQL's input functions skip.
func blank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func trimBlanks(s string) string {
	for len(s) > 0 && blank(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// digits is the number of leading digits of s.
func digits(s string) int {
	n := 0
	for n < len(s) && digit(s[n]) {
		n++
	}
	return n
}

// parseBool takes every unique prefix of true, false, yes, no, on, off, and 1 and 0, in any case.
func parseBool(s string) (any, error) {
	w := strings.ToLower(trimBlanks(s))
	prefix := func(word string, least int) bool { return len(w) >= least && strings.HasPrefix(word, w) }
	switch {
	case prefix("true", 1), prefix("yes", 1), w == "on", w == "1":
		return true, nil
	case prefix("false", 1), prefix("no", 1), prefix("off", 2), w == "0":
		return false, nil
	}
	return nil, syntaxError("boolean", s)
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 't')
	}
	return append(dst, 'f')
}

func appendInt(dst []byte, v int64) []byte { return strconv.AppendInt(dst, v, 10) }

func parseInt(t *types.Type, s string) (any, error) {
	bits := map[types.Kind]int{types.Int2: 16, types.Int4: 32, types.Int8: 64}[t.Kind]
	w := trimBlanks(s)
	body := w
	if body != "" && (body[0] == '-' || body[0] == '+') {
		body = body[1:]
	}
	if body == "" || digits(body) != len(body) {
		return nil, intSyntaxError(t, body, s)
	}
	v, err := strconv.ParseInt(w, 10, bits)
	if err != nil {
		return nil, rangeError(t.String(), s)
	}
	return v, nil
}

// intSyntaxError tells digits without end that are followed by something else as PostgreSQL does: it sees the
// overflow before it sees what follows.
func intSyntaxError(t *types.Type, body, s string) error {
	bits := map[types.Kind]int{types.Int2: 16, types.Int4: 32, types.Int8: 64}[t.Kind]
	if n := digits(body); n > 0 {
		if _, err := strconv.ParseInt(body[:n], 10, bits); errors.Is(err, strconv.ErrRange) {
			return rangeError(t.String(), s)
		}
	}
	return syntaxError(t.String(), s)
}

// parseOID takes what C's strtoul does: a negative number counts from 2^32 down.
func parseOID(s string) (any, error) {
	w := trimBlanks(s)
	body, neg := w, false
	if body != "" && (body[0] == '-' || body[0] == '+') {
		body, neg = body[1:], body[0] == '-'
	}
	n := digits(body)
	v, err := strconv.ParseUint(body[:n], 10, 64)
	if n == 0 || n != len(body) && !errors.Is(err, strconv.ErrRange) {
		return nil, syntaxError("oid", s)
	}
	switch {
	case err == nil && !neg && v <= math.MaxUint32:
		return int64(v), nil
	case err == nil && neg && v <= 1<<31:
		return int64(uint32(-int64(v))), nil
	}
	return nil, rangeError("oid", s)
}

func parseFloat(t *types.Type, s string) (any, error) {
	bits := 64
	if t.Kind == types.Float4 {
		bits = 32
	}
	w := strings.ToLower(trimBlanks(s))
	switch w {
	case "nan", "+nan", "-nan":
		return math.NaN(), nil
	case "inf", "+inf", "infinity", "+infinity":
		return math.Inf(1), nil
	case "-inf", "-infinity":
		return math.Inf(-1), nil
	}
	zero, ok := scanFloat(w)
	if !ok {
		return nil, syntaxError(t.String(), s)
	}
	if isHex(w) && !strings.ContainsRune(w, 'p') {
		w += "p0"
	}
	v, err := strconv.ParseFloat(w, bits)
	if err != nil || v == 0 && !zero {
		return nil, sqlerr.New(sqlerr.NumericOutOfRange, "\"%s\" is out of range for type %s", trimBlanks(s), t)
	}
	return v, nil
}

func isHex(w string) bool {
	w = strings.TrimLeft(w, "+-")
	return strings.HasPrefix(w, "0x")
}

// scanFloat says whether w is a number that C's strtod takes whole, and whether all its digits are zero.
func scanFloat(w string) (zero, ok bool) {
	if w != "" && (w[0] == '-' || w[0] == '+') {
		w = w[1:]
	}
	isDigit, exponent := digit, byte('e')
	if strings.HasPrefix(w, "0x") {
		w, exponent = w[2:], 'p'
		isDigit = func(c byte) bool { return digit(c) || c >= 'a' && c <= 'f' }
	}
	zero, seen := true, false
	for point := false; w != ""; w = w[1:] {
		switch {
		case isDigit(w[0]):
			seen = true
			zero = zero && w[0] == '0'
			continue
		case w[0] == '.' && !point:
			point = true
			continue
		}
		break
	}
	if !seen || w == "" {
		return zero, seen
	}
	if w[0] != exponent {
		return zero, false
	}
	w = w[1:]
	if w != "" && (w[0] == '-' || w[0] == '+') {
		w = w[1:]
	}
	return zero, w != "" && digits(w) == len(w)
}

// AppendFloat adds the shortest text that reads back as v of the given bits (32 or 64), with an exponent where
// C's printf has one at full precision: below 1e-4 and from 1e6 (real) or 1e15 (double precision) on.
func AppendFloat(dst []byte, v float64, bits int) []byte {
	if bits == 32 {
		v = float64(float32(v)) // may become infinite
	}
	switch {
	case math.IsNaN(v):
		return append(dst, "NaN"...)
	case math.IsInf(v, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(v, -1):
		return append(dst, "-Infinity"...)
	}
	limit := 15
	if bits == 32 {
		limit = 6
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, v, 'e', -1, bits)
	at := len(dst) - 1
	for dst[at] != 'e' {
		at--
	}
	exp, _ := strconv.Atoi(string(dst[at+1:]))
	places := -1
	if onBoundary(dst[start:], v, bits) {
		dst, places = appendInside(dst[:start], v, bits)
	}
	if exp < -4 || exp >= limit {
		return dst
	}
	if places >= 0 {
		places = max(places-exp, 0)
	}
	return strconv.AppendFloat(dst[:start], v, 'f', places, bits)
}

// onBoundary says whether a text that reads back as v only because ties go to even lies just between v and a
// neighbour. PostgreSQL (as Ryu with acceptBounds off) does not take such a text. It needs a boundary of few decimal digits,
// which only numbers of these magnitudes have.
func onBoundary(text []byte, v float64, bits int) bool {
	low, high := 0x1p50, 0x1p140
	if bits == 32 {
		low, high = 0x1p20, 0x1p80
	}
	if a := math.Abs(v); a < low || a > high {
		return false
	}
	x, _, err := big.ParseFloat(string(text), 10, 256, big.ToNearestEven)
	if err != nil {
		return false
	}
	twice := new(big.Float).Mul(x, big.NewFloat(2))
	for _, to := range [...]float64{math.Inf(1), math.Inf(-1)} {
		next := math.Nextafter(v, to)
		if bits == 32 {
			next = float64(math.Nextafter32(float32(v), float32(to)))
		}
		sum := new(big.Float).SetPrec(256).Add(big.NewFloat(v), big.NewFloat(next))
		if sum.Cmp(twice) == 0 {
			return true
		}
	}
	return false
}

// appendInside adds the shortest text that lies nearer to v than to its neighbours, and tells its decimals.
func appendInside(dst []byte, v float64, bits int) ([]byte, int) {
	start := len(dst)
	for places := 0; ; places++ {
		dst = strconv.AppendFloat(dst[:start], v, 'e', places, bits)
		back, err := strconv.ParseFloat(string(dst[start:]), bits)
		if places == 16 || err == nil && back == v && !onBoundary(dst[start:], v, bits) {
			return dst, places
		}
	}
}

// parseMoney takes an amount in the C locale: an optional $, commas between digits, two decimals, a sign or
// parentheses.
func parseMoney(s string) (any, error) {
	w := trimBlanks(s)
	neg := false
	w = trimBlanks(strings.TrimPrefix(w, "$"))
	if w != "" && (w[0] == '-' || w[0] == '(') {
		neg, w = true, w[1:]
	} else if w != "" && w[0] == '+' {
		w = w[1:]
	}
	w = strings.TrimPrefix(trimBlanks(w), "$")
	w = trimBlanks(w)
	var v int64
	point, places := false, 0
	i := 0
	for ; i < len(w); i++ {
		c := w[i]
		switch {
		case digit(c) && (!point || places < 2):
			if v < (math.MinInt64+int64(c-'0'))/10 {
				return nil, rangeError("money", s)
			}
			v = v*10 - int64(c-'0')
			if point {
				places++
			}
			continue
		case c == '.' && !point:
			point = true
			continue
		case c == ',' && !point:
			continue
		}
		break
	}
	if i < len(w) && digit(w[i]) && w[i] >= '5' {
		if v == math.MinInt64 {
			return nil, rangeError("money", s)
		}
		v--
	}
	for i < len(w) && digit(w[i]) {
		i++
	}
	for ; places < 2; places++ {
		if v < math.MinInt64/10 {
			return nil, rangeError("money", s)
		}
		v *= 10
	}
	rest := strings.TrimRight(w[i:], ")-+ \t$")
	if strings.Contains(w[i:], "-") {
		neg = true
	}
	if rest != "" {
		return nil, syntaxError("money", s)
	}
	if !neg {
		if v == math.MinInt64 {
			return nil, rangeError("money", s)
		}
		v = -v
	}
	return v, nil
}

func appendMoney(dst []byte, v int64) []byte {
	u := uint64(v)
	if v < 0 {
		dst, u = append(dst, '-'), -u
	}
	dst = append(dst, '$')
	whole := strconv.FormatUint(u/100, 10)
	for i := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, whole[i])
	}
	return append(dst, '.', '0'+byte(u/10%10), '0'+byte(u%10))
}
