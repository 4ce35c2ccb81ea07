package exec

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// jsonTexts turns columns into the JSON text of their values, by to_json and to_jsonb of package eval.
type jsonTexts struct {
	schema *arrow.Schema
	proj   *eval.Projection
	run    *run
}

// jsonTextsOf converts argument i by functions[i].
func jsonTextsOf(r *run, args []expr.Expr, functions ...string) (*jsonTexts, error) {
	cols, es := make([]plan.Column, len(args)), make([]expr.Expr, len(args))
	for i, a := range args {
		cols[i] = plan.Column{ID: expr.ColumnID(i + 1), Type: a.Type(), Nullable: true}
		f := expr.MustFunction(functions[i])
		es[i] = &expr.Call{Fn: f, Args: []expr.Expr{cols[i].Ref()}, Typ: f.Result}
	}
	proj, err := project(es, cols)
	return &jsonTexts{schema: schemaOf(cols), proj: proj, run: r}, err
}

func (t *jsonTexts) open() *eval.Evaluator { return t.proj.Open(t.run.rt.Env) }

// of converts columns; the caller releases what it gets.
func (t *jsonTexts) of(ev *eval.Evaluator, args []arrow.Array) ([]arrow.Array, error) {
	for _, a := range args {
		a.Retain()
	}
	rec := batch.NewRecord(t.schema, args, args[0].Len())
	defer rec.Release()
	return ev.Eval(rec)
}

// jsonList is json_agg and jsonb_agg. json_agg puts arrays and rows on lines of their own.
type jsonList struct {
	typ   *types.Type
	lines bool
	texts *jsonTexts
	ev    *eval.Evaluator
	rows  *rowStore
}

func jsonListOf(r *run, item plan.AggItem) (func() accumulator, error) {
	convert, arg := "to_json", item.Args[0].Type()
	if item.Type.Kind == types.JSONB {
		convert = "to_jsonb"
	}
	texts, err := jsonTextsOf(r, item.Args, convert)
	if err != nil {
		return nil, err
	}
	lines := item.Type.Kind == types.JSON && (arg.Kind == types.Array || arg.Kind == types.Composite || arg.Kind == types.Record)
	return func() accumulator {
		return &jsonList{typ: item.Type, lines: lines, texts: texts, ev: texts.open(), rows: newRowStore(1)}
	}, nil
}

func (j *jsonList) grow(n int) { j.rows.grow(n) }

func (j *jsonList) add(ids []int32, args []arrow.Array) error {
	if len(ids) == 0 {
		return nil
	}
	texts, err := j.texts.of(j.ev, args)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(texts)
	j.rows.add(ids, texts)
	return nil
}

func (j *jsonList) merge(o accumulator, from, to []int32) error {
	return j.rows.merge(o.(*jsonList).rows, from, to)
}

func (j *jsonList) bytes() int64 { return j.rows.held }

func (j *jsonList) result(from, to int) (arrow.Array, error) {
	if err := j.rows.settle(); err != nil {
		return nil, err
	}
	return textPerGroup(j.typ, from, to, func(dst []byte, g int) ([]byte, bool, error) {
		rows := j.rows.rows(g)
		if len(rows) == 0 {
			return dst, true, nil
		}
		texts := newJSONColumn(j.rows.cols[0])
		dst = append(dst, '[')
		for i, r := range rows {
			switch {
			case i == 0:
			case j.lines && !texts.null(r):
				dst = append(dst, ", \n "...)
			default:
				dst = append(dst, ", "...)
			}
			dst = texts.appendJSON(dst, r)
		}
		return append(dst, ']'), false, nil
	})
}

// jsonColumn is a string array's values by row.
type jsonColumn struct {
	offs  []int32
	data  []byte
	nulls []bool
}

func newJSONColumn(a arrow.Array) jsonColumn {
	t := jsonColumn{nulls: nullsOf(a)}
	t.offs, t.data = varView(a.Data())
	return t
}

func (t *jsonColumn) null(r int32) bool { return t.nulls != nil && t.nulls[r] }

func (t *jsonColumn) at(r int32) []byte { return t.data[t.offs[r]:t.offs[r+1]] }

// appendJSON adds a value that is JSON text, NULL as null.
func (t *jsonColumn) appendJSON(dst []byte, r int32) []byte {
	if t.null(r) {
		return append(dst, "null"...)
	}
	return append(dst, t.at(r)...)
}

// textPerGroup is a string array of what each group appends, or NULL.
func textPerGroup(t *types.Type, from, to int, group func(dst []byte, g int) ([]byte, bool, error)) (arrow.Array, error) {
	offs, null, data := make([]int32, to-from+1), make([]bool, to-from), []byte(nil)
	for i := range null {
		var err error
		if data, null[i], err = group(data, from+i); err != nil {
			return nil, err
		}
		if len(data) > math.MaxInt32 {
			return nil, tooLong(len(data))
		}
		offs[i+1] = int32(len(data))
	}
	return bytesArray(t.Arrow(), offs, data, null), nil
}

// jsonObject is json_object_agg, which keeps pairs as they come, and jsonb_object_agg, where the last of equal keys wins.
type jsonObject struct {
	typ   *types.Type
	key   *types.Type
	texts *jsonTexts
	ev    *eval.Evaluator
	rows  *rowStore
}

func jsonObjectOf(r *run, item plan.AggItem) (func() accumulator, error) {
	convert := "to_json"
	if item.Type.Kind == types.JSONB {
		convert = "to_jsonb"
	}
	texts, err := jsonTextsOf(r, item.Args, "to_json", convert)
	if err != nil {
		return nil, err
	}
	return func() accumulator {
		return &jsonObject{typ: item.Type, key: item.Args[0].Type(), texts: texts, ev: texts.open(), rows: newRowStore(2)}
	}, nil
}

func (j *jsonObject) grow(n int) { j.rows.grow(n) }

func (j *jsonObject) add(ids []int32, args []arrow.Array) error {
	if len(ids) == 0 {
		return nil
	}
	if args[0].NullN() > 0 {
		return sqlerr.New(sqlerr.InvalidParameterValue, "field name must not be null")
	}
	switch j.key.Kind {
	case types.Array, types.Composite, types.Record, types.JSON, types.JSONB:
		return sqlerr.New(sqlerr.InvalidParameterValue, "key value must be scalar, not array, composite, or json")
	}
	texts, err := j.texts.of(j.ev, args)
	if err != nil {
		return err
	}
	defer batch.ReleaseAll(texts)
	j.rows.add(ids, texts)
	return nil
}

func (j *jsonObject) merge(o accumulator, from, to []int32) error {
	return j.rows.merge(o.(*jsonObject).rows, from, to)
}

func (j *jsonObject) bytes() int64 { return j.rows.held }

func (j *jsonObject) result(from, to int) (arrow.Array, error) {
	if err := j.rows.settle(); err != nil {
		return nil, err
	}
	return textPerGroup(j.typ, from, to, func(dst []byte, g int) ([]byte, bool, error) {
		if len(j.rows.rows(g)) == 0 {
			return dst, true, nil
		}
		if j.typ.Kind == types.JSON {
			return j.appendPairs(dst, g), false, nil
		}
		v, err := datum.Parse(j.typ, string(j.appendPairs(nil, g)), nil)
		if err != nil {
			return nil, false, err
		}
		return append(dst, v.(string)...), false, nil
	})
}

func (j *jsonObject) appendPairs(dst []byte, g int) []byte {
	keys, values := newJSONColumn(j.rows.cols[0]), newJSONColumn(j.rows.cols[1])
	dst = append(dst, "{ "...)
	for i, r := range j.rows.rows(g) {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		// What to_json leaves bare (numbers, truths) needs nothing but quotes to be a key.
		if k := keys.at(r); k[0] == '"' {
			dst = append(dst, k...)
		} else {
			dst = append(append(append(dst, '"'), k...), '"')
		}
		dst = values.appendJSON(append(dst, " : "...), r)
	}
	return append(dst, " }"...)
}
