package jsonpath

import (
	"math"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// op is what an item of a path does.
type op uint8

const (
	opLiteral op = iota
	opVariable
	opRoot    // $
	opCurrent // @
	opLast
	opKey      // .key
	opAnyKey   // .*
	opAnyArray // [*]
	opIndex    // [1, 2 to last]
	opAny      // .**
	opFilter   // ?()
	opMethod   // .size()
	opAdd
	opSub
	opMul
	opDiv
	opMod
	opPlus
	opMinus
	opAnd
	opOr
	opNot
	opIsUnknown
	opExists
	opEqual
	opNotEqual
	opLess
	opLessEqual
	opGreater
	opGreaterEqual
	opStartsWith
	opLikeRegex
)

var symbols = map[op]string{
	opAdd: "+", opSub: "-", opMul: "*", opDiv: "/", opMod: "%", opPlus: "+", opMinus: "-",
	opEqual: "==", opNotEqual: "!=", opLess: "<", opLessEqual: "<=", opGreater: ">", opGreaterEqual: ">=",
}

func (o op) predicate() bool { return o >= opAnd }

// item is one step of a path; next is what follows it.
type item struct {
	op          op
	next        *item
	left, right *item
	value       *datum.JSON // of a literal
	name        string      // of a key, a variable, a method; the pattern of like_regex
	flags       string      // of like_regex
	subscripts  [][2]*item  // of opIndex: from and, if it is a range, to
	first, last int         // of opAny; lastLevel for last
}

// lastLevel is the deepest level of a document.
const lastLevel = math.MaxInt

// Path is a parsed path.
type Path struct {
	root *item
	lax  bool
}

// Parse reads a path. Errors are 42601, and those of compile, which checks the expressions of like_regex.
func Parse(s string, compile func(pattern, flags string) error) (*Path, error) {
	p := &parser{lex: lexer{s: s}, compile: compile}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind == endToken {
		return nil, sqlerr.New(sqlerr.InvalidText, `invalid input syntax for type jsonpath: "%s"`, s)
	}
	path := &Path{lax: true}
	if p.word("strict") || p.word("lax") {
		path.lax = strings.EqualFold(p.tok.text, "lax")
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.tok.kind != endToken {
		return nil, p.unexpected()
	}
	path.root = root
	return path, check(root, false, false)
}

// check refuses @ outside of a filter and last outside of a subscript.
func check(it *item, filter, subscript bool) error {
	for ; it != nil; it = it.next {
		if it.op == opCurrent && !filter {
			return sqlerr.New(sqlerr.SyntaxError, "@ is not allowed in root expressions")
		}
		if it.op == opLast && !subscript {
			return sqlerr.New(sqlerr.SyntaxError, "LAST is allowed only in array subscripts")
		}
		for _, s := range it.subscripts {
			if err := check(s[0], filter, true); err != nil {
				return err
			}
			if err := check(s[1], filter, true); err != nil {
				return err
			}
		}
		inFilter := filter || it.op == opFilter
		if err := check(it.left, inFilter, subscript); err != nil {
			return err
		}
		if err := check(it.right, inFilter, subscript); err != nil {
			return err
		}
	}
	return nil
}
