package engine

import (
	"context"
	"errors"
	"io"
	"sync"

	"github.com/skeinsql/skein/engine/bind"
	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// maxPrepared bounds the statements that one session prepares by name: each keeps a plan.
const maxPrepared = 1000

// preparedStatements are those of PREPARE, by name. Safe for concurrent use.
type preparedStatements struct {
	mu     sync.Mutex
	byName map[string]*namedPlan
}

// namedPlan is a prepared statement and the settings that its plan is good for. Immutable.
type namedPlan struct {
	plan *planned
	key  planKey
}

func (p *preparedStatements) get(name string) (*namedPlan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := p.byName[name]; n != nil {
		return n, nil
	}
	return nil, sqlerr.New(sqlerr.InvalidStatementName, "prepared statement %q does not exist", name).
		WithHint("PREPARE and EXECUTE must come through one session: clients without cookies or bearer tokens of a session have a new one for each call")
}

// add keeps a new statement under its name.
func (p *preparedStatements) add(name string, n *namedPlan) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.byName[name] != nil:
		return sqlerr.New(sqlerr.DuplicatePrepared, "prepared statement %q already exists", name)
	case len(p.byName) >= maxPrepared:
		return sqlerr.New(sqlerr.ConfigurationLimit, "the session has %d prepared statements, which is the limit", maxPrepared).
			WithHint("DEALLOCATE those that are not used")
	case p.byName == nil:
		p.byName = map[string]*namedPlan{}
	}
	p.byName[name] = n
	return nil
}

// replace puts a newer plan in the place of was, unless another one is there by now.
func (p *preparedStatements) replace(name string, was, with *namedPlan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byName[name] == was {
		p.byName[name] = with
	}
}

func (p *preparedStatements) remove(name string) error {
	if _, err := p.get(name); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byName, name)
	return nil
}

func (p *preparedStatements) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.byName)
}

// prepareCommand is PREPARE name (types) AS query.
type prepareCommand struct{}

func (prepareCommand) run(ctx context.Context, st *Statement, _ []any) (*Result, error) {
	s, n := st.session, st.stmt.Root.GetPrepareStmt()
	query := st.stmt.Sub(n.GetQuery())
	if query.Command() == parse.DML {
		return nil, readOnly(query)
	}
	declared := make([]*types.Type, len(n.GetArgtypes()))
	for i, a := range n.GetArgtypes() {
		name := a.GetTypeName()
		if names := parse.Names(name.GetNames()); names[len(names)-1] == "unknown" {
			continue // PostgreSQL finds the type from the context too
		}
		t, err := bind.TypeName(st.stmt, name)
		if err != nil {
			return nil, err
		}
		declared[i] = t.WithMod(-1)
	}
	query.Params = max(query.Params, len(declared))
	text, err := withoutLiterals(query)
	if err != nil {
		return nil, err
	}
	p, err := s.plan(ctx, query, planOptions{text: text, params: declared})
	if err != nil {
		return nil, err
	}
	return noRows(), s.prepared.add(n.GetName(), &namedPlan{plan: p, key: s.planKey("")})
}

// withoutLiterals is the query of a PREPARE as skein_catalog.queries shows it.
func withoutLiterals(query *parse.Statement) (string, error) {
	text, err := parse.Deparse(query.Root)
	if err != nil {
		return "", err
	}
	alone, err := parse.Parse(text)
	if err != nil {
		return "", err
	}
	return alone.Normalized()
}

// deallocateCommand is DEALLOCATE name and DEALLOCATE ALL.
type deallocateCommand struct{}

func (deallocateCommand) run(_ context.Context, st *Statement, _ []any) (*Result, error) {
	name := st.stmt.Root.GetDeallocateStmt().GetName()
	if name == "" {
		st.session.prepared.clear()
		return noRows(), nil
	}
	return noRows(), st.session.prepared.remove(name)
}

// prepareExecute finds the statement that EXECUTE names: it has that one's result, and runs in this session alone.
func (s *Session) prepareExecute(ctx context.Context, stmt *parse.Statement) (*Statement, error) {
	n := stmt.Root.GetExecuteStmt()
	named, err := s.prepared.get(n.GetName())
	if err != nil {
		return nil, err
	}
	if named, err = s.current(ctx, n.GetName(), named); err != nil {
		return nil, err
	}
	c := &executeCommand{name: n.GetName(), named: named}
	if c.args, err = s.arguments(ctx, stmt, named.plan.bound.Params); err != nil {
		return nil, err
	}
	return &Statement{
		session: s, stmt: stmt, schema: named.plan.converter.Schema(), params: noFields, rows: true, effects: true, command: c,
	}, nil
}

// current plans a statement again when the settings that its plan depends on have changed, or a new table may have
// changed what its names mean.
func (s *Session) current(ctx context.Context, name string, named *namedPlan) (*namedPlan, error) {
	key := s.planKey("")
	if key == named.key && !named.plan.shadowable {
		return named, nil
	}
	old := named.plan
	p, err := s.plan(ctx, old.stmt, planOptions{text: old.text, params: old.declared})
	if err != nil {
		return nil, err
	}
	if !sameColumns(p.bound, old.bound) || !sameTypes(p.bound.Params, old.bound.Params) {
		return nil, sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type").
			WithHint("DEALLOCATE %s and prepare it again", name)
	}
	fresh := &namedPlan{plan: p, key: key}
	s.prepared.replace(name, named, fresh)
	return fresh, nil
}

func sameColumns(a, b *bind.Bound) bool {
	if len(a.Columns) != len(b.Columns) {
		return false
	}
	for i := range a.Columns {
		if a.Columns[i].Name != b.Columns[i].Name || !types.Equal(a.Columns[i].Type, b.Columns[i].Type) {
			return false
		}
	}
	return true
}

// executeCommand is EXECUTE name (arguments).
type executeCommand struct {
	name  string
	named *namedPlan
	args  *arguments
}

func (c *executeCommand) run(ctx context.Context, st *Statement, _ []any) (*Result, error) {
	values, err := c.args.values(ctx, st)
	if err != nil {
		return nil, err
	}
	x, err := startExecution(ctx, st, c.named.plan, values, nil)
	if err != nil {
		return nil, err
	}
	if x.plan != c.named.plan { // a table had changed
		st.session.prepared.replace(c.name, c.named, &namedPlan{plan: x.plan, key: c.named.key})
	}
	return &Result{Reader: x, QueryID: x.query.id, Affected: -1}, nil
}

// arguments are EXECUTE's: expressions without columns, and the types of the parameters that they are for.
type arguments struct {
	plan     *planned // a SELECT of them; nil when there are none
	want     []*types.Type
	literals []bool // an untyped literal is read as text of the wanted type
}

// arguments checks the number of EXECUTE's arguments and that each can be assigned to its parameter.
func (s *Session) arguments(ctx context.Context, stmt *parse.Statement, want []*types.Type) (*arguments, error) {
	n := stmt.Root.GetExecuteStmt()
	if len(n.GetParams()) != len(want) {
		return nil, sqlerr.New(sqlerr.SyntaxError, "wrong number of parameters for prepared statement %q", n.GetName()).
			WithDetail("Expected %d parameters but got %d.", len(want), len(n.GetParams()))
	}
	if len(want) == 0 {
		return &arguments{}, nil
	}
	a := &arguments{want: want, literals: make([]bool, len(want))}
	sel := &parse.SelectStmt{LimitOption: parse.LimitOptionDefault, Op: parse.SetopNone}
	for i, p := range n.GetParams() {
		a.literals[i] = p.GetAConst().GetSval() != nil || p.GetAConst().GetIsnull()
		sel.TargetList = append(sel.TargetList, &parse.Node{Node: &parse.NodeResTarget{ResTarget: &parse.ResTarget{Val: p, Location: -1}}})
	}
	query := stmt.Sub(&parse.Node{Node: &parse.NodeSelectStmt{SelectStmt: sel}})
	if query.Params > 0 {
		return nil, sqlerr.Unsupported("a parameter among the arguments of EXECUTE").
			WithHint("prepare the query itself through the driver, and bind its parameters")
	}
	var err error
	if a.plan, err = s.plan(ctx, query, planOptions{text: "EXECUTE " + n.GetName()}); err != nil {
		return nil, err
	}
	return a, a.check()
}

func (a *arguments) check() error {
	if !isConstantRow(a.plan.bound.Root) {
		return sqlerr.Unsupported("a subquery, aggregate, window function or set-returning function among the arguments of EXECUTE")
	}
	for i, have := range a.plan.bound.Columns {
		if a.literals[i] || types.Equal(have.Type, a.want[i]) || expr.CastPath(have.Type, a.want[i]) >= expr.AssignmentCast {
			continue
		}
		return sqlerr.New(sqlerr.DatatypeMismatch, "parameter $%d of type %s cannot be coerced to the expected type %s",
			i+1, have.Type, a.want[i]).WithHint("You will need to rewrite or cast the expression.")
	}
	return nil
}

// isConstantRow says that a SELECT only computes: it is one row of expressions over nothing.
func isConstantRow(n plan.Node) bool {
	for {
		switch t := n.(type) {
		case *plan.Project:
			n = t.Input
		case *plan.Values:
			return true
		default:
			return false
		}
	}
}

// values evaluates the arguments.
func (a *arguments) values(ctx context.Context, st *Statement) (_ []any, err error) {
	if a.plan == nil {
		return nil, nil
	}
	x, err := startExecution(ctx, st, a.plan, nil, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	rec, err := x.rows.Next(ctx)
	if errors.Is(err, io.EOF) {
		return nil, sqlerr.New(sqlerr.InternalError, "the arguments of EXECUTE gave no row")
	}
	if err != nil {
		return nil, x.failure(err)
	}
	defer rec.Release()
	out := make([]any, len(a.want))
	for i, c := range a.plan.bound.Columns {
		v := datum.FromArray(c.Type, rec.Column(i), 0)
		if out[i], err = castDatum(v, c.Type, a.want[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
