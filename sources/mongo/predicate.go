package mongo

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cockroachdb/apd/v3"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/numeric"
)

// predicateKind is the closed set of conditions that are sent to a server.
type predicateKind uint8

const (
	predAnd predicateKind = iota
	predOr
	predCompare // field op value
	predIn      // field IN values
	predNotIn
	predNull
	predNotNull
	predPrefix // field begins with value
)

// predicate is a condition of which SQL's NULL rules have been worked in: a document passes exactly when the SQL is
// true, negations stand at the leaves. It is immutable; values are filled in when a read begins.
type predicate struct {
	kind   predicateKind
	args   []*predicate
	field  *field
	op     string // of predCompare: = <> < <= > >=
	values []expr.Expr
}

// values gives constants and parameters their values: those of one execution, or placeholders for EXPLAIN.
type values struct {
	params []any
	text   bool
}

// placeholder stands for a parameter in the text of a plan.
type placeholder string

func (v values) datum(e expr.Expr) any {
	switch e := e.(type) {
	case *expr.Const:
		return e.Value
	case *expr.Param:
		if v.text {
			return placeholder("$" + itoa(e.Index))
		}
		return v.params[e.Index-1]
	}
	panic("mongo: a predicate's value is neither a constant nor a parameter")
}

// matchNone is a filter that no document passes, which servers answer without a read.
func matchNone() bson.D { return bson.D{{Key: "_id", Value: bson.D{{Key: "$in", Value: bson.A{}}}}} }

// render makes the filter document.
func (p *predicate) render(v values) bson.D {
	switch p.kind {
	case predAnd, predOr:
		return p.connect(v)
	case predIn, predNotIn:
		return p.list(v)
	case predNull:
		return p.null()
	case predNotNull:
		if p.field.op == opJSON || p.field.op == opArray {
			// An array that holds a null is equal to null for a server.
			return bson.D{{Key: "$or", Value: bson.A{p.is("$ne", nil), p.is("$type", "array")}}}
		}
		return p.is("$ne", nil)
	}
	d := v.datum(p.values[0])
	if d == nil {
		return matchNone()
	}
	if p.kind == predPrefix {
		return p.prefix(d)
	}
	return p.compare(d)
}

func (p *predicate) is(op string, value any) bson.D {
	return bson.D{{Key: p.field.path, Value: bson.D{{Key: op, Value: value}}}}
}

func (p *predicate) connect(v values) bson.D {
	args := make(bson.A, len(p.args))
	for i, a := range p.args {
		args[i] = a.render(v)
	}
	return bson.D{{Key: map[predicateKind]string{predAnd: "$and", predOr: "$or"}[p.kind], Value: args}}
}

func (p *predicate) null() bson.D {
	if p.field.op == opJSON || p.field.op == opArray {
		array := bson.D{{Key: "$type", Value: "array"}}
		return bson.D{{Key: "$and", Value: bson.A{p.is("$eq", nil), p.is("$not", array)}}}
	}
	return p.is("$eq", nil)
}

// list is [NOT] IN. A value that the field cannot be equal to is left out; one that cannot be sent makes IN pass all
// documents, which the residual then checks.
func (p *predicate) list(v values) bson.D {
	in := bson.A{}
	for _, e := range p.values {
		d := v.datum(e)
		if d == nil {
			if p.kind == predNotIn {
				return matchNone() // x NOT IN (…, NULL) is never true
			}
			continue
		}
		b, fit := bsonValue(p.field, d)
		switch {
		case fit == exactValue && p.kind == predIn:
			in = append(in, equals(b)...)
		case fit == exactValue:
			in = append(in, b)
		case fit == unsendable && p.kind == predIn:
			return p.is("$ne", nil)
		}
	}
	if p.kind == predNotIn {
		return p.is("$nin", append(in, nil))
	}
	if len(in) == 0 {
		return matchNone()
	}
	return p.is("$in", in)
}

var serverOps = map[string]string{"=": "$eq", "<": "$lt", "<=": "$lte", ">": "$gt", ">=": "$gte"}

func (p *predicate) compare(d any) bson.D {
	if s, ok := d.(string); ok && p.field.op == opObjectID {
		return p.compareObjectID(s)
	}
	if us, ok := d.(int64); ok && p.field.op == opTimestamp {
		return p.compareTime(us)
	}
	b, fit := bsonValue(p.field, d)
	if fit == unsendable {
		return p.is("$ne", nil)
	}
	if p.field.number() {
		return p.compareNumber(b, isNaN(d))
	}
	return p.plain(b)
}

// plain compares where the server's order is SQL's.
func (p *predicate) plain(b any) bson.D {
	switch same := equals(b); {
	case p.op == "<>":
		return p.is("$nin", bson.A{b, nil})
	case p.op == "=" && len(same) > 1:
		return p.is("$in", same)
	}
	return p.is(serverOps[p.op], b)
}

// equals are the values that equality with b must find: a UUID's bytes also under the subtypes that are no uuid, which
// $type cannot tell from it, so that such a document reaches the decoder and its error.
func equals(b any) bson.A {
	u, ok := b.(bson.Binary)
	if !ok {
		return bson.A{b}
	}
	return bson.A{u, bson.Binary{Subtype: 3, Data: u.Data}, bson.Binary{Subtype: 0, Data: u.Data}}
}

// compareNumber ranks NaN highest and equal to itself, as SQL does; to a server it is neither less nor greater than
// any number.
func (p *predicate) compareNumber(b any, nan bool) bson.D {
	switch {
	case nan && p.op == "<":
		return p.is("$nin", bson.A{math.NaN(), nil})
	case nan && p.op == "<=":
		return p.is("$ne", nil)
	case nan && p.op == ">":
		return matchNone()
	case nan && p.op == ">=":
		return p.is("$eq", math.NaN())
	case p.op == ">" || p.op == ">=":
		return bson.D{{Key: "$or", Value: bson.A{p.plain(b), p.is("$eq", math.NaN())}}}
	}
	return p.plain(b)
}

func isNaN(d any) bool {
	switch d := d.(type) {
	case float64:
		return math.IsNaN(d)
	case *apd.Decimal:
		return d.Form == apd.NaN || d.Form == apd.NaNSignaling
	}
	return false
}

// compareTime compares microseconds with the server's milliseconds.
func (p *predicate) compareTime(us int64) bson.D {
	floor := us / 1000
	if us%1000 < 0 {
		floor--
	}
	if floor*1000 == us {
		return p.plain(bson.DateTime(floor))
	}
	less := p.op == "<" || p.op == "<="
	switch {
	case p.op == "<>", us == math.MaxInt64 && less, us == math.MinInt64 && !less && p.op != "=":
		return p.is("$ne", nil)
	case p.op == "=", us == math.MaxInt64, us == math.MinInt64: // an infinity, which BSON's dates do not have
		return matchNone()
	case less:
		return p.is("$lte", bson.DateTime(floor))
	}
	return p.is("$gt", bson.DateTime(floor))
}

// compareObjectID compares the 24 hexadecimal digits with any text.
func (p *predicate) compareObjectID(s string) bson.D {
	id, exact, above := ceilObjectID(s)
	switch {
	case exact:
		return p.plain(id)
	case p.op == "=":
		return matchNone()
	case p.op == "<>":
		return p.is("$ne", nil)
	case p.op == "<" || p.op == "<=":
		if above {
			return p.is("$ne", nil)
		}
		return p.is("$lt", id)
	case above:
		return matchNone()
	}
	return p.is("$gte", id)
}

// ceilObjectID is the least ObjectId whose hex is s or sorts after it; exact: it is s. above: every hex sorts before s.
func ceilObjectID(s string) (id bson.ObjectID, exact, above bool) {
	hex := []byte(strings.Repeat("0", 24))
	for i := range hex {
		if i == len(s) {
			break // s is a proper prefix of the hex with zeros appended
		}
		next := strings.IndexFunc(hexDigits, func(r rune) bool { return byte(r) >= s[i] })
		if next >= 0 && hexDigits[next] == s[i] {
			hex[i] = s[i]
			continue
		}
		if next >= 0 {
			hex[i] = hexDigits[next]
		} else if !incrementHex(hex[:i]) {
			return id, false, true
		}
		return parseObjectID(hex), false, false
	}
	if len(s) > 24 && !incrementHex(hex) {
		return id, false, true
	}
	return parseObjectID(hex), len(s) == 24, false
}

// incrementHex adds one to a number in hex; false when it was the largest.
func incrementHex(hex []byte) bool {
	for i := len(hex) - 1; i >= 0; i-- {
		if hex[i] != 'f' {
			hex[i] = hexDigits[strings.IndexByte(hexDigits, hex[i])+1]
			return true
		}
		hex[i] = '0'
	}
	return false
}

func parseObjectID(hex []byte) bson.ObjectID {
	id, err := bson.ObjectIDFromHex(string(hex))
	if err != nil {
		panic("mongo: " + err.Error())
	}
	return id
}

// prefix is a range: text that begins with s lies between s and the least text that sorts after all such. No pattern
// is sent, so that nothing has to be escaped and an index serves.
func (p *predicate) prefix(d any) bson.D {
	if ph, ok := d.(placeholder); ok {
		return p.is("$regex", "^"+ph)
	}
	s := d.(string)
	if s == "" {
		return p.is("$ne", nil)
	}
	bounds := bson.D{{Key: "$gte", Value: s}}
	if next, ok := successor(s); ok {
		bounds = append(bounds, bson.E{Key: "$lt", Value: next})
	} else {
		bounds = append(bounds, bson.E{Key: "$type", Value: "string"})
	}
	return bson.D{{Key: p.field.path, Value: bounds}}
}

// successor is the least string that sorts after every string that begins with s; UTF-8 sorts like its code points.
func successor(s string) (string, bool) {
	runes := []rune(s)
	for i, r := range slices.Backward(runes) {
		r++
		if r == 0xd800 {
			r = 0xe000
		}
		if r <= utf8.MaxRune {
			return string(append(runes[:i:i], r)), true
		}
	}
	return "", false
}

// fitness says whether a datum could be turned into a BSON value.
type fitness uint8

const (
	exactValue fitness = iota
	neverEqual         // no value of the field is equal to it
	unsendable         // BSON has no such number: the document passes and is checked again
)

// bsonValue is the BSON value that equals a datum.
func bsonValue(f *field, d any) (any, fitness) {
	switch d := d.(type) {
	case placeholder:
		return string(d), exactValue
	case *apd.Decimal:
		dec, ok := decimalOf(numeric.FromApd(d))
		if !ok {
			return nil, unsendable
		}
		return dec, exactValue
	case [16]byte:
		return bson.Binary{Subtype: 4, Data: d[:]}, exactValue
	case int64:
		if f.op != opTimestamp {
			return d, exactValue
		}
		if d%1000 != 0 {
			return nil, neverEqual
		}
		return bson.DateTime(d / 1000), exactValue
	case string:
		if f.op != opObjectID {
			return d, exactValue
		}
		id, exact, _ := ceilObjectID(d)
		if !exact {
			return nil, neverEqual
		}
		return id, exactValue
	}
	return d, exactValue // bool, float64
}

// badTypes are the BSON types that a field's type does not hold, so that documents with such values reach the decoder
// and its error instead of failing a comparison silently. Servers compare numbers by value whatever their types.
func badTypes(f *field) bson.A {
	if f.op == opJSON {
		return nil
	}
	good := map[op]string{
		opText: "string", opObjectID: "objectId", opBool: "bool", opTimestamp: "date", opUUID: "binData",
		opComposite: "object", opArray: "array",
	}[f.op]
	out := bson.A{}
	for _, t := range allTypes {
		number := t == "int" || t == "long" || t == "double" || t == "decimal"
		if t != good && !(number && f.number()) {
			out = append(out, t)
		}
	}
	return out
}

// allTypes are BSON's types but for null and undefined, which are NULL.
var allTypes = []string{
	"double", "string", "object", "array", "binData", "objectId", "bool", "date", "regex", "dbPointer", "javascript",
	"symbol", "javascriptWithScope", "int", "timestamp", "long", "decimal", "minKey", "maxKey",
}

// guarded adds to a conjunct the documents whose values, or the documents around them, are of the wrong types, where
// these are errors.
func guarded(p *predicate, v values) bson.D {
	arms := bson.A{p.render(v)}
	seen := map[*field]bool{}
	p.each(func(leaf *predicate) {
		for _, f := range append(slices.Clone(leaf.field.parents), leaf.field) {
			bad := badTypes(f)
			if f.null || seen[f] || len(bad) == 0 {
				continue
			}
			seen[f] = true
			test := bson.D{{Key: "$type", Value: bad}}
			if f.op == opArray {
				// $type looks into arrays.
				test = append(test, bson.E{Key: "$not", Value: bson.D{{Key: "$type", Value: "array"}}})
			}
			arms = append(arms, bson.D{{Key: f.path, Value: test}})
		}
	})
	if len(arms) == 1 {
		return arms[0].(bson.D)
	}
	return bson.D{{Key: "$or", Value: arms}}
}

// each visits the leaves.
func (p *predicate) each(visit func(*predicate)) {
	if p.field != nil {
		visit(p)
	}
	for _, a := range p.args {
		a.each(visit)
	}
}
