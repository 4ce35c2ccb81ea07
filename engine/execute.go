package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"golang.org/x/sync/errgroup"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/budget"
	"github.com/skeinsql/skein/engine/eval"
	"github.com/skeinsql/skein/engine/exec"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Execute runs the statement. params is nil or a batch whose columns are castable to ParamSchema, and row the row of it
// that is bound. ctx governs the whole stream until Result.Close.
func (st *Statement) Execute(ctx context.Context, params arrow.RecordBatch, row int) (*Result, error) {
	st.session.touch()
	if err := st.session.transaction.admit(st.stmt); err != nil {
		return nil, err
	}
	values, err := st.bindParams(params, row)
	if err != nil {
		return nil, st.session.transaction.failed(err)
	}
	r, err := st.command.run(ctx, st, values)
	if err != nil {
		return nil, st.session.transaction.failed(asSQL(err))
	}
	return r, nil
}

// selectCommand runs a planned query.
type selectCommand struct{ plan *planned }

func (c *selectCommand) run(ctx context.Context, st *Statement, params []any) (*Result, error) {
	x, err := startExecution(ctx, st, c.plan, params, nil)
	if err != nil {
		return nil, err
	}
	return &Result{Reader: x, QueryID: x.query.id, Affected: -1}, nil
}

// execution is one run of a query: a batch.Reader of client batches that owns everything the run holds.
type execution struct {
	st     *Statement
	plan   *planned
	params []any
	stats  *exec.Stats
	query  *query
	ctx    context.Context
	cancel context.CancelCauseFunc
	stop   context.CancelFunc // the statement timeout's
	env    *eval.Env
	world  *pgcatalog.World // what system relations tell; nil when none is read

	memory    *budget.Query
	lease     *sources.Lease
	snapshots map[string]sources.Snapshot
	rows      batch.Reader

	delivered bool
	replanned bool
	closeOnce sync.Once
	closeErr  error
}

var _ batch.Reader = (*execution)(nil)

func startExecution(ctx context.Context, st *Statement, p *planned, params []any, stats *exec.Stats) (*execution, error) {
	s := st.session
	x := &execution{st: st, plan: p, params: params, stats: stats}
	x.ctx, x.query, x.stop = s.startQuery(ctx, p.text)
	x.cancel = x.query.cancel
	x.env = s.env(params)
	s.engine.log.Debug("statement started", "query", x.query.id, "fingerprint", p.fingerprint)
	err := safely(x.open)
	if x.mayReplan(err) {
		err = safely(x.replan)
	}
	if err != nil {
		err = x.failure(err)
		_ = x.Close() // what failed to start is what the caller wants to know
		return nil, err
	}
	return x, nil
}

// env is what this execution gives to expressions and sources.
func (s *Session) env(params []any) *eval.Env {
	catalogName, schema := s.resolver().Current()
	return &eval.Env{
		Params: params, Now: s.transaction.now().UnixMicro(), Zone: s.zone(), User: s.identity.Role,
		Catalog: catalogName, Schema: schema,
		Setting: func(name string) (string, bool) {
			v, err := s.settings.get(name)
			return v, err == nil
		},
		Objects: &objects{session: s},
		Cancel:  func(pid int32) bool { return s.engine.queries.cancelPID(s.identity, pid) },
	}
}

// open takes the connections that the plan needs, all at once, begins every server's snapshot, and opens the operators.
func (x *execution) open() error {
	if x.plan.fails != nil {
		return x.plan.fails
	}
	s := x.st.session
	needs := exec.Needs(x.plan.root, s.workers())
	x.query.state.Store(stateWaiting)
	want := make(map[string]int, len(needs))
	for server, n := range needs {
		want[server] = n.Min
	}
	// Discovery takes connections of its own, so it comes before the statement holds any.
	world, err := s.world(x.ctx, x.plan.root, x.env)
	if err != nil {
		return err
	}
	x.world = world
	if o, ok := x.env.Objects.(*objects); ok {
		o.world, o.pid = world, x.query.pid
	}
	lease, err := s.engine.connections.Acquire(x.ctx, want)
	if err != nil {
		return err
	}
	x.lease = lease
	x.memory = s.engine.memory.Query(s.memoryLimit())
	if err := x.begin(needs); err != nil {
		return err
	}
	x.query.state.Store(stateRunning)
	x.rows, err = exec.Open(x.ctx, x.plan.root, &exec.Runtime{
		Env: x.env, Memory: x.memory, Workers: s.workers(), BatchRows: atoi(s.settings.value(SettingBatchRows)),
		Snapshots: x.snapshots, Stats: x.stats,
	})
	return err
}

func (s *Session) memoryLimit() int64 {
	limit := s.engine.cfg.StatementMemory
	if own, err := ParseBytes(s.settings.value(SettingMemoryLimit)); err == nil && own > 0 && (limit <= 0 || own < limit) {
		limit = own
	}
	return limit
}

// begin opens the snapshots of all servers at the same time.
func (x *execution) begin(needs map[string]exec.LaneNeed) error {
	x.snapshots = make(map[string]sources.Snapshot, len(needs))
	var mu sync.Mutex
	var g errgroup.Group
	for server, n := range needs {
		g.Go(func() error {
			return safely(func() error {
				src := x.st.session.engine.catalog.Source(server)
				if src == nil {
					return sqlerr.New(sqlerr.UndefinedObject, "server %q is gone", server)
				}
				if system, ok := src.(*systemSource); ok {
					mu.Lock()
					defer mu.Unlock()
					x.snapshots[server] = system.begin(x.st.session.identity.Role, x.world)
					return nil
				}
				snap, err := src.Begin(x.ctx, x.sourceIdentity(), sources.Need{
					Lanes: n.Min, MaxLanes: n.Max, Lease: x.lease, Tables: n.Tables, Memory: x.memory,
					Limits: x.st.session.engine.cfg.Limits,
				})
				if err != nil {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				x.snapshots[server] = snap
				return nil
			})
		})
	}
	return g.Wait()
}

// sourceIdentity is PUBLIC's user mapping: the server's own credentials.
func (x *execution) sourceIdentity() sources.Identity {
	return sources.Identity{Role: x.st.session.identity.Role, Key: "", Query: x.query.id}
}

// mayReplan says whether a failure means that the plan is out of date, and nothing has been handed out yet.
func (x *execution) mayReplan(err error) bool {
	var stale *sources.Stale
	return !x.delivered && !x.replanned && errors.As(err, &stale)
}

// replan discovers the tables that changed again and starts over with a new plan of the same result.
func (x *execution) replan() error {
	x.replanned = true
	x.query.state.Store(statePlanning)
	if err := x.closeParts(); err != nil {
		return err
	}
	s := x.st.session
	s.engine.catalog.Forget(x.plan.bound.Tables)
	if x.plan.kept {
		s.engine.plans.drop(s.planKey(x.plan.stmt.Text), x.plan)
	}
	p, err := s.planNow(x.ctx, x.plan.stmt, planOptions{text: x.plan.text, params: x.plan.declared})
	if err != nil {
		return err
	}
	if !p.converter.Schema().Equal(x.plan.converter.Schema()) || !sameTypes(p.bound.Params, x.plan.bound.Params) {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type").
			WithDetail("a table changed at its source after the statement was prepared").WithHint("prepare the statement again")
	}
	if p.kept = x.plan.kept; p.kept {
		s.engine.plans.put(s.planKey(p.stmt.Text), p)
	}
	x.plan = p
	return x.open()
}

// Schema is the client's.
func (x *execution) Schema() *arrow.Schema { return x.plan.converter.Schema() }

// Next gives the next batch in the client's schema.
func (x *execution) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if x.rows == nil {
		return nil, errClosed
	}
	x.query.state.Store(stateRunning)
	rec, err := x.rows.Next(ctx)
	if x.mayReplan(err) {
		if err = x.replan(); err == nil {
			rec, err = x.rows.Next(ctx)
		}
	}
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, x.st.session.transaction.failed(x.failure(err))
	}
	defer rec.Release()
	out, err := x.plan.converter.Convert(rec)
	if err != nil {
		return nil, x.st.session.transaction.failed(asSQL(err))
	}
	x.delivered = true
	x.query.rows.Add(out.NumRows())
	x.query.state.Store(stateFetching)
	return out, nil
}

// failure is what a client is told: why the statement was cancelled rather than that it was, and always a SQLSTATE.
func (x *execution) failure(err error) error {
	if cause := context.Cause(x.ctx); cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cause)) {
		return asSQL(cause)
	}
	var stale *sources.Stale
	if errors.As(err, &stale) {
		return sqlerr.New(sqlerr.FDWSchemaMismatch, "%s", stale.Error()).WithHint("run the statement again")
	}
	return asSQL(err)
}

// Close cancels what runs, waits for it, and gives everything back.
func (x *execution) Close() error {
	x.closeOnce.Do(func() {
		x.cancel(errClosed)
		x.closeErr = x.closeParts()
		x.stop()
		x.st.session.engine.queries.finish(x.query)
		x.st.session.engine.log.Debug("statement ended", "query", x.query.id, "rows", x.query.rows.Load(),
			"duration", time.Since(x.query.started))
	})
	return x.closeErr
}

var errClosed = sqlerr.New(sqlerr.QueryCanceled, "the result was closed")

func (x *execution) closeParts() error {
	var errs []error
	if x.rows != nil {
		errs = append(errs, x.rows.Close())
		x.rows = nil
	}
	for _, snap := range x.snapshots {
		errs = append(errs, snap.Close())
	}
	x.snapshots = nil
	if x.lease != nil {
		x.lease.Close()
		x.lease = nil
	}
	return errors.Join(errs...)
}

// safely makes a panic of f an error (XX000), so that what the statement holds is given back, and the process lives.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &sqlerr.Error{
				Code: sqlerr.InternalError, Message: fmt.Sprintf("internal error while starting the statement: %v", p),
				Hint: "this is a bug of the engine or of a source: please report it with the statement",
				Err:  fmt.Errorf("%v\n%s", p, debug.Stack()),
			}
		}
	}()
	return f()
}
