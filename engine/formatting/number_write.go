package formatting

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// numberWriter walks a pattern and a number's digits together.
type numberWriter struct {
	*numberText
	out     []byte
	next    int  // the digit to write
	last    int  // in fill mode, the last digit that counts; -1 for all
	place   int  // which digit of the pattern this is
	count   int  // the pattern's digits
	started bool // a digit was written
	signed  bool // the sign is written, or none is needed
	side    signPlace
}

// write gives the text of t behind dst.
func (f *Number) write(dst []byte, t *numberText) ([]byte, error) {
	w := &numberWriter{numberText: t, last: -1, count: t.post + t.pre - 1, side: t.shape.place}
	if t.zeroStart > 0 {
		t.zeroStart--
	} else {
		t.zeroStart = -1
	}
	w.prepareSign()
	if t.fill && t.point {
		w.findLast()
	}
	if !w.signed && t.blanks == 0 {
		w.count++
	}
	for i := range f.nodes {
		if n := &f.nodes[i]; n.kind == actionNode {
			if err := w.action(n); err != nil {
				return nil, err
			}
		} else {
			w.out = append(w.out, n.text...)
		}
	}
	if end := bytes.IndexByte(w.out, 0); end >= 0 { // the digits ran out
		w.out = w.out[:end]
	}
	return append(dst, w.out...), nil
}

// prepareSign decides whether the sign stands with the number.
func (w *numberWriter) prepareSign() {
	if w.plus || w.minus { // MI, PL and SG write it where they stand
		w.signed = !w.plus || w.minus
		return
	}
	if w.sign != '-' && w.fill {
		w.bracket = false
	}
	w.signed = w.sign == '+' && w.fill && w.side == noSignPlace
	if w.side == signBefore && w.pre == w.digitsAtSign {
		w.side = signBehind
	}
}

// findLast finds the last digit behind the point that is not 0, or that a 0 of the pattern keeps.
func (w *numberWriter) findLast() {
	point := strings.IndexByte(w.digits, '.')
	if point < 0 {
		return
	}
	w.last = point
	for i := point + 1; i < len(w.digits); i++ {
		if w.digits[i] != '0' {
			w.last = i
		}
	}
	if w.zeroEnd > w.blanks {
		w.last = max(w.last, min(len(w.digits)-1, w.zeroEnd-w.blanks))
	}
}

// action writes what one word of the pattern stands for.
func (w *numberWriter) action(n *node) error {
	switch n.key.id {
	case numNine, numZero, numPoint, numLocalePoint:
		if !w.roman {
			w.digit(n.key.id)
		}
	case numComma, numGroup:
		w.mark(w.started, ',')
	case numCurrency:
		w.out = append(w.out, ' ')
	case numRoman:
		text := w.digits
		if n.key.name == "rn" {
			text = strings.ToLower(text)
		}
		if !w.fill {
			text = fmt.Sprintf("%15s", text)
		}
		w.out = append(w.out, text...)
	case numOrdinal:
		return w.ordinal(n.key.name == "TH")
	case numMinus:
		w.mark(w.sign == '-', '-')
	case numPlus:
		w.mark(w.sign == '+', '+')
	case numSign:
		w.out = append(w.out, w.sign)
	}
	return nil
}

// ordinal writes the ending of a positive whole number.
func (w *numberWriter) ordinal(upper bool) error {
	if w.roman || w.digits[0] == '#' || w.sign == '-' || w.point {
		return nil
	}
	if !digit(w.digits[len(w.digits)-1]) {
		return sqlerr.New(sqlerr.InvalidText, `"%s" is not a number`, w.digits)
	}
	text := ordinalOf([]byte(w.digits))
	if upper {
		text = strings.ToUpper(text)
	}
	w.out = append(w.out, text...)
	return nil
}

// mark writes c, or a blank in its place, which fill mode leaves out.
func (w *numberWriter) mark(on bool, c byte) {
	switch {
	case on:
		w.out = append(w.out, c)
	case !w.fill:
		w.out = append(w.out, ' ')
	}
}

// current is the digit to write, 0 behind the last.
func (w *numberWriter) current() byte {
	if w.next < len(w.digits) {
		return w.digits[w.next]
	}
	return 0
}

// hiddenZero says whether the digit is the 0 before the point, which a pattern without 0 does not show.
func (w *numberWriter) hiddenZero() bool {
	return w.zeroStart < 0 && w.next == 0 && w.current() == '0' && w.post != 0
}

func (w *numberWriter) pointIsLast() bool { return w.last >= 0 && w.digits[w.last] == '.' }

// digit writes one place of the number, and the sign where the number begins or ends.
func (w *numberWriter) digit(a action) {
	w.started = false
	zeros := w.zeroStart >= 0
	if !w.signed && (w.place >= w.blanks || zeros && w.zeroStart == w.place) && (!w.hiddenZero() || w.pointIsLast()) {
		w.leadingSign()
	}
	switch {
	case w.place < w.blanks && (!zeros || w.zeroStart > w.place):
		if !w.fill {
			w.out = append(w.out, ' ')
		}
	case w.place < w.blanks:
		w.out = append(w.out, '0')
		w.started = true
	default:
		w.digitOrPoint(a)
		if w.next < len(w.digits) {
			w.next++
		}
	}
	end := w.count
	if w.blanks > 0 {
		end++
	}
	if w.point {
		end++
	}
	if w.last >= 0 && w.last == w.next {
		end = w.place
	}
	if w.place+1 == end {
		w.trailingSign()
	}
	w.place++
}

func (w *numberWriter) leadingSign() {
	switch {
	case w.side != noSignPlace:
		if w.side == signBefore {
			w.out = append(w.out, w.sign)
			w.signed = true
		}
		return
	case w.bracket:
		w.out = append(w.out, pick[byte](w.sign == '+', ' ', '<'))
	case w.sign == '-':
		w.out = append(w.out, '-')
	case !w.fill:
		w.out = append(w.out, ' ')
	}
	w.signed = true
}

func (w *numberWriter) trailingSign() {
	switch {
	case w.signed && w.bracket:
		w.out = append(w.out, pick[byte](w.sign == '+', ' ', '>'))
	case w.side == signBehind:
		w.out = append(w.out, w.sign)
	}
}

func (w *numberWriter) digitOrPoint(a action) {
	c := w.current()
	switch {
	case c == '.':
		if !w.pointIsLast() || w.fill {
			w.out = append(w.out, '.')
		}
	case w.last >= 0 && w.next > w.last && a != numZero:
	case w.hiddenZero():
		if !w.fill {
			w.out = append(w.out, ' ')
		} else if w.pointIsLast() {
			w.out = append(w.out, '0')
		}
	default:
		w.out = append(w.out, c)
		w.started = true
	}
}
