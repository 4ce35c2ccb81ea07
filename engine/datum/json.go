package datum

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// JSONKind is the kind of a JSON value; the order is jsonb's btree order of scalars and containers.
type JSONKind uint8

// The kinds of JSON values.
const (
	JSONNull JSONKind = iota
	JSONString
	JSONNumber
	JSONBool
	JSONArray
	JSONObject
)

// String is what jsonb_typeof calls the kind.
func (k JSONKind) String() string {
	return [...]string{"null", "string", "number", "boolean", "array", "object"}[k]
}

// JSON is one parsed value. In a jsonb value an object's keys are in jsonb's order, each once. Read only.
type JSON struct {
	Kind   JSONKind
	Bool   bool
	String string       // of a JSONString, unescaped
	Number *apd.Decimal // of a JSONNumber, when parsed as jsonb
	Keys   []string     // of a JSONObject
	Elems  []*JSON      // of a JSONArray, or the values of a JSONObject
	// Text is the part of the input that holds the value, from its first to its last character. It is set for json, not
	// for jsonb.
	Text string
}

// maxJSONDepth bounds nesting, as PostgreSQL's stack does.
const maxJSONDepth = 6000

// jsonReader reads JSON (RFC 8259) with PostgreSQL's errors.
type jsonReader struct {
	s      string
	pos    int
	depth  int
	binary bool // build jsonb: numbers, escapes and keys are decoded
	decode bool // escapes that stand for no character are errors, as in jsonb
	build  bool // keep values
}

func validateJSON(s string) error {
	r := &jsonReader{s: s}
	_, err := r.document()
	return err
}

// ParseJSON is the tree of a json text; numbers are not decoded, and each value knows its text.
func ParseJSON(s string) (*JSON, error) {
	r := &jsonReader{s: s, build: true}
	return r.document()
}

// ParseDecodedJSON is ParseJSON that refuses escapes which stand for no character, as functions do that look at the texts.
func ParseDecodedJSON(s string) (*JSON, error) {
	r := &jsonReader{s: s, build: true, decode: true}
	return r.document()
}

// ParseJSONB is the tree of a json text as jsonb keeps it: keys sorted, the last of equal ones kept, numbers exact.
func ParseJSONB(s string) (*JSON, error) {
	r := &jsonReader{s: s, build: true, binary: true}
	return r.document()
}

func parseJSONB(s string) (any, error) {
	v, err := ParseJSONB(s)
	if err != nil {
		return nil, err
	}
	return string(AppendJSONB(nil, v)), nil
}

func (r *jsonReader) document() (*JSON, error) {
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	if r.skip(); r.pos < len(r.s) {
		return nil, r.unexpected("end of input")
	}
	return v, nil
}

func (r *jsonReader) skip() {
	for r.pos < len(r.s) {
		switch r.s[r.pos] {
		case ' ', '\t', '\n', '\r':
			r.pos++
		default:
			return
		}
	}
}

func jsonError(detail string) error {
	return sqlerr.New(sqlerr.InvalidText, "invalid input syntax for type json").WithDetail("%s", detail)
}

func (r *jsonReader) unexpected(want string) error {
	if r.pos >= len(r.s) {
		return jsonError("The input string ended unexpectedly.")
	}
	return jsonError("Expected " + want + ", but found \"" + r.token() + "\".")
}

// token is the offending token, as PostgreSQL shows it.
func (r *jsonReader) token() string {
	n := r.pos
	for n < len(r.s) && (alnum(r.s[n]) || r.s[n] == '_' || r.s[n] >= 0x80) {
		n++
	}
	if n == r.pos {
		_, w := utf8.DecodeRuneInString(r.s[n:])
		n += w
	}
	return r.s[r.pos:n]
}

func (r *jsonReader) value() (*JSON, error) {
	r.skip()
	start := r.pos
	if r.pos >= len(r.s) {
		return nil, r.unexpected("")
	}
	if r.depth++; r.depth > maxJSONDepth {
		return nil, sqlerr.New(sqlerr.StatementTooComplex, "json nests deeper than %d levels", maxJSONDepth)
	}
	defer func() { r.depth-- }()
	v := &JSON{}
	var err error
	switch c := r.s[r.pos]; {
	case c == '{':
		err = r.object(v)
	case c == '[':
		err = r.array(v)
	case c == '"':
		v.Kind = JSONString
		v.String, err = r.string()
	case c == '-' || digit(c):
		err = r.number(v)
	case r.literal("true"):
		v.Kind, v.Bool = JSONBool, true
	case r.literal("false"):
		v.Kind = JSONBool
	case r.literal("null"):
		v.Kind = JSONNull
	default:
		if alnum(c) || c >= 0x80 || c == '_' {
			return nil, jsonError("Token \"" + r.token() + "\" is invalid.")
		}
		return nil, r.unexpected("JSON value")
	}
	if err != nil {
		return nil, err
	}
	if !r.binary {
		v.Text = r.s[start:r.pos]
	}
	return v, nil
}

func (r *jsonReader) literal(w string) bool {
	if !strings.HasPrefix(r.s[r.pos:], w) || r.token() != w {
		return false
	}
	r.pos += len(w)
	return true
}

func (r *jsonReader) number(v *JSON) error {
	start, ok := r.pos, true
	if r.s[r.pos] == '-' {
		r.pos++
	}
	n := digits(r.s[r.pos:])
	if n == 0 || n > 1 && r.s[r.pos] == '0' {
		ok = false
	}
	r.pos += n
	if r.pos < len(r.s) && r.s[r.pos] == '.' {
		n = digits(r.s[r.pos+1:])
		ok = ok && n > 0
		r.pos += 1 + n
	}
	if r.pos < len(r.s) && (r.s[r.pos] == 'e' || r.s[r.pos] == 'E') {
		r.pos++
		if r.pos < len(r.s) && (r.s[r.pos] == '+' || r.s[r.pos] == '-') {
			r.pos++
		}
		n = digits(r.s[r.pos:])
		ok = ok && n > 0
		r.pos += n
	}
	if end := r.pos; !ok || end < len(r.s) && (alnum(r.s[end]) || r.s[end] == '_' || r.s[end] >= 0x80) {
		for r.pos < len(r.s) && (alnum(r.s[r.pos]) || r.s[r.pos] == '_' || r.s[r.pos] >= 0x80) {
			r.pos++
		}
		return jsonError("Token \"" + r.s[start:r.pos] + "\" is invalid.")
	}
	v.Kind = JSONNumber
	if !r.binary {
		return nil
	}
	d, err := scanNumeric(r.s[start:r.pos])
	v.Number = d
	return err
}

func (r *jsonReader) array(v *JSON) error {
	v.Kind = JSONArray
	r.pos++
	if r.skip(); r.pos < len(r.s) && r.s[r.pos] == ']' {
		r.pos++
		return nil
	}
	for {
		e, err := r.value()
		if err != nil {
			return err
		}
		if r.build {
			v.Elems = append(v.Elems, e)
		}
		r.skip()
		switch {
		case r.pos < len(r.s) && r.s[r.pos] == ',':
			r.pos++
		case r.pos < len(r.s) && r.s[r.pos] == ']':
			r.pos++
			return nil
		default:
			return r.unexpected("\",\" or \"]\"")
		}
	}
}

func (r *jsonReader) object(v *JSON) error {
	v.Kind = JSONObject
	r.pos++
	if r.skip(); r.pos < len(r.s) && r.s[r.pos] == '}' {
		r.pos++
		return nil
	}
	for {
		if r.skip(); r.pos >= len(r.s) || r.s[r.pos] != '"' {
			return r.unexpected("string")
		}
		key, err := r.string()
		if err != nil {
			return err
		}
		if r.skip(); r.pos >= len(r.s) || r.s[r.pos] != ':' {
			return r.unexpected("\":\"")
		}
		r.pos++
		e, err := r.value()
		if err != nil {
			return err
		}
		if r.build {
			v.Keys, v.Elems = append(v.Keys, key), append(v.Elems, e)
		}
		r.skip()
		switch {
		case r.pos < len(r.s) && r.s[r.pos] == ',':
			r.pos++
		case r.pos < len(r.s) && r.s[r.pos] == '}':
			r.pos++
			if r.binary {
				v.sortKeys()
			}
			return nil
		default:
			return r.unexpected("\",\" or \"}\"")
		}
	}
}

// CompareJSONKeys orders the keys of an object as jsonb keeps them: by length, then by bytes.
func CompareJSONKeys(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

func (v *JSON) sortKeys() {
	order := make([]int, len(v.Keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return CompareJSONKeys(v.Keys[a], v.Keys[b]) })
	keys, elems := make([]string, 0, len(order)), make([]*JSON, 0, len(order))
	for i, at := range order {
		if i+1 < len(order) && v.Keys[order[i+1]] == v.Keys[at] {
			continue // the last one wins
		}
		keys, elems = append(keys, v.Keys[at]), append(elems, v.Elems[at])
	}
	v.Keys, v.Elems = keys, elems
}

func (r *jsonReader) string() (string, error) {
	r.pos++
	start := r.pos
	for r.pos < len(r.s) && r.s[r.pos] != '"' && r.s[r.pos] != '\\' && r.s[r.pos] >= ' ' {
		r.pos++
	}
	if r.pos < len(r.s) && r.s[r.pos] == '"' {
		r.pos++
		return r.s[start : r.pos-1], nil
	}
	out := []byte(r.s[start:r.pos])
	for r.pos < len(r.s) {
		c := r.s[r.pos]
		switch {
		case c == '"':
			r.pos++
			return string(out), nil
		case c < ' ':
			return "", jsonError("Character with value 0x" + string("0123456789abcdef"[c>>4]) +
				string("0123456789abcdef"[c&15]) + " must be escaped.")
		case c == '\\':
			var err error
			if out, err = r.escape(out); err != nil {
				return "", err
			}
		default:
			out = append(out, c)
			r.pos++
		}
	}
	return "", r.unexpected("")
}

func (r *jsonReader) escape(out []byte) ([]byte, error) {
	r.pos++
	if r.pos >= len(r.s) {
		return nil, r.unexpected("")
	}
	c := r.s[r.pos]
	if c == 'u' {
		return r.unicode(out)
	}
	at := strings.IndexByte(`"\/bfnrt`, c)
	if at < 0 {
		_, n := utf8.DecodeRuneInString(r.s[r.pos:])
		return nil, jsonError("Escape sequence \"\\" + r.s[r.pos:r.pos+n] + "\" is invalid.")
	}
	r.pos++
	return append(out, "\"\\/\b\f\n\r\t"[at]), nil
}

func (r *jsonReader) hex4() (rune, error) {
	r.pos++ // the u
	if r.pos+4 > len(r.s) {
		return 0, r.endOr("\"\\u\" must be followed by four hexadecimal digits.")
	}
	var v rune
	for range 4 {
		h, ok := hexDigit(r.s[r.pos])
		if !ok {
			return 0, jsonError("\"\\u\" must be followed by four hexadecimal digits.")
		}
		v = v<<4 | rune(h)
		r.pos++
	}
	return v, nil
}

func (r *jsonReader) endOr(detail string) error { return jsonError(detail) }

// unicode decodes \uXXXX and surrogate pairs. A json text is only checked for its digits; what does not decode is kept
// as the replacement character there, and is an error in jsonb.
func (r *jsonReader) unicode(out []byte) ([]byte, error) {
	v, err := r.hex4()
	if err != nil {
		return nil, err
	}
	if v == 0 && (r.binary || r.decode) {
		return nil, sqlerr.New("22P05", "unsupported Unicode escape sequence").WithDetail("\\u0000 cannot be converted to text.")
	}
	if !utf16.IsSurrogate(v) {
		return utf8.AppendRune(out, v), nil
	}
	if v < 0xdc00 && strings.HasPrefix(r.s[r.pos:], `\u`) {
		save := r.pos
		r.pos++
		low, err := r.hex4()
		if err != nil {
			return nil, err
		}
		if pair := utf16.DecodeRune(v, low); pair != utf8.RuneError {
			return utf8.AppendRune(out, pair), nil
		}
		r.pos = save
	}
	if !(r.binary || r.decode) {
		return utf8.AppendRune(out, utf8.RuneError), nil
	}
	if v < 0xdc00 {
		return nil, jsonError("Unicode low surrogate must follow a high surrogate.")
	}
	return nil, jsonError("Unicode low surrogate must follow a high surrogate.")
}
