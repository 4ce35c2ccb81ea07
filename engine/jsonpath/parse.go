package jsonpath

import (
	"math"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
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

// maxDepth bounds nesting.
const maxDepth = 1000

type parser struct {
	lex     lexer
	tok     token
	depth   int
	compile func(pattern, flags string) error
}

// enter counts a level of nesting, which leave ends.
func (p *parser) enter() error {
	if p.depth++; p.depth > maxDepth {
		return sqlerr.New(sqlerr.StatementTooComplex, "the jsonpath nests deeper than %d levels", maxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

func (p *parser) advance() (err error) {
	p.tok, err = p.lex.next()
	return err
}

func (p *parser) unexpected() error {
	if p.tok.kind == endToken {
		return syntaxError("")
	}
	return syntaxError(p.lex.s[p.tok.at:p.lex.pos])
}

func (p *parser) symbol(s string) bool { return p.tok.kind == symbolToken && p.tok.text == s }

// word says whether the token is a keyword, in any case unless it is a JSON literal's.
func (p *parser) word(w string) bool {
	return p.tok.kind == identToken && strings.EqualFold(p.tok.text, w)
}

func (p *parser) expect(s string) error {
	if !p.symbol(s) {
		return p.unexpected()
	}
	return p.advance()
}

func (p *parser) expectWord(w string) error {
	if !p.word(w) {
		return p.unexpected()
	}
	return p.advance()
}

// or reads predicates joined by ||, and and those joined by &&; an expression may stand for one at the top only.
func (p *parser) or() (*item, error) {
	return p.connective("||", opOr, func() (*item, error) { return p.connective("&&", opAnd, p.not) })
}

func (p *parser) connective(symbol string, o op, operand func() (*item, error)) (*item, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	left, err := operand()
	for err == nil && p.symbol(symbol) {
		if !left.op.predicate() || left.next != nil {
			return nil, p.unexpected()
		}
		if err = p.advance(); err != nil {
			return nil, err
		}
		var right *item
		if right, err = operand(); err == nil && (!right.op.predicate() || right.next != nil) {
			return nil, p.unexpected()
		}
		left = &item{op: o, left: left, right: right}
	}
	return left, err
}

func (p *parser) not() (*item, error) {
	if !p.symbol("!") {
		return p.comparison()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.symbol("(") && !p.word("exists") {
		return nil, p.unexpected()
	}
	arg, err := p.primary()
	if err == nil && !arg.op.predicate() {
		err = p.unexpected()
	}
	return &item{op: opNot, left: arg}, err
}

var comparisons = map[string]op{
	"==": opEqual, "!=": opNotEqual, "<>": opNotEqual, "<": opLess, "<=": opLessEqual, ">": opGreater, ">=": opGreaterEqual,
}

// comparison reads an expression and what is asked of it.
func (p *parser) comparison() (*item, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	if left.op.predicate() && left.next == nil {
		return left, nil
	}
	if o, ok := comparisons[p.tok.text]; ok && p.tok.kind == symbolToken {
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := p.sum()
		if err == nil && right.op.predicate() && right.next == nil {
			err = p.unexpected()
		}
		return &item{op: o, left: left, right: right}, err
	}
	switch {
	case p.word("starts"):
		return p.startsWith(left)
	case p.word("like_regex"):
		return p.likeRegex(left)
	}
	return left, nil
}

func (p *parser) startsWith(left *item) (*item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expectWord("with"); err != nil {
		return nil, err
	}
	if p.tok.kind != stringToken && p.tok.kind != variableToken {
		return nil, p.unexpected()
	}
	right, err := p.scalar()
	return &item{op: opStartsWith, left: left, right: right}, err
}

func (p *parser) likeRegex(left *item) (*item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.tok.kind != stringToken {
		return nil, p.unexpected()
	}
	it := &item{op: opLikeRegex, left: left, name: p.tok.text}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.word("flag") {
		if err := p.regexFlags(it); err != nil {
			return nil, err
		}
	}
	return it, p.compile(it.name, it.flags)
}

func (p *parser) regexFlags(it *item) error {
	if err := p.advance(); err != nil {
		return err
	}
	if p.tok.kind != stringToken {
		return p.unexpected()
	}
	it.flags = p.tok.text
	for _, c := range it.flags {
		if !strings.ContainsRune("ismxq", c) {
			return sqlerr.New(sqlerr.SyntaxError, "invalid input syntax for type jsonpath").
				WithDetail("Unrecognized flag character \"%c\" in LIKE_REGEX predicate.", c)
		}
	}
	if strings.Contains(it.flags, "x") && !strings.Contains(it.flags, "q") {
		return sqlerr.New(sqlerr.FeatureNotSupported, `XQuery "x" flag (expanded regular expressions) is not implemented`)
	}
	return p.advance()
}

func (p *parser) sum() (*item, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.arithmetic(map[string]op{"+": opAdd, "-": opSub}, func() (*item, error) {
		return p.arithmetic(map[string]op{"*": opMul, "/": opDiv, "%": opMod}, p.unary)
	})
}

func (p *parser) arithmetic(ops map[string]op, operand func() (*item, error)) (*item, error) {
	left, err := operand()
	for err == nil && p.tok.kind == symbolToken {
		o, ok := ops[p.tok.text]
		if !ok {
			break
		}
		if left.op.predicate() && left.next == nil {
			return nil, p.unexpected()
		}
		if err = p.advance(); err != nil {
			return nil, err
		}
		var right *item
		if right, err = operand(); err == nil && right.op.predicate() && right.next == nil {
			return nil, p.unexpected()
		}
		left = &item{op: o, left: left, right: right}
	}
	return left, err
}

func (p *parser) unary() (*item, error) {
	o := opPlus
	switch {
	case p.symbol("-"):
		o = opMinus
	case !p.symbol("+"):
		return p.primary()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.advance(); err != nil {
		return nil, err
	}
	arg, err := p.unary()
	return &item{op: o, left: arg}, err
}

// primary reads a value or what stands in parentheses, with its accessors.
func (p *parser) primary() (*item, error) {
	var it *item
	var err error
	switch {
	case p.symbol("("):
		if it, err = p.parenthesized(); err != nil {
			return nil, err
		}
		if it.op == opIsUnknown {
			return it, nil
		}
	case p.word("exists"):
		return p.exists()
	default:
		if it, err = p.scalar(); err != nil {
			return nil, err
		}
	}
	if !p.accessor() {
		return it, nil
	}
	head := *it // a parenthesised path may go on behind its last step
	tail := &head
	for tail.next != nil {
		c := *tail.next
		tail.next, tail = &c, &c
	}
	for p.accessor() {
		if tail.next, err = p.step(); err != nil {
			return nil, err
		}
		tail = tail.next
	}
	return &head, nil
}

func (p *parser) accessor() bool { return p.symbol(".") || p.symbol("[") || p.symbol("?") }

func (p *parser) parenthesized() (*item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	it, err := p.or()
	if err != nil {
		return nil, err
	}
	if err := p.expect(")"); err != nil {
		return nil, err
	}
	if !p.word("is") {
		return it, nil
	}
	if !it.op.predicate() {
		return nil, p.unexpected()
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return &item{op: opIsUnknown, left: it}, p.expectWord("unknown")
}

func (p *parser) exists() (*item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	arg, err := p.sum()
	if err != nil {
		return nil, err
	}
	return &item{op: opExists, left: arg}, p.expect(")")
}

// scalar reads a literal, a variable, $, @ or last.
func (p *parser) scalar() (*item, error) {
	t := p.tok
	it := &item{}
	switch {
	case t.kind == stringToken:
		it.value = &datum.JSON{Kind: datum.JSONString, String: t.text}
	case t.kind == numberToken:
		v, err := datum.Parse(types.NumericT, t.text, nil)
		if err != nil {
			return nil, err
		}
		it.value = numberJSON(v)
	case t.kind == variableToken:
		it.op, it.name = opVariable, t.text
	case p.symbol("$"):
		it.op = opRoot
	case p.symbol("@"):
		it.op = opCurrent
	case p.word("last"):
		it.op = opLast
	case t.kind == identToken && t.text == "null":
		it.value = &datum.JSON{Kind: datum.JSONNull}
	case t.kind == identToken && (t.text == "true" || t.text == "false"):
		it.value = &datum.JSON{Kind: datum.JSONBool, Bool: t.text == "true"}
	default:
		return nil, p.unexpected()
	}
	return it, p.advance()
}

// step reads one accessor.
func (p *parser) step() (*item, error) {
	switch {
	case p.symbol("["):
		return p.subscripts()
	case p.symbol("?"):
		if err := p.advance(); err != nil {
			return nil, err
		}
		if err := p.expect("("); err != nil {
			return nil, err
		}
		cond, err := p.or()
		if err != nil {
			return nil, err
		}
		if !cond.op.predicate() || cond.next != nil {
			return nil, p.unexpected()
		}
		return &item{op: opFilter, left: cond}, p.expect(")")
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch {
	case p.symbol("*"):
		return &item{op: opAnyKey}, p.advance()
	case p.symbol("**"):
		return p.levels()
	case p.tok.kind == stringToken:
		it := &item{op: opKey, name: p.tok.text}
		return it, p.advance()
	case p.tok.kind == identToken:
		return p.keyOrMethod()
	}
	return nil, p.unexpected()
}

func (p *parser) keyOrMethod() (*item, error) {
	name := p.tok.text
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.symbol("(") {
		return &item{op: opKey, name: name}, nil
	}
	switch m := strings.ToLower(name); m {
	case "type", "size", "abs", "floor", "ceiling", "double":
		if err := p.advance(); err != nil {
			return nil, err
		}
		return &item{op: opMethod, name: m}, p.expect(")")
	case "datetime", "keyvalue":
		return nil, sqlerr.Unsupported("the jsonpath method ." + m + "()")
	}
	return nil, p.unexpected()
}

func (p *parser) subscripts() (*item, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if p.symbol("*") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		return &item{op: opAnyArray}, p.expect("]")
	}
	it := &item{op: opIndex}
	for {
		from, err := p.sum()
		if err != nil {
			return nil, err
		}
		pair := [2]*item{from, nil}
		if p.word("to") {
			if err := p.advance(); err != nil {
				return nil, err
			}
			if pair[1], err = p.sum(); err != nil {
				return nil, err
			}
		}
		it.subscripts = append(it.subscripts, pair)
		if !p.symbol(",") {
			return it, p.expect("]")
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
}

// levels reads the bounds of .**{1 to last}.
func (p *parser) levels() (*item, error) {
	it := &item{op: opAny, last: lastLevel}
	if err := p.advance(); err != nil || !p.symbol("{") {
		return it, err
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	var err error
	if it.first, err = p.level(); err != nil {
		return nil, err
	}
	it.last = it.first
	if p.word("to") {
		if err := p.advance(); err != nil {
			return nil, err
		}
		if it.last, err = p.level(); err != nil {
			return nil, err
		}
	}
	return it, p.expect("}")
}

func (p *parser) level() (int, error) {
	if p.word("last") {
		return lastLevel, p.advance()
	}
	n, err := strconv.Atoi(p.tok.text)
	if p.tok.kind != numberToken || err != nil {
		return 0, p.unexpected()
	}
	return n, p.advance()
}
