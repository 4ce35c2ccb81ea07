package eval

import (
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// jsonbToBool takes the truth value that a document is.
func jsonbToBool(c *call, args []*vector, out *vector) error {
	clear(out.bits)
	for i := range c.n {
		if !c.rowValid(i) {
			continue
		}
		v, err := datum.ParseJSONB(string(args[0].bytes(i)))
		if err != nil {
			return err
		}
		if v.Kind != datum.JSONBool {
			return cannotCastJSON(v, types.BoolT)
		}
		setBit(out.bits, i, v.Bool)
	}
	return nil
}

// jsonbToNumber takes the number that a document is, and converts it as numeric.
func jsonbToNumber(to *types.Type) kernel {
	convert := numberCast(types.NumericT, to)
	return func(c *call, args []*vector, out *vector) error {
		nums := make([]numeric.Num, c.n)
		for i := range nums {
			if !c.rowValid(i) {
				continue
			}
			v, err := datum.ParseJSONB(string(args[0].bytes(i)))
			if err != nil {
				return err
			}
			if v.Kind != datum.JSONNumber {
				return cannotCastJSON(v, to)
			}
			nums[i] = numeric.FromApd(v.Number)
		}
		if convert == nil {
			return storeNums(out, nums)
		}
		mid := &vector{}
		mid.reset(types.NumericT, c.n)
		if err := storeNums(mid, nums); err != nil {
			return err
		}
		inner := *c
		inner.args = []*types.Type{types.NumericT}
		return convert(&inner, []*vector{mid}, out)
	}
}

func cannotCastJSON(v *datum.JSON, to *types.Type) error {
	return sqlerr.New(sqlerr.InvalidParameterValue, "cannot cast jsonb %s to type %s", v.Kind, to.WithMod(-1))
}
