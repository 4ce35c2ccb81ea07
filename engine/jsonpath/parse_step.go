package jsonpath

import (
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/datum"
)

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
	case "type", "size", "abs", "floor", "ceiling", "double", "keyvalue", "datetime":
		if err := p.advance(); err != nil {
			return nil, err
		}
		it := &item{op: opMethod, name: m}
		if m == "datetime" && p.tok.kind == stringToken {
			it.left = &item{value: &datum.JSON{Kind: datum.JSONString, String: p.tok.text}}
			if err := p.advance(); err != nil {
				return nil, err
			}
		}
		return it, p.expect(")")
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
