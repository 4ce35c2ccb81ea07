package parse

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// newerNodes are nodes of the tree that PostgreSQL 15 has no syntax for, by the name of their message.
var newerNodes = map[protoreflect.Name]string{
	"JsonFuncExpr": "JSON_QUERY, JSON_VALUE and JSON_EXISTS", "JsonTable": "JSON_TABLE",
	"JsonObjectConstructor": "JSON_OBJECT", "JsonArrayConstructor": "JSON_ARRAY",
	"JsonArrayQueryConstructor": "JSON_ARRAY", "JsonParseExpr": "JSON()", "JsonScalarExpr": "JSON_SCALAR",
	"JsonSerializeExpr": "JSON_SERIALIZE", "JsonIsPredicate": "IS JSON", "JsonObjectAgg": "JSON_OBJECTAGG",
	"JsonArrayAgg": "JSON_ARRAYAGG",
}

// refuseNewer refuses what the grammar takes but PostgreSQL 15 does not.
func refuseNewer(s *Statement, root *Node) error {
	var found error
	visit(root, func(m protoreflect.Message) bool {
		if found != nil {
			return false
		}
		if what, ok := newerNodes[m.Descriptor().Name()]; ok {
			found = sqlerr.New(sqlerr.FeatureNotSupported, "%s is newer than PostgreSQL 15 and not supported", what).
				At(s.Position(locationOf(m)))
			return false
		}
		switch n := m.Interface().(type) {
		case *RangeSubselect:
			found = needsAlias(s, n)
		case *MergeStmt:
			if len(n.ReturningList) > 0 {
				found = sqlerr.New(sqlerr.FeatureNotSupported, "MERGE … RETURNING is newer than PostgreSQL 15 and not supported")
			}
		}
		return found == nil
	})
	return found
}

// needsAlias: until PostgreSQL 16 a subquery in FROM must have a name.
func needsAlias(s *Statement, n *RangeSubselect) error {
	if n.Alias != nil {
		return nil
	}
	what, example := "subquery", "(SELECT ...)"
	if len(n.Subquery.GetSelectStmt().GetValuesLists()) > 0 {
		what, example = "VALUES", "(VALUES ...)"
	}
	return sqlerr.New(sqlerr.SyntaxError, "%s in FROM must have an alias", what).
		WithHint("For example, FROM %s [AS] foo.", example).At(s.openParen(firstLocation(n.Subquery)))
}

// openParen is the position of the parenthesis around the query that stands at a location, 0 for none.
func (s *Statement) openParen(location int32) int {
	if location < 0 {
		return 0
	}
	sc := scanner{text: s.form.text[:min(int(location), len(s.form.text))]}
	var open []int
	found, last := -1, ""
	for t := sc.next(); t.kind != tokEnd; t = sc.next() {
		word := strings.ToLower(sc.text[t.start:t.end])
		if last == "(" && (word == "select" || word == "values" || word == "with" || word == "table") {
			found = open[len(open)-1]
		}
		switch word {
		case "(":
			open = append(open, t.start)
		case ")":
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
		last = word
	}
	if found < 0 {
		return 0
	}
	return s.Position(int32(found))
}

// checkNumbers refuses the integer notations of PostgreSQL 16: 0x1F, 0o7, 0b1, 1_000.
func checkNumbers(text string) error {
	if !strings.ContainsAny(text, "0_") {
		return nil
	}
	s := scanner{text: text}
	for t := s.next(); t.kind != tokEnd; t = s.next() {
		if t.kind != tokNumber {
			continue
		}
		w := text[t.start:t.end]
		if len(w) > 1 && (strings.Contains(w, "_") || w[0] == '0' && strings.IndexByte("xXoObB", w[1]) >= 0) {
			return sqlerr.New(sqlerr.SyntaxError, "trailing junk after numeric literal at or near %q", w).
				At(charAt(text, t.start))
		}
	}
	return nil
}

// visit calls f for every message of the tree below and including n, parents first, while f returns true.
func visit(n *Node, f func(protoreflect.Message) bool) {
	if n != nil {
		visitMessage(n.ProtoReflect(), f)
	}
}

func visitMessage(m protoreflect.Message, f func(protoreflect.Message) bool) {
	if !f(m) {
		return
	}
	m.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.Kind() != protoreflect.MessageKind {
			return true
		}
		if !fd.IsList() {
			visitMessage(v.Message(), f)
			return true
		}
		for i, l := 0, v.List(); i < l.Len(); i++ {
			visitMessage(l.Get(i).Message(), f)
		}
		return true
	})
}

// Visit calls f for every node below and including n, parents first, while f returns true: f gets the node as the
// pointer that Node's wrappers hold (*RangeVar, *FuncCall, …).
func Visit(n *Node, f func(node any) bool) {
	visit(n, func(m protoreflect.Message) bool { return f(m.Interface()) })
}

func locationOf(m protoreflect.Message) int32 {
	fd := m.Descriptor().Fields().ByName("location")
	if fd == nil || fd.Kind() != protoreflect.Int32Kind {
		return -1
	}
	return int32(m.Get(fd).Int())
}

// firstLocation is the leftmost location in the tree, -1 for none: what PostgreSQL calls exprLocation.
func firstLocation(n *Node) int32 {
	first := int32(-1)
	visit(n, func(m protoreflect.Message) bool {
		if l := locationOf(m); l >= 0 && hasLocation(m) && (first < 0 || l < first) {
			first = l
		}
		return true
	})
	return first
}

// hasLocation: a location of 0 is left out of the wire form, as an unset one is; only nodes that always have one count.
func hasLocation(m protoreflect.Message) bool {
	return m.Descriptor().Fields().ByName("location") != nil
}

// FirstLocation is the leftmost location below and including n, -1 for none.
func FirstLocation(n *Node) int32 { return firstLocation(n) }

func countParams(n *Node) int {
	most := int32(0)
	visit(n, func(m protoreflect.Message) bool {
		if p, ok := m.Interface().(*ParamRef); ok {
			most = max(most, p.Number)
		}
		return true
	})
	return int(most)
}
