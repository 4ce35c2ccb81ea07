package jsonpath

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
)

// AppendText writes the path as PostgreSQL prints it: keys quoted, operations in the parentheses that they need.
func (p *Path) AppendText(dst []byte) []byte {
	if !p.lax {
		dst = append(dst, "strict "...)
	}
	return appendItem(dst, p.root, false, true)
}

// priority is how tightly an operation binds; what is none binds most.
func (o op) priority() int {
	switch o {
	case opOr:
		return 0
	case opAnd:
		return 1
	case opEqual, opNotEqual, opLess, opLessEqual, opGreater, opGreaterEqual, opStartsWith:
		return 2
	case opAdd, opSub:
		return 3
	case opMul, opDiv, opMod:
		return 4
	case opPlus, opMinus:
		return 5
	}
	return 6
}

// appendItem writes an item and what follows it; key says that it follows another one, brackets that an operation needs
// parentheses.
func appendItem(dst []byte, it *item, key, brackets bool) []byte {
	for ; it != nil; it, key, brackets = it.next, true, true {
		dst = appendStep(dst, it, key, brackets)
	}
	return dst
}

func appendStep(dst []byte, it *item, key, brackets bool) []byte {
	switch it.op {
	case opLiteral:
		if it.value.Kind == datum.JSONNumber && it.next != nil {
			return append(datum.AppendJSONB(append(dst, '('), it.value), ')')
		}
		return datum.AppendJSONB(dst, it.value)
	case opVariable:
		return datum.AppendJSONString(append(dst, '$'), it.name)
	case opRoot:
		return append(dst, '$')
	case opCurrent:
		return append(dst, '@')
	case opLast:
		return append(dst, "last"...)
	case opKey, opAnyKey, opAny:
		if key {
			dst = append(dst, '.')
		}
		switch it.op {
		case opKey:
			return datum.AppendJSONString(dst, it.name)
		case opAnyKey:
			return append(dst, '*')
		}
		return appendLevels(dst, it)
	case opAnyArray:
		return append(dst, "[*]"...)
	case opIndex:
		return appendSubscripts(dst, it)
	case opFilter:
		return append(appendItem(append(dst, "?("...), it.left, false, false), ')')
	case opMethod:
		dst = append(append(append(dst, '.'), it.name...), '(')
		return append(appendItem(dst, it.left, false, false), ')')
	case opNot:
		return append(appendItem(append(dst, "!("...), it.left, false, false), ')')
	case opIsUnknown:
		return append(appendItem(append(dst, '('), it.left, false, false), ") is unknown"...)
	case opExists:
		return append(appendItem(append(dst, "exists ("...), it.left, false, false), ')')
	}
	if !brackets {
		return appendOperation(dst, it)
	}
	return append(appendOperation(append(dst, '('), it), ')')
}

// appendOperation writes an operator with its operands.
func appendOperation(dst []byte, it *item) []byte {
	operand := func(dst []byte, x *item) []byte {
		return appendItem(dst, x, false, x.op.priority() <= it.op.priority())
	}
	switch it.op {
	case opPlus, opMinus:
		return operand(append(dst, symbols[it.op]...), it.left)
	case opLikeRegex:
		dst = datum.AppendJSONString(append(operand(dst, it.left), " like_regex "...), it.name)
		if it.flags == "" {
			return dst
		}
		dst = append(dst, ` flag "`...)
		for _, f := range "ismxq" {
			if strings.ContainsRune(it.flags, f) {
				dst = append(dst, byte(f))
			}
		}
		return append(dst, '"')
	}
	symbol := symbols[it.op]
	switch it.op {
	case opAnd:
		symbol = "&&"
	case opOr:
		symbol = "||"
	case opStartsWith:
		symbol = "starts with"
	}
	dst = append(append(append(operand(dst, it.left), ' '), symbol...), ' ')
	return operand(dst, it.right)
}

func appendSubscripts(dst []byte, it *item) []byte {
	dst = append(dst, '[')
	for i, pair := range it.subscripts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendItem(dst, pair[0], false, false)
		if pair[1] != nil {
			dst = appendItem(append(dst, " to "...), pair[1], false, false)
		}
	}
	return append(dst, ']')
}

func appendLevels(dst []byte, it *item) []byte {
	level := func(dst []byte, n int) []byte {
		if n == lastLevel {
			return append(dst, "last"...)
		}
		return strconv.AppendInt(dst, int64(n), 10)
	}
	dst = append(dst, "**"...)
	if it.first == 0 && it.last == lastLevel {
		return dst
	}
	dst = level(append(dst, '{'), it.first)
	if it.last != it.first {
		dst = level(append(dst, " to "...), it.last)
	}
	return append(dst, '}')
}
