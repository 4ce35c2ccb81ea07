package mongo

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
	"github.com/skeinsql/skein/sources"
)

// dynamicValues is how many keys of a join's build side are sent as $in; more are sent as their bounds.
const dynamicValues = 1000

// filterable are the output columns that take dynamic filters: none under a limit, which would cut other rows.
func (b *planner) filterable() []expr.ColumnID {
	if b.scan.limit != nil {
		return nil
	}
	var out []expr.ColumnID
	for _, c := range b.scan.cols {
		f := b.tr.fields[c.ID]
		if f != nil && f.addressable && f.op != opBool && b.tr.comparable(f, "=", &expr.Const{Typ: c.Type}) {
			out = append(out, c.ID)
		}
	}
	return out
}

// dynamic renders the filters that have been published by now. none: no row can match. A document whose key is of
// another type than its column passes, as with any filter, and raises its error.
func (s *Scan) dynamic(ctx context.Context, env *sources.Env) (more []bson.D, none bool) {
	if env == nil || env.Env == nil {
		return nil, false
	}
	for _, f := range env.Filters {
		for i, c := range s.cols {
			if c.ID != f.Column {
				continue
			}
			set := f.Wait(ctx, 0)
			if set == nil {
				continue
			}
			if set.Empty {
				return nil, true
			}
			for _, p := range keyPredicates(s.detail.fields[s.ordinals[i]], c.Type, set) {
				more = append(more, guarded(p, values{}))
			}
		}
	}
	return more, false
}

func keyPredicates(f *field, t *types.Type, set *eval.KeySet) []*predicate {
	if set.Values != nil && set.Values.Len() <= dynamicValues {
		p := &predicate{kind: predIn, field: f}
		for i := range set.Values.Len() {
			d := keyDatum(set.Values, i)
			if d == nil {
				return nil
			}
			p.values = append(p.values, &expr.Const{Typ: t, Value: d})
		}
		return []*predicate{p}
	}
	var out []*predicate
	for op, d := range map[string]any{">=": set.Min, "<=": set.Max} {
		if d != nil && f.op != opUUID {
			out = append(out, &predicate{kind: predCompare, field: f, op: op, values: []expr.Expr{&expr.Const{Typ: t, Value: d}}})
		}
	}
	return out
}

// keyDatum is a key as a datum, nil for storages that keys are not sent from.
func keyDatum(keys arrow.Array, i int) any {
	switch a := keys.(type) {
	case *array.Int16:
		return int64(a.Value(i))
	case *array.Int32:
		return int64(a.Value(i))
	case *array.Int64:
		return a.Value(i)
	case *array.Timestamp:
		return int64(a.Value(i))
	case *array.Float64:
		return a.Value(i)
	case *array.String:
		return a.Value(i)
	case *array.FixedSizeBinary:
		return [16]byte(a.Value(i))
	}
	return nil
}
