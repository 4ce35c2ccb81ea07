package datum

import (
	"encoding/binary"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// jsonbKey writes keys of jsonb from its canonical text in one pass. A container is its kind, the number of its members
// and they; a document that is a scalar counts as an array of one, before all others of one (compareJsonbContainers).
type jsonbKey struct {
	src  []byte
	pos  int
	dst  []byte
	str  string // src, where a string of it has escapes
	text []byte // scratch
}

func appendOrderedJSONB(dst, text []byte) ([]byte, error) {
	k := jsonbKey{src: text, dst: dst}
	if k.peek() != '[' && k.peek() != '{' {
		k.dst = append(k.dst, byte(JSONArray), 0, 0, 0, 1, 0)
	} else if k.peek() == '[' {
		return k.document(len(dst))
	}
	err := k.value()
	return k.dst, err
}

// document is an array that is a whole document: behind the number of its elements it says that it is no scalar.
func (k *jsonbKey) document(from int) ([]byte, error) {
	k.dst = append(k.dst, byte(JSONArray), 0, 0, 0, 0, 1)
	n, err := k.members(']', false)
	binary.BigEndian.PutUint32(k.dst[from+1:], uint32(n))
	return k.dst, err
}

func (k *jsonbKey) peek() byte {
	for k.pos < len(k.src) && k.src[k.pos] == ' ' {
		k.pos++
	}
	if k.pos < len(k.src) {
		return k.src[k.pos]
	}
	return 0
}

func (k *jsonbKey) value() error {
	switch c := k.peek(); c {
	case 'n':
		k.pos += len("null")
		k.dst = append(k.dst, byte(JSONNull))
	case 't':
		k.pos += len("true")
		k.dst = append(k.dst, byte(JSONBool), 1)
	case 'f':
		k.pos += len("false")
		k.dst = append(k.dst, byte(JSONBool), 0)
	case '"':
		k.dst = append(k.dst, byte(JSONString))
		return k.string()
	case '[':
		return k.container(JSONArray, ']')
	case '{':
		return k.container(JSONObject, '}')
	default:
		return k.number()
	}
	return nil
}

func (k *jsonbKey) container(kind JSONKind, end byte) error {
	at := len(k.dst) + 1
	k.dst = append(k.dst, byte(kind), 0, 0, 0, 0)
	n, err := k.members(end, kind == JSONObject)
	binary.BigEndian.PutUint32(k.dst[at:], uint32(n))
	return err
}

func (k *jsonbKey) members(end byte, keyed bool) (n int, err error) {
	k.pos++
	for {
		switch k.peek() {
		case end:
			k.pos++
			return n, nil
		case 0:
			return n, k.broken()
		case ',':
			k.pos++
			continue
		}
		if keyed {
			if err := k.string(); err != nil {
				return n, err
			}
			if k.peek() != ':' {
				return n, k.broken()
			}
			k.pos++
		}
		if err := k.value(); err != nil {
			return n, err
		}
		n++
	}
}

// string writes the text between quotes, without escapes where there are none.
func (k *jsonbKey) string() error {
	if k.peek() != '"' {
		return k.broken()
	}
	for i := k.pos + 1; i < len(k.src); i++ {
		switch k.src[i] {
		case '"':
			k.dst = AppendOrderedBytes(k.dst, k.src[k.pos+1:i])
			k.pos = i + 1
			return nil
		case '\\':
			return k.escaped()
		}
	}
	return k.broken()
}

func (k *jsonbKey) escaped() error {
	if k.str == "" {
		k.str = string(k.src)
	}
	r := jsonReader{s: k.str, pos: k.pos, binary: true, build: true}
	s, err := r.string()
	if err != nil {
		return err
	}
	k.text = append(k.text[:0], s...)
	k.dst, k.pos = AppendOrderedBytes(k.dst, k.text), r.pos
	return nil
}

func (k *jsonbKey) number() error {
	from := k.pos
	for k.pos < len(k.src) && (k.src[k.pos] >= '0' && k.src[k.pos] <= '9' || k.src[k.pos] == '-' || k.src[k.pos] == '+' ||
		k.src[k.pos] == '.' || k.src[k.pos] == 'e' || k.src[k.pos] == 'E') {
		k.pos++
	}
	if k.pos == from {
		return k.broken()
	}
	n, err := numeric.Parse(string(k.src[from:k.pos]))
	k.dst = numeric.AppendOrdered(append(k.dst, byte(JSONNumber)), n)
	return err
}

func (k *jsonbKey) broken() error {
	return sqlerr.New(sqlerr.InternalError, "a jsonb value is not in its canonical form at byte %d", k.pos)
}
