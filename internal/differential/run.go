package differential

import (
	"context"
	"errors"
	"hash/fnv"
	"maps"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Options say how a run goes.
type Options struct {
	// AllForms runs each statement under every form in every placement; otherwise each placement takes one, by turns.
	AllForms bool
	// Form is the one form of all runs, if given.
	Form *Form
	// Placements are where it runs; empty for all.
	Placements []Placement
	// Parallel is the number of statements that run at once; 0 is one.
	Parallel int
	// Timeout bounds a statement on Skein; 0 is 30 seconds.
	Timeout time.Duration
}

const defaultTimeout = 30 * time.Second

// Outcome is a statement's verdict in one placement and form.
type Outcome struct {
	Placement Placement
	Form      Form
	Verdict   Verdict
	Detail    string
	// Got and Want are the beginnings of Skein's and PostgreSQL's answers.
	Got, Want string
}

// Result is what a statement came to: the worst outcome, and the number of runs.
type Result struct {
	Statement
	Outcome
	Runs int
	// Took is the time of all runs on Skein.
	Took time.Duration
	// Answered says that PostgreSQL answered with rows.
	Answered bool
}

// Run runs statements and gives a result for each, in order.
func (d *Dataset) Run(ctx context.Context, statements []Statement, o Options) ([]Result, error) {
	if len(o.Placements) == 0 {
		o.Placements = Placements
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	results := make([]Result, len(statements))
	g, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	next := 0
	for range max(o.Parallel, 1) {
		g.Go(func() error {
			orc, err := newOracle(ctx, d.URL)
			if err != nil {
				return err
			}
			defer func() { _ = orc.close(ctx) }()
			for {
				mu.Lock()
				at := next
				next++
				mu.Unlock()
				if at >= len(statements) {
					return nil
				}
				c := newComparison(d, orc, o, statements[at])
				if results[at], err = c.run(ctx); err != nil {
					return err
				}
			}
		})
	}
	return results, g.Wait()
}

// comparison is one statement on its way through the placements.
type comparison struct {
	d       *Dataset
	oracle  *oracle
	options Options
	Statement
	answers map[string]*Answer // by schema
	settled map[string]bool
	took    time.Duration
	shuffle func() error // makes the shuffled copies; nil where they are
	// settings are the session's, beside those of the placement and the form.
	settings map[string]string
}

func newComparison(d *Dataset, o *oracle, options Options, s Statement) *comparison {
	return &comparison{d: d, oracle: o, options: options, Statement: s, answers: map[string]*Answer{}, settled: map[string]bool{}}
}

func (c *comparison) run(ctx context.Context) (Result, error) {
	res := Result{Statement: c.Statement}
	turn := turnOf(c.SQL)
	for i, p := range c.options.Placements {
		held, err := c.held(ctx, p)
		if err != nil {
			return res, err
		}
		if !held {
			continue
		}
		forms := Forms
		switch {
		case c.options.Form != nil:
			forms = []Form{*c.options.Form}
		case !c.options.AllForms:
			forms = Forms[(turn+i)%len(Forms):][:1]
		}
		for _, f := range forms {
			out, err := c.compare(ctx, p, f)
			if err != nil {
				return res, err
			}
			res.Runs++
			if out.Verdict > res.Verdict || res.Runs == 1 {
				res.Outcome = out
			}
		}
	}
	full := c.answers[schemaFull]
	res.Took = c.took
	res.Answered = full != nil && full.Err == nil
	return res, nil
}

// turnOf spreads statements over the forms, the same way in every run.
func turnOf(sql string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(sql))
	return int(h.Sum32() % uint32(len(Forms)))
}

// want is PostgreSQL's answer over a schema.
func (c *comparison) want(ctx context.Context, schema string) (*Answer, error) {
	if a := c.answers[schema]; a != nil {
		return a, nil
	}
	a, err := c.oracle.query(ctx, c.oracle.path(schema, 0), c.SQL)
	if err != nil {
		return nil, err
	}
	c.answers[schema] = a
	return a, nil
}

// held says whether the placement has the columns that the statement needs: PostgreSQL itself does not find them in the
// portable tables otherwise.
func (c *comparison) held(ctx context.Context, p Placement) (bool, error) {
	if p.oracle() == schemaFull {
		return true, nil
	}
	if c.PostgresOnly {
		return false, nil
	}
	full, err := c.want(ctx, schemaFull)
	if err != nil {
		return false, err
	}
	portable, err := c.want(ctx, schemaPortable)
	if err != nil {
		return false, err
	}
	missing := portable.Err != nil && strings.HasPrefix(portable.Code, "42") && portable.Code != full.Code
	return !missing, nil
}

func (c *comparison) compare(ctx context.Context, p Placement, f Form) (Outcome, error) {
	out := Outcome{Placement: p, Form: f}
	want, err := c.want(ctx, p.oracle())
	if err != nil {
		return out, err
	}
	if want.Code == sqlerr.QueryCanceled {
		out.Verdict, out.Detail = Silent, "PostgreSQL took too long"
		return out, nil
	}
	limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
	start := time.Now()
	settings := f.settings(p)
	maps.Copy(settings, c.settings)
	got := askSkein(limited, c.d.DB.Engine(), settings, c.SQL)
	c.took += time.Since(start)
	if errors.Is(limited.Err(), context.DeadlineExceeded) && got.Err != nil {
		got.Code = sqlerr.QueryCanceled
	}
	cancel()
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	out.Verdict, out.Detail = judge(c.SQL, got, want)
	out.Got, out.Want = got.String(), want.String()
	if !out.Verdict.Bad() {
		return out, nil
	}
	ok, known := c.settled[p.oracle()]
	if !known {
		if c.shuffle != nil {
			if err := c.shuffle(); err != nil {
				return out, err
			}
		}
		if ok, err = c.oracle.settled(ctx, p.oracle(), c.SQL, want); err != nil {
			return out, err
		}
		c.settled[p.oracle()] = ok
	}
	if !ok {
		out.Verdict, out.Detail = Silent, "PostgreSQL's own answer changes: "+out.Detail
	}
	return out, nil
}
