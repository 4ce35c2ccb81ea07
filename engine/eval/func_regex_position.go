package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	table := implementations{
		"textregexsubstr_similar": byDatum(func(c *call, a []any) (any, error) {
			p, err := similarPattern(a[1].(string), a[2].(string))
			if err != nil {
				return nil, err
			}
			return regexpSubstring(c, []any{a[0], p})
		}),
		"similar_escape": byDatum(func(_ *call, a []any) (any, error) {
			switch {
			case a[0] == nil:
				return nil, nil
			case a[1] == nil:
				return similarPattern(a[0].(string), `\`)
			}
			return similarPattern(a[0].(string), a[1].(string))
		}),
	}
	for _, n := range "234567" {
		table["regexp_instr_"+string(n)] = byDatum(regexpInstr)
	}
	for _, n := range "3456" {
		table["regexp_substr_"+string(n)] = byDatum(regexpSubstrAt)
		table["textregexreplace_extended_"+string(n)] = byDatum(regexpReplaceAt)
	}
	delete(table, "textregexreplace_extended_3")
	register(table)
}

func similarPattern(pattern, escape string) (string, error) {
	if runeCount(escape) > 1 {
		return "", sqlerr.New(sqlerr.InvalidEscape, "invalid escape string").WithHint("Escape string must be empty or one character.")
	}
	p, err := appendSimilar(nil, pattern, escape)
	return string(p), err
}

// positive reads an integer parameter of a regexp function that must be at least least.
func positive(a []any, i int, name string, otherwise, least int64) (int64, error) {
	if i >= len(a) {
		return otherwise, nil
	}
	n := a[i].(int64)
	if n < least {
		return 0, invalid("invalid value for parameter \"%s\": %d", name, n)
	}
	return n, nil
}

// searched are the matches of a regexp function behind a starting character, with the search's string.
type searched struct {
	s       string
	at      int // where the search begins, in bytes
	matches [][]int
	re      *compiledARE
}

// search finds the matches from the start-th character on.
func (c *call) search(s, pattern, flags, function string, start int64, groups bool) (*searched, error) {
	fold, _, err := regexFlags(flags, function)
	if err != nil {
		return nil, err
	}
	re, err := c.extent(pattern, fold, groups)
	if err != nil {
		return nil, err
	}
	r := &searched{s: s, re: re}
	if start > int64(utf8.RuneCountInString(s))+1 {
		return r, nil
	}
	r.at = skipRunes(s, int(start)-1)
	if r.at > 0 && (strings.Contains(re.re.String(), `\A`) || strings.ContainsAny(pattern, `^`)) {
		return nil, unsupportedRegexp("an anchor, searched from a later position,")
	}
	r.matches = matches(re.re, s[r.at:])
	for _, m := range r.matches {
		for k := range m {
			if m[k] >= 0 {
				m[k] += r.at
			}
		}
	}
	return r, nil
}

// nth is the n-th match's group, nil where there is none.
func (r *searched) nth(n, group int64) []int {
	if n > int64(len(r.matches)) {
		return nil
	}
	m := r.matches[n-1]
	if group > int64(len(m)/2-1) || m[2*group] < 0 {
		return nil
	}
	return m[2*group : 2*group+2]
}

// regexpInstr is regexp_instr(string, pattern [, start [, N [, endoption [, flags [, subexpr]]]]]).
func regexpInstr(c *call, a []any) (any, error) {
	start, err := positive(a, 2, "start", 1, 1)
	if err != nil {
		return nil, err
	}
	n, err := positive(a, 3, "n", 1, 1)
	if err != nil {
		return nil, err
	}
	end := int64(0)
	if len(a) > 4 {
		if end = a[4].(int64); end != 0 && end != 1 {
			return nil, invalid("invalid value for parameter \"%s\": %d", "endoption", end)
		}
	}
	group, err := positive(a, 6, "subexpr", 0, 0)
	if err != nil {
		return nil, err
	}
	r, err := c.search(a[0].(string), a[1].(string), flagArg(a, 5), "regexp_instr()", start, group > 0)
	if err != nil {
		return nil, err
	}
	m := r.nth(n, group)
	if m == nil {
		return int64(0), nil
	}
	return int64(utf8.RuneCountInString(r.s[:m[end]])) + 1, nil
}

// regexpSubstrAt is regexp_substr(string, pattern, start [, N [, flags [, subexpr]]]).
func regexpSubstrAt(c *call, a []any) (any, error) {
	start, err := positive(a, 2, "start", 1, 1)
	if err != nil {
		return nil, err
	}
	n, err := positive(a, 3, "n", 1, 1)
	if err != nil {
		return nil, err
	}
	group, err := positive(a, 5, "subexpr", 0, 0)
	if err != nil {
		return nil, err
	}
	r, err := c.search(a[0].(string), a[1].(string), flagArg(a, 4), "regexp_substr()", start, group > 0)
	if err != nil {
		return nil, err
	}
	m := r.nth(n, group)
	if m == nil {
		return nil, nil
	}
	return r.s[m[0]:m[1]], nil
}

// regexpReplaceAt is regexp_replace(string, pattern, replacement, start [, N [, flags]]): the N-th match, or all with 0.
func regexpReplaceAt(c *call, a []any) (any, error) {
	start, err := positive(a, 3, "start", 1, 1)
	if err != nil {
		return nil, err
	}
	n, err := positive(a, 4, "n", 1, 0)
	if err != nil {
		return nil, err
	}
	flags := flagArg(a, 5)
	if len(a) <= 4 && strings.Contains(flags, "g") {
		n = 0
	}
	with := a[2].(string)
	r, err := c.search(a[0].(string), a[1].(string), flags, "", start, usesGroups(with))
	if err != nil {
		return nil, err
	}
	var out []byte
	at := 0
	for i, m := range r.matches {
		if n != 0 && int64(i)+1 != n {
			continue
		}
		out = append(out, r.s[at:m[0]]...)
		out = appendReplacement(out, r.s, with, m)
		at = m[1]
	}
	return string(append(out, r.s[at:]...)), nil
}

// usesGroups says whether a replacement has \1 to \9.
func usesGroups(with string) bool {
	for i := 0; i+1 < len(with); i++ {
		if with[i] == '\\' {
			if with[i+1] >= '1' && with[i+1] <= '9' {
				return true
			}
			i++
		}
	}
	return false
}
