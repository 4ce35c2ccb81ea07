package parse

import (
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// The limits of one text. The C parser recurses over the tree on a thread's stack: with 8 MiB a chain of 64,000 operators
// kills the process. Chains of 4,000 and subqueries 1,000 deep pass; beyond them its own limits, or those of the
// tree's encoding, still give errors. What the guard lets through is far below all of these.
const (
	MaxBytes  = 4 << 20
	MaxTokens = 500_000
	// MaxDepth bounds the depth that a tree can have: parentheses, brackets, CASE, and the operators that are
	// chained without a comma, AND or OR between them, all summed along one way down.
	MaxDepth = 600
)

// level is what is open at one place of the text: the links of the chain being read, which deepen the tree, and
// those that only the end of the level clears.
type level struct {
	chain   int // operators since the last comma, AND or OR
	lasting int // joins and set operations
	isCase  bool
}

// guard counts what makes a tree deep.
type guard struct {
	levels []level
	depth  int
	tokens int
	// label: the last token was a dot or AS, after which a keyword is a name.
	label bool
}

// check says whether text can be given to the C parser; 54001 with the limit's name when it cannot.
func check(text string) error {
	if len(text) > MaxBytes {
		return sqlerr.New(sqlerr.StatementTooComplex, "the statement has %d bytes: at most %d are allowed", len(text), MaxBytes)
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return sqlerr.New(sqlerr.CharacterNotInRepertoire, "invalid byte sequence for encoding \"UTF8\": 0x00").
			At(charAt(text, i))
	}
	s := scanner{text: text}
	g := guard{levels: []level{{}}}
	for t := s.next(); t.kind != tokEnd; t = s.next() {
		g.take(t, text[t.start:t.end])
		if g.depth > MaxDepth {
			return sqlerr.New(sqlerr.StatementTooComplex,
				"the statement is nested or chained more than %d deep", MaxDepth).At(charAt(text, t.start)).
				WithHint("Use IN or = ANY for long lists of alternatives, and parentheses to balance long chains of operators.")
		}
		if g.tokens++; g.tokens > MaxTokens {
			return sqlerr.New(sqlerr.StatementTooComplex, "the statement has more than %d words and symbols", MaxTokens).
				WithHint("Send long lists as one array parameter.")
		}
	}
	return nil
}

func (g *guard) top() *level { return &g.levels[len(g.levels)-1] }

func (g *guard) push(l level) {
	g.levels = append(g.levels, l)
	g.depth++
}

func (g *guard) pop() {
	if len(g.levels) > 1 {
		l := g.top()
		g.depth -= 1 + l.chain + l.lasting
		g.levels = g.levels[:len(g.levels)-1]
	}
}

func (g *guard) reset() {
	l := g.top()
	g.depth -= l.chain
	l.chain = 0
}

func (g *guard) link() {
	g.top().chain++
	g.depth++
}

func (g *guard) lasting() {
	g.top().lasting++
	g.depth++
}

func (g *guard) take(t token, s string) {
	label := g.label
	g.label = s == "." || t.kind == tokIdent && strings.EqualFold(s, "as")
	switch t.kind {
	case tokOperator:
		g.link()
	case tokIdent:
		if !label {
			g.word(s)
		}
	case tokPunct:
		switch s {
		case "(", "[":
			g.push(level{})
		case ")", "]":
			g.pop()
			if s == "]" {
				g.link() // a[1][2] and repeated subscripts
			}
		case ",":
			g.reset()
		case ";":
			*g = guard{levels: []level{{}}, tokens: g.tokens}
		}
	}
}

// chainWords deepen the tree as operators do; none is longer than 10 bytes.
var chainWords = map[string]bool{
	"not": true, "is": true, "isnull": true, "notnull": true, "in": true, "like": true, "ilike": true, "similar": true,
	"between": true, "collate": true, "at": true, "overlaps": true, "operator": true, "escape": true, "all": true,
	"any": true, "some": true, "explain": true, "prepare": true,
}

func (g *guard) word(s string) {
	if len(s) > 10 {
		return
	}
	switch w := strings.ToLower(s); w {
	case "case":
		g.push(level{isCase: true})
	case "end":
		if g.top().isCase {
			g.pop()
		}
	case "and", "or", "when", "then", "else":
		g.reset()
	case "join", "union", "intersect", "except":
		g.lasting()
	default:
		if chainWords[w] {
			g.link()
		}
	}
}
