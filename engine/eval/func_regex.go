package eval

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func init() {
	table := implementations{
		"textregexreplace_noopt": toText3(regexpReplace), "textregexreplace": fixed(regexpReplaceFlags),
		"regexp_match_no_flags": byDatum(regexpMatch), "regexp_match": byDatum(regexpMatch),
		"regexp_like_no_flags": byDatum(regexpLike), "regexp_like": byDatum(regexpLike),
		"regexp_count_no_start": byDatum(regexpCount), "regexp_count_no_flags": byDatum(regexpCount),
		"regexp_count": byDatum(regexpCount), "regexp_substr_no_start": byDatum(regexpSubstr),
		"textregexsubstr": byDatum(regexpSubstring), "regexp_split_to_array_no_flags": byDatum(splitBy("regexp_split_to_array()")),
		"regexp_split_to_array": byDatum(splitBy("regexp_split_to_array()")),
		"similar_to_escape_1": toText1(func(_ *call, dst []byte, p string) ([]byte, error) {
			return appendSimilar(dst, p, `\`)
		}),
		"similar_to_escape_2": toText2(func(_ *call, dst []byte, p, escape string) ([]byte, error) {
			if runeCount(escape) > 1 {
				return dst, sqlerr.New(sqlerr.InvalidEscape, "invalid escape string").WithHint("Escape string must be empty or one character.")
			}
			return appendSimilar(dst, p, escape)
		}),
	}
	for _, left := range []string{"text", "bpchar", "name"} {
		table[left+"regexeq"] = fixed(regexKernel(false, false))
		table[left+"regexne"] = fixed(regexKernel(true, false))
		table[left+"icregexeq"] = fixed(regexKernel(false, true))
		table[left+"icregexne"] = fixed(regexKernel(true, true))
	}
	register(table)
}

// compiledARE is an expression with what it was compiled from.
type compiledARE struct {
	pattern string
	fold    bool
	re      *regexp.Regexp
	info    areInfo
}

// regex compiles pattern, or gives what was compiled for the row before.
func (c *call) regex(pattern string, fold bool) (*compiledARE, error) {
	last, _ := c.state.(*compiledARE)
	if last != nil && last.pattern == pattern && last.fold == fold {
		return last, nil
	}
	re, info, err := compileARE(pattern, fold)
	if err != nil {
		return nil, err
	}
	last = &compiledARE{pattern: strings.Clone(pattern), fold: fold, re: re, info: info}
	c.state = last
	return last, nil
}

// regexKernel is the operators ~, !~, ~* and !~*.
func regexKernel(negate, fold bool) kernel {
	return func(c *call, args []*vector, out *vector) error {
		clear(out.bits)
		for i := range c.n {
			if !c.rowValid(i) {
				continue
			}
			re, err := c.regex(args[1].str(i), fold)
			if err != nil {
				return err
			}
			if re.re.Match(args[0].bytes(i)) != negate {
				setBit(out.bits, i, true)
			}
		}
		return nil
	}
}

// regexFlags reads the options of the regexp functions.
func regexFlags(flags, function string) (fold, global bool, err error) {
	for _, f := range flags {
		switch f {
		case 'g':
			global = true
		case 'i':
			fold = true
		case 'c':
			fold = false
		case 's', 't', 'e':
		case 'n', 'm', 'p', 'w', 'x', 'q', 'b':
			return false, false, unsupportedRegexp("the option " + string(f))
		default:
			return false, false, sqlerr.New(sqlerr.InvalidParameterValue, "invalid regular expression option: \"%s\"", string(f))
		}
	}
	if global && function != "" {
		return false, false, sqlerr.New(sqlerr.InvalidParameterValue, "%s does not support the \"global\" option", function)
	}
	return fold, global, nil
}

// extent compiles for a function that shows what matched, groups included where it wants them. Go's leftmost-longest
// matching gives PostgreSQL's match when all quantifiers are greedy; its groups are PostgreSQL's when, besides, every
// quantifier applies to a single character and there is no alternation. Under that condition its ordinary matching gives
// the shortest match when all quantifiers are non-greedy. Random expressions, compared with PostgreSQL's answers, bear it out.
func (c *call) extent(pattern string, fold, groups bool) (*compiledARE, error) {
	re, err := c.regex(pattern, fold)
	if err != nil {
		return nil, err
	}
	simple := !re.info.alternation && !re.info.complexAtom
	if re.info.lazy && (re.info.greedy || !simple) {
		return nil, unsupportedRegexp("a non-greedy quantifier besides greedy ones, alternation or repeated groups, where it decides what matches,")
	}
	if groups && re.info.groups > 0 && (re.info.alternation || re.info.complexAtom) {
		return nil, unsupportedRegexp("alternation or repeated groups, where it decides what a group matches,")
	}
	if !re.info.lazy {
		re.re.Longest()
	}
	return re, nil
}

// matches are all matches from left to right as PostgreSQL finds them: behind an empty one the search goes on one
// character later, and an empty match right behind another match counts.
func matches(re *regexp.Regexp, s string) [][]int {
	var out [][]int
	for at := 0; at <= len(s); {
		m := matchFrom(re, s, at)
		if m == nil {
			break
		}
		out = append(out, m)
		if at = m[1]; m[0] == m[1] {
			if at >= len(s) {
				break
			}
			_, w := utf8.DecodeRuneInString(s[at:])
			at += w
		}
	}
	return out
}

// matchFrom searches from byte at on. \A matches only at 0, which searching in the rest would not know.
func matchFrom(re *regexp.Regexp, s string, at int) []int {
	if at > 0 && strings.Contains(re.String(), `\A`) {
		return matchAnchored(re, s, at)
	}
	m := re.FindStringSubmatchIndex(s[at:])
	for i := range m {
		if m[i] >= 0 {
			m[i] += at
		}
	}
	return m
}

// matchAnchored takes the matches that package regexp itself finds in the whole string.
func matchAnchored(re *regexp.Regexp, s string, at int) []int {
	for _, m := range re.FindAllStringSubmatchIndex(s, -1) {
		if m[0] >= at {
			return m
		}
	}
	return nil
}

func regexpReplace(c *call, dst []byte, s, pattern, with string) ([]byte, error) {
	return c.appendReplaced(dst, s, pattern, with, false, false)
}

func regexpReplaceFlags(c *call, args []*vector, out *vector) error {
	return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
		flags := args[3].str(i)
		if flags != "" && digitByte(flags[0]) {
			return dst, sqlerr.New(sqlerr.InvalidParameterValue, "invalid regular expression option: \"%s\"", flags[:1]).
				WithHint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.")
		}
		fold, global, err := regexFlags(flags, "")
		if err != nil {
			return dst, err
		}
		return c.appendReplaced(dst, args[0].str(i), args[1].str(i), args[2].str(i), fold, global)
	})
}

func (c *call) appendReplaced(dst []byte, s, pattern, with string, fold, global bool) ([]byte, error) {
	groups := false
	for i := 0; i+1 < len(with); i++ {
		if with[i] == '\\' {
			groups = groups || with[i+1] >= '1' && with[i+1] <= '9'
			i++
		}
	}
	re, err := c.extent(pattern, fold, groups)
	if err != nil {
		return dst, err
	}
	at := 0
	for _, m := range matches(re.re, s) {
		dst = append(dst, s[at:m[0]]...)
		dst = appendReplacement(dst, s, with, m)
		at = m[1]
		if !global {
			break
		}
	}
	return append(dst, s[at:]...), nil
}

// appendReplacement adds with, where \& is the match, \1 a group and \\ a backslash.
func appendReplacement(dst []byte, s, with string, m []int) []byte {
	for i := 0; i < len(with); i++ {
		if with[i] != '\\' || i+1 >= len(with) {
			dst = append(dst, with[i])
			continue
		}
		i++
		switch c := with[i]; {
		case c >= '1' && c <= '9':
			if k := 2 * int(c-'0'); k < len(m) && m[k] >= 0 {
				dst = append(dst, s[m[k]:m[k+1]]...)
			}
		case c == '&':
			dst = append(dst, s[m[0]:m[1]]...)
		case c == '\\':
			dst = append(dst, '\\')
		default:
			dst = append(dst, '\\', c)
		}
	}
	return dst
}

func flagArg(args []any, i int) string {
	if i < len(args) {
		return args[i].(string)
	}
	return ""
}

// regexpMatch is regexp_match: the groups of the first match, or the match itself when there are none.
func regexpMatch(c *call, args []any) (any, error) {
	fold, _, err := regexFlags(flagArg(args, 2), "regexp_match()")
	if err != nil {
		return nil, err
	}
	re, err := c.extent(args[1].(string), fold, true)
	if err != nil {
		return nil, err
	}
	s := args[0].(string)
	m := re.re.FindStringSubmatchIndex(s)
	if m == nil {
		return nil, nil
	}
	first := min(1, re.info.groups)
	out := make([]any, 0, len(m)/2)
	for k := first; k < len(m)/2; k++ {
		out = append(out, part(s, m, k))
	}
	return out, nil
}

func part(s string, m []int, k int) any {
	if m[2*k] < 0 {
		return nil
	}
	return s[m[2*k]:m[2*k+1]]
}

func regexpLike(c *call, args []any) (any, error) {
	fold, _, err := regexFlags(flagArg(args, 2), "regexp_like()")
	if err != nil {
		return nil, err
	}
	re, err := c.regex(args[1].(string), fold)
	if err != nil {
		return nil, err
	}
	return re.re.MatchString(args[0].(string)), nil
}

func regexpCount(c *call, args []any) (any, error) {
	start := int64(1)
	if len(args) > 2 {
		if start = args[2].(int64); start <= 0 {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for parameter \"%s\": %d", "start", start)
		}
	}
	fold, _, err := regexFlags(flagArg(args, 3), "regexp_count()")
	if err != nil {
		return nil, err
	}
	re, err := c.extent(args[1].(string), fold, false)
	if err != nil {
		return nil, err
	}
	s := args[0].(string)
	if start > int64(runeCount(s))+1 {
		return int64(0), nil
	}
	if start > 1 && strings.Contains(re.re.String(), `\A`) {
		return nil, unsupportedRegexp("an anchor, counted from a later position,")
	}
	return int64(len(matches(re.re, s[skipRunes(s, int(start)-1):]))), nil
}

func regexpSubstr(c *call, args []any) (any, error) {
	re, err := c.extent(args[1].(string), false, false)
	if err != nil {
		return nil, err
	}
	s := args[0].(string)
	m := re.re.FindStringIndex(s)
	if m == nil {
		return nil, nil
	}
	return s[m[0]:m[1]], nil
}

// regexpSubstring is substring(text from pattern): the first group, or the match when there is none.
func regexpSubstring(c *call, args []any) (any, error) {
	re, err := c.extent(args[1].(string), false, true)
	if err != nil {
		return nil, err
	}
	s := args[0].(string)
	m := re.re.FindStringSubmatchIndex(s)
	if m == nil {
		return nil, nil
	}
	return part(s, m, min(1, re.info.groups)), nil
}

// splitBy is regexp_split_to_array, and regexp_split_to_table: empty matches at the ends and right behind a match do not
// split.
func splitBy(function string) func(*call, []any) (any, error) {
	return func(c *call, args []any) (any, error) {
		fold, _, err := regexFlags(flagArg(args, 2), function)
		if err != nil {
			return nil, err
		}
		re, err := c.extent(args[1].(string), fold, false)
		if err != nil {
			return nil, err
		}
		s := args[0].(string)
		out, at := []any{}, 0
		for _, m := range matches(re.re, s) {
			if m[0] == m[1] && (m[0] >= len(s) || m[0] == at) {
				continue
			}
			out = append(out, s[at:m[0]])
			at = m[1]
		}
		return append(out, s[at:]), nil
	}
}

// appendSimilar rewrites a SIMILAR TO pattern to an ARE, as similar_to_escape of PostgreSQL does.
func appendSimilar(dst []byte, pattern, escape string) ([]byte, error) {
	dst = append(dst, "^(?:"...)
	inClass, afterEscape := false, false
	for i := 0; i < len(pattern); {
		_, w := utf8.DecodeRuneInString(pattern[i:])
		ch := pattern[i : i+w]
		i += w
		switch {
		case afterEscape:
			if ch == `"` && !inClass {
				return dst, sqlerr.Unsupported("a SIMILAR TO pattern with separators")
			}
			dst = append(append(dst, '\\'), ch...)
			afterEscape = false
		case ch == escape:
			afterEscape = true
		case inClass:
			if ch == `\` {
				dst = append(dst, '\\')
			}
			dst = append(dst, ch...)
			inClass = ch != "]"
		case ch == "[":
			dst = append(dst, '[')
			inClass = true
		case ch == "%":
			dst = append(dst, ".*"...)
		case ch == "_":
			dst = append(dst, '.')
		case ch == "(":
			dst = append(dst, "(?:"...)
		case ch == `\` || ch == "." || ch == "^" || ch == "$":
			dst = append(append(dst, '\\'), ch...)
		default:
			dst = append(dst, ch...)
		}
	}
	return append(dst, ")$"...), nil
}
