package formatting

import "github.com/skeinsql/skein/engine/sqlerr"

// The actions of number patterns.
const (
	numComma action = iota
	numPoint
	numZero
	numNine
	numBlank
	numCurrency // L, and C, which does nothing
	numIgnored
	numLocalePoint
	numExponent
	numFillMode
	numGroup
	numMinus
	numPlus
	numBracket
	numRoman
	numSign // SG
	numSpelled
	numLocaleSign // S
	numOrdinal
	numShift // V
)

var numberWords = index(withLower([]keyword{
	{name: ",", id: numComma},
	{name: ".", id: numPoint},
	{name: "0", id: numZero},
	{name: "9", id: numNine},
	{name: "B", id: numBlank},
	{name: "C", id: numIgnored},
	{name: "D", id: numLocalePoint},
	{name: "EEEE", id: numExponent},
	{name: "FM", id: numFillMode},
	{name: "G", id: numGroup},
	{name: "L", id: numCurrency},
	{name: "MI", id: numMinus},
	{name: "PL", id: numPlus},
	{name: "PR", id: numBracket},
	{name: "RN", id: numRoman},
	{name: "SG", id: numSign},
	{name: "SP", id: numSpelled},
	{name: "S", id: numLocaleSign},
	{name: "TH", id: numOrdinal},
	{name: "V", id: numShift},
}))

// signPlace is where S writes the sign.
type signPlace uint8

const (
	noSignPlace signPlace = iota
	signBefore
	signBehind
)

// Number is a compiled pattern of to_char for numbers and of to_number.
type Number struct {
	nodes []node
	shape
}

// shape is what the pattern's words say together.
type shape struct {
	pre, post     int // digits before and behind the point
	shift         int // digits behind V
	zeroStart     int // the first digit that a 0 stands for, from 1; 0 without
	zeroEnd       int
	digitsAtSign  int // digits before S
	place         signPlace
	point, minus  bool
	plus, bracket bool
	fill, roman   bool
	shifted       bool // V was seen
	blankZero     bool // B was seen
	exponent      bool
}

// ParseNumber compiles a number pattern. A pattern whose parts contradict each other is 42601.
func ParseNumber(pattern string) (*Number, error) {
	f := &Number{}
	p := scanner{rest: pattern, words: numberWords}
	if err := p.scan(func(n node) error { return f.add(n.key.id) }); err != nil {
		return nil, err
	}
	f.nodes = p.nodes
	return f, nil
}

func clash(msg string) *sqlerr.Error { return sqlerr.New(sqlerr.SyntaxError, "%s", msg) }

// add takes in one more word.
func (s *shape) add(a action) error {
	if s.exponent && a != numExponent {
		return clash(`"EEEE" must be the last pattern used`)
	}
	switch a {
	case numNine, numZero:
		return s.addDigit(a == numZero)
	case numBlank:
		s.blankZero = s.blankZero || s.pre == 0 && s.post == 0 && s.zeroStart == 0
	case numLocalePoint, numPoint:
		switch {
		case s.point:
			return clash("multiple decimal points")
		case s.shifted:
			return clash(`cannot use "V" and decimal point together`)
		}
		s.point = true
	case numFillMode:
		s.fill = true
	case numRoman:
		s.roman = true
	case numShift:
		if s.point {
			return clash(`cannot use "V" and decimal point together`)
		}
		s.shifted = true
	case numExponent:
		return s.addExponent()
	}
	return s.addSign(a)
}

func (s *shape) addDigit(zero bool) error {
	if s.bracket {
		return clash(pick(zero, `"0" must be ahead of "PR"`, `"9" must be ahead of "PR"`))
	}
	if zero && s.zeroStart == 0 && !s.point {
		s.zeroStart = s.pre + 1
	}
	switch {
	case s.shifted && !zero:
		s.shift++
	case s.point:
		s.post++
	default:
		s.pre++
	}
	if zero {
		s.zeroEnd = s.pre + s.post
	}
	return nil
}

func (s *shape) addExponent() error {
	if s.exponent {
		return clash(`cannot use "EEEE" twice`)
	}
	if s.blankZero || s.fill || s.place != noSignPlace || s.bracket || s.minus || s.plus || s.roman || s.shifted {
		return clash(`"EEEE" is incompatible with other formats`).
			WithDetail(`"EEEE" may only be used together with digit and decimal point patterns.`)
	}
	s.exponent = true
	return nil
}

// addSign takes in the words for signs, of which most exclude each other.
func (s *shape) addSign(a action) error {
	signed := s.place != noSignPlace
	switch a {
	case numLocaleSign:
		switch {
		case signed:
			return clash(`cannot use "S" twice`)
		case s.plus || s.minus || s.bracket:
			return clash(`cannot use "S" and "PL"/"MI"/"SG"/"PR" together`)
		case s.point:
			s.place = signBehind
		default:
			s.place, s.digitsAtSign = signBefore, s.pre
		}
	case numMinus:
		if signed {
			return clash(`cannot use "S" and "MI" together`)
		}
		s.minus = true
	case numPlus:
		if signed {
			return clash(`cannot use "S" and "PL" together`)
		}
		s.plus = true
	case numSign:
		if signed {
			return clash(`cannot use "S" and "SG" together`)
		}
		s.minus, s.plus = true, true
	case numBracket:
		if signed || s.plus || s.minus {
			return clash(`cannot use "PR" and "S"/"PL"/"MI"/"SG" together`)
		}
		s.bracket = true
	}
	return nil
}
