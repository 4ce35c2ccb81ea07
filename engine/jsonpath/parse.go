package jsonpath

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

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
	if err == nil && arg.op == opLiteral && arg.value.Kind == datum.JSONNumber && arg.next == nil {
		return signed(o, arg), nil
	}
	return &item{op: o, left: arg}, err
}

// signed is a number with a sign before it, which is a literal too.
func signed(o op, literal *item) *item {
	if o == opPlus {
		return literal
	}
	n := new(apd.Decimal).Set(literal.value.Number)
	if !n.IsZero() {
		n.Negative = !n.Negative
	}
	return &item{value: numberJSON(n)}
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
