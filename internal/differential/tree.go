package differential

import (
	"slices"
	"strings"
)

// Tree is a statement, or a part of one, that can be made smaller: text with parts in between. It is not changed once
// made.
type Tree struct {
	sort  string   // what may stand in its place: "int", "bool", "query", "" for nothing
	text  []string // one more than kids; nil for a list
	kids  []*Tree
	sep   string // between the kids of a list
	least int    // kids that a list must keep
	empty bool   // it may be left out altogether
}

// leaf is text without parts.
func leaf(sort, text string) *Tree { return &Tree{sort: sort, text: []string{text}} }

// part is text in which each % stands for a kid.
func part(sort, text string, kids ...*Tree) *Tree {
	return &Tree{sort: sort, text: strings.Split(text, "%"), kids: kids}
}

// optional is a part that may be left out.
func optional(text string, kids ...*Tree) *Tree {
	t := part("", text, kids...)
	t.empty = true
	return t
}

// listOf is a list that must keep some of its kids.
func listOf(sep string, least int, kids ...*Tree) *Tree {
	return &Tree{kids: kids, sep: sep, least: least}
}

// SQL is the text.
func (t *Tree) SQL() string {
	var b strings.Builder
	t.write(&b)
	return strings.Join(strings.Fields(b.String()), " ")
}

func (t *Tree) write(b *strings.Builder) {
	if t == nil {
		return
	}
	for i, k := range t.kids {
		switch {
		case t.text != nil:
			b.WriteString(t.text[i])
		case i > 0:
			b.WriteString(t.sep)
		}
		k.write(b)
	}
	if t.text != nil {
		b.WriteString(t.text[len(t.text)-1])
	}
}

func (t *Tree) size() int {
	if t == nil {
		return 0
	}
	n := 1
	for _, k := range t.kids {
		n += k.size()
	}
	return n
}

// plainest are the smallest expressions of a sort.
var plainest = map[string]string{
	"int": "1", "numeric": "1.5", "float": "1::float8", "text": "'a'", "bool": "true", "date": "date '2024-02-29'", "timestamp": "timestamp '2024-02-29 12:00'", "ints": "'{1,NULL}'::int[]",
}

// smaller are trees of one step less: a part left out, replaced by a part of itself, or by the plainest of its sort.
func (t *Tree) smaller(yield func(*Tree) bool) bool {
	if t == nil {
		return true
	}
	if t.sort != "" {
		for _, k := range t.within(t.sort) {
			if !yield(k) {
				return false
			}
		}
		if p, ok := plainest[t.sort]; ok && (len(t.kids) > 0 || t.text[0] != p) {
			if !yield(leaf(t.sort, p)) {
				return false
			}
		}
	}
	for i, k := range t.kids {
		with := func(k *Tree) *Tree {
			c := *t
			c.kids = slices.Clone(t.kids)
			c.kids[i] = k
			return &c
		}
		if t.text == nil && len(t.kids) > t.least {
			c := *t
			c.kids = slices.Delete(slices.Clone(t.kids), i, i+1)
			if !yield(&c) {
				return false
			}
		}
		if k != nil && k.empty && !yield(with(nil)) {
			return false
		}
		if !k.smaller(func(s *Tree) bool { return yield(with(s)) }) {
			return false
		}
	}
	return true
}

// within are the nearest parts of a sort below t.
func (t *Tree) within(sort string) []*Tree {
	var out []*Tree
	for _, k := range t.kids {
		switch {
		case k == nil:
		case k.sort == sort:
			out = append(out, k)
		default:
			out = append(out, k.within(sort)...)
		}
	}
	return out
}

// Shrink makes a tree smaller as long as bad holds, and gives the smallest found. bad is asked no more than most times.
func Shrink(t *Tree, most int, bad func(sql string) bool) *Tree {
	for again := true; again; {
		again = false
		t.smaller(func(s *Tree) bool {
			if most--; most < 0 {
				return false
			}
			if s.size() < t.size() || s.size() == t.size() && len(s.SQL()) < len(t.SQL()) {
				if bad(s.SQL()) {
					t, again = s, true
					return false
				}
			}
			return true
		})
	}
	return t
}
