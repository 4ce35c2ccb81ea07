package jsonpath

import (
	"math"
	"strconv"

	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/types"
)

func numberJSON(v any) *datum.JSON {
	return &datum.JSON{Kind: datum.JSONNumber, Number: v.(*apd.Decimal)}
}

func intJSON(v int64) *datum.JSON { return numberJSON(numeric.FromInt64(v, 0).Apd()) }

// truncated is the integer part, if it is an int4.
func truncated(d *apd.Decimal) (int64, bool) {
	i, ok := numeric.FromApd(d).Trunc(0).Int64()
	return i, ok && i >= math.MinInt32 && i <= math.MaxInt32
}

var arithmetic = map[op]func(a, b numeric.Num) (numeric.Num, error){
	opAdd: numeric.Add, opSub: numeric.Sub, opMul: numeric.Mul, opDiv: numeric.Div, opMod: numeric.Mod,
}

// binary computes with two single numbers.
func (e *execution) binary(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	left, err := e.operand(it.left, v, true)
	if err != nil {
		return false, err
	}
	right, err := e.operand(it.right, v, true)
	if err != nil {
		return false, err
	}
	a, err := singleNumber(it, left, "left")
	if err != nil {
		return false, err
	}
	b, err := singleNumber(it, right, "right")
	if err != nil {
		return false, err
	}
	n, err := arithmetic[it.op](a, b)
	if err != nil {
		return false, failure{err}
	}
	return e.then(it, numberJSON(n.Apd()), out)
}

func singleNumber(it *item, items []*datum.JSON, side string) (numeric.Num, error) {
	if len(items) != 1 || items[0].Kind != datum.JSONNumber {
		return numeric.Num{}, fail(singletonRequired, "%s operand of jsonpath operator %s is not a single numeric value", side, symbols[it.op])
	}
	return numeric.FromApd(items[0].Number), nil
}

// unary is + or - of each item.
func (e *execution) unary(it *item, v *datum.JSON, out *[]*datum.JSON) (bool, error) {
	items, err := e.operand(it.left, v, true)
	if err != nil {
		return false, err
	}
	any := false
	for _, i := range items {
		if i.Kind != datum.JSONNumber {
			if out == nil && it.next == nil {
				continue
			}
			return false, fail(numberNotFound, "operand of unary jsonpath operator %s is not a numeric value", symbols[it.op])
		}
		if it.op == opMinus {
			i = numberJSON(numeric.FromApd(i.Number).Negate().Apd())
		}
		found, err := e.then(it, i, out)
		if err != nil {
			return false, err
		}
		if any = any || found; found && out == nil {
			return true, nil
		}
	}
	return any, nil
}

// method is type(), size(), double() and the functions of numbers.
func (e *execution) method(it *item, v *datum.JSON, out *[]*datum.JSON, unwrap bool) (bool, error) {
	switch it.name {
	case "type":
		name := v.Kind.String()
		if d, ok := e.datetimes[v]; ok {
			name = d.Type.String()
		}
		return e.then(it, &datum.JSON{Kind: datum.JSONString, String: name}, out)
	case "size":
		n := 1
		switch {
		case isArray(v):
			n = len(v.Elems)
		case !e.lax:
			if e.ignore {
				return false, nil
			}
			return false, fail(arrayNotFound, "jsonpath item method .size() can only be applied to an array")
		}
		return e.then(it, intJSON(int64(n)), out)
	}
	if unwrap && isArray(v) {
		return e.unwrapped(it, v, out)
	}
	switch it.name {
	case "datetime":
		return e.datetime(it, v, out)
	case "keyvalue":
		return e.keyValue(it, v, out)
	case "double":
		d, err := e.double(v)
		if err != nil {
			return false, err
		}
		return e.then(it, d, out)
	}
	if v.Kind != datum.JSONNumber {
		return false, fail(nonNumericItem, "jsonpath item method .%s() can only be applied to a numeric value", it.name)
	}
	n := numeric.FromApd(v.Number)
	switch it.name {
	case "abs":
		n = n.Abs()
	case "floor":
		n = n.Floor()
	case "ceiling":
		n = n.Ceil()
	}
	return e.then(it, numberJSON(n.Apd()), out)
}

// double is a number that a float8 holds, or a text of one.
func (e *execution) double(v *datum.JSON) (*datum.JSON, error) {
	switch kind := e.kind(v); kind {
	case datum.JSONNumber:
		f, err := strconv.ParseFloat(string(datum.AppendNumeric(nil, v.Number)), 64)
		if err != nil || math.IsInf(f, 0) {
			return nil, fail(nonNumericItem, "numeric argument of jsonpath item method .double() is out of range for type double precision")
		}
		return v, nil
	case datum.JSONString:
		f, err := datum.Parse(types.Float8T, v.String, nil)
		if x, ok := f.(float64); err == nil && ok && !math.IsInf(x, 0) && !math.IsNaN(x) {
			return numberJSON(numeric.FromFloat64(x).Apd()), nil
		}
		return nil, fail(nonNumericItem,
			"string argument of jsonpath item method .double() is not a valid representation of a double precision number")
	}
	return nil, fail(nonNumericItem, "jsonpath item method .double() can only be applied to a string or numeric value")
}
