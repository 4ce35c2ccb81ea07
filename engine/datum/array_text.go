package datum

import (
	"strconv"
	"strings"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func malformedArray(s, detail string, args ...any) error {
	return sqlerr.New(sqlerr.InvalidText, "malformed array literal: \"%s\"", s).WithDetail(detail, args...)
}

func parseArray(t *types.Type, s string, zone *time.Location) (any, error) {
	a, err := ParseArray(t, s, zone)
	if err != nil {
		return nil, err
	}
	return a.Datum(t.Dims > 0)
}

// ParseArray is the input function of array types, for values of any dimensions: {{1,2},{3,NULL}}, [2:3]={a,"b c"}.
func ParseArray(t *types.Type, s string, zone *time.Location) (Array, error) {
	rest := trimLeft(s)
	dims, rest, err := parseBounds(s, rest)
	if err != nil {
		return Array{}, err
	}
	if dims == nil && !strings.HasPrefix(rest, "{") {
		return Array{}, malformedArray(s, "Array value must start with \"{\" or dimension information.")
	}
	r := arrayReader{whole: s, s: rest}
	if err := r.read(); err != nil {
		return Array{}, err
	}
	if dims != nil && !sameLengths(dims, r.lengths()) {
		return Array{}, malformedArray(s, "Specified array dimensions do not match array contents.")
	}
	if dims == nil {
		for _, n := range r.lengths() {
			dims = append(dims, Dimension{n, 1})
		}
	}
	a := Array{Elems: make([]any, len(r.elems)), Dims: dims}
	for i, e := range r.elems {
		if e.null {
			continue
		}
		if a.Elems[i], err = Parse(t.Elem, e.text, zone); err != nil {
			return Array{}, err
		}
	}
	return a, nil
}

// parseBounds reads [1:2][0:3]= before an array's contents.
func parseBounds(whole, s string) (dims []Dimension, rest string, err error) {
	for strings.HasPrefix(s, "[") {
		if len(dims) == MaxDimensions {
			return nil, "", tooManyDimensions(MaxDimensions + 1)
		}
		var first, last int32
		if first, s, err = parseBound(whole, s[1:]); err != nil {
			return nil, "", err
		}
		lower := int32(1)
		if last = first; strings.HasPrefix(s, ":") {
			lower = first
			if last, s, err = parseBound(whole, s[1:]); err != nil {
				return nil, "", err
			}
		}
		if !strings.HasPrefix(s, "]") {
			return nil, "", malformedArray(whole, "Missing \"]\" after array dimensions.")
		}
		if last < lower {
			return nil, "", sqlerr.New("2202E", "upper bound cannot be less than lower bound")
		}
		if int64(last)-int64(lower) >= MaxElements || last == 1<<31-1 {
			return nil, "", TooManyElements()
		}
		dims = append(dims, Dimension{last - lower + 1, lower})
		s = trimLeft(s[1:])
	}
	if dims == nil {
		return nil, s, nil
	}
	if !strings.HasPrefix(s, "=") {
		return nil, "", malformedArray(whole, "Missing \"=\" after array dimensions.")
	}
	if s = trimLeft(s[1:]); !strings.HasPrefix(s, "{") {
		return nil, "", malformedArray(whole, "Array contents must start with \"{\".")
	}
	return dims, s, nil
}

func parseBound(whole, s string) (int32, string, error) {
	n := 0
	for n < len(s) && (s[n] >= '0' && s[n] <= '9' || n == 0 && (s[n] == '-' || s[n] == '+')) {
		n++
	}
	v, err := strconv.ParseInt(s[:n], 10, 32)
	if err != nil {
		return 0, "", malformedArray(whole, "\"[\" must introduce explicitly-specified array dimensions.")
	}
	return int32(v), s[n:], nil
}

func sameLengths(dims []Dimension, lengths []int32) bool {
	if len(dims) != len(lengths) {
		return false
	}
	for i, d := range dims {
		if d.Length != lengths[i] {
			return false
		}
	}
	return true
}

// MaxElements is the most elements that an array can have (MaxArraySize).
const MaxElements = 134217727

// TooManyElements is 54000 for an array beyond [MaxElements].
func TooManyElements() error {
	return sqlerr.New(sqlerr.ProgramLimit, "array size exceeds the maximum allowed (%d)", MaxElements)
}

func tooManyDimensions(n int) error {
	return sqlerr.New(sqlerr.ProgramLimit, "number of array dimensions (%d) exceeds the maximum allowed (%d)", n, MaxDimensions)
}

type arrayElement struct {
	text string
	null bool
}

// arrayState is what was read last (ArrayParseState).
type arrayState uint8

const (
	noLevel arrayState = iota
	levelStarted
	elemStarted
	elemDelimited
	levelDone
	levelDelimited
)

// arrayReader reads an array's contents in braces.
type arrayReader struct {
	whole, s string
	pos      int
	state    arrayState
	depth    int
	deepest  int
	counts   [MaxDimensions]int32 // members of the list open at each depth
	known    [MaxDimensions]int32 // members of the lists closed at each depth, 0 for none yet
	elems    []arrayElement
}

// lengths are the dimensions' lengths, none for an empty array.
func (r *arrayReader) lengths() []int32 {
	if len(r.elems) == 0 {
		return nil
	}
	return r.known[:r.deepest]
}

func (r *arrayReader) unexpected(c byte) error {
	return malformedArray(r.whole, "Unexpected \"%c\" character.", c)
}

func (r *arrayReader) read() error {
	for {
		if r.pos >= len(r.s) {
			return malformedArray(r.whole, "Unexpected end of input.")
		}
		var err error
		switch c := r.s[r.pos]; {
		case c == '{':
			err = r.open()
		case c == '}':
			if err = r.close(); err == nil && r.depth == 0 {
				if trimLeft(r.s[r.pos:]) != "" {
					return malformedArray(r.whole, "Junk after closing right brace.")
				}
				return nil
			}
		case c == ',':
			err = r.delimiter()
		case blank(c):
			r.pos++
		default:
			err = r.element()
		}
		if err != nil {
			return err
		}
	}
}

func (r *arrayReader) open() error {
	if r.state != noLevel && r.state != levelStarted && r.state != levelDelimited {
		return r.unexpected('{')
	}
	if r.depth >= MaxDimensions {
		return tooManyDimensions(r.depth + 1)
	}
	r.counts[r.depth] = 0
	r.depth++
	r.deepest = max(r.deepest, r.depth)
	r.state = levelStarted
	r.pos++
	return nil
}

func (r *arrayReader) close() error {
	if r.state != elemStarted && r.state != levelDone && !(r.depth == 1 && r.state == levelStarted) {
		return r.unexpected('}')
	}
	r.depth--
	if n := r.counts[r.depth]; r.known[r.depth] != 0 && n != r.known[r.depth] || r.state == elemStarted && r.depth+1 < r.deepest {
		return malformedArray(r.whole, "Multidimensional arrays must have sub-arrays with matching dimensions.")
	}
	r.known[r.depth] = r.counts[r.depth]
	if r.depth > 0 {
		r.counts[r.depth-1]++
	}
	r.state = levelDone
	r.pos++
	return nil
}

func (r *arrayReader) delimiter() error {
	switch r.state {
	case elemStarted:
		r.state = elemDelimited
	case levelDone:
		r.state = levelDelimited
	default:
		return r.unexpected(',')
	}
	r.pos++
	return nil
}

func (r *arrayReader) element() error {
	if r.state != levelStarted && r.state != elemDelimited {
		return malformedArray(r.whole, "Unexpected array element.")
	}
	r.state = elemStarted
	r.counts[r.depth-1]++
	if r.s[r.pos] == '"' {
		return r.quoted()
	}
	var b strings.Builder
	escaped, keep := false, 0
	for ; r.pos < len(r.s); r.pos++ {
		switch c := r.s[r.pos]; c {
		case ',', '}':
			text := b.String()[:keep]
			r.elems = append(r.elems, arrayElement{text, !escaped && strings.EqualFold(text, "null")})
			return nil
		case '{':
			return r.unexpected('{')
		case '"':
			return malformedArray(r.whole, "Unexpected array element.")
		case '\\':
			if r.pos++; r.pos < len(r.s) {
				escaped = true
				b.WriteByte(r.s[r.pos])
				keep = b.Len()
			}
		default:
			b.WriteByte(c)
			if !blank(c) {
				keep = b.Len()
			}
		}
	}
	return malformedArray(r.whole, "Unexpected end of input.")
}

func (r *arrayReader) quoted() error {
	var b strings.Builder
	for r.pos++; r.pos < len(r.s); r.pos++ {
		switch c := r.s[r.pos]; c {
		case '"':
			r.pos++
			r.elems = append(r.elems, arrayElement{text: b.String()})
			return nil
		case '\\':
			if r.pos++; r.pos < len(r.s) {
				b.WriteByte(r.s[r.pos])
			}
		default:
			b.WriteByte(c)
		}
	}
	return malformedArray(r.whole, "Unexpected end of input.")
}

// appendArray writes an array, with its bounds where one does not begin with 1.
func appendArray(dst []byte, t *types.Type, a Array, zone *time.Location) []byte {
	for _, d := range a.Dims {
		if d.Lower != 1 {
			dst = append(AppendDims(dst, a.Dims), '=')
			break
		}
	}
	if len(a.Dims) == 0 {
		return append(dst, "{}"...)
	}
	dst, _ = appendSubarray(dst, t.Elem, a.Elems, a.Dims, zone)
	return dst
}

// appendSubarray writes the first elements in the shape of dims, and gives the others.
func appendSubarray(dst []byte, elem *types.Type, elems []any, dims []Dimension, zone *time.Location) ([]byte, []any) {
	dst = append(dst, '{')
	for i := range dims[0].Length {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dims) > 1 {
			dst, elems = appendSubarray(dst, elem, elems, dims[1:], zone)
			continue
		}
		dst = appendElement(dst, elem, elems[0], zone)
		elems = elems[1:]
	}
	return append(dst, '}'), elems
}

func appendElement(dst []byte, elem *types.Type, e any, zone *time.Location) []byte {
	if e == nil {
		return append(dst, "NULL"...)
	}
	if elem.Kind == types.Array { // a list of lists, which may be of different lengths
		return Append(dst, elem, e, zone)
	}
	s := string(Append(nil, elem, e, zone))
	if s == "" || strings.EqualFold(s, "null") || strings.ContainsAny(s, "{},\"\\ \t\n\v\f\r") {
		return appendQuoted(dst, s, false)
	}
	return append(dst, s...)
}
