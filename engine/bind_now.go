package engine

import (
	"context"
	"time"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
)

// outdated says that tables of a kept plan are no longer what they were when it was made, and drops the plan.
func (s *Session) outdated(ctx context.Context, p *planned) bool {
	changed := false
	err := s.planning(ctx, p.text, func(ctx context.Context) error {
		changed = s.engine.catalog.Changed(ctx, p.bound.Tables, time.Now())
		return ctx.Err()
	})
	if changed {
		s.engine.plans.drop(s.planKey(p.stmt.Text), p)
	}
	return changed || err != nil // a planning of its own meets the error again
}

// bindNow binds a statement to its tables as they are now: those that were known before are verified, also when the
// statement does not fit what was known of them. The second result says that a new table may change what names mean.
func (s *Session) bindNow(ctx context.Context, stmt *parse.Statement, o planOptions) (*bind.Bound, bool, error) {
	for again := false; ; again = true {
		shadowable, tables, start := false, []plan.TableRef(nil), time.Now()
		bound, err := bind.Bind(ctx, stmt, names{s.resolver(), &shadowable, &tables}, bind.Options{Zone: s.zone(), ParamTypes: o.params})
		if again || ctx.Err() != nil || !s.engine.catalog.Changed(ctx, tables, start) {
			return bound, shadowable, err
		}
	}
}
