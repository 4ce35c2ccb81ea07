package jsonpath

import (
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

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
