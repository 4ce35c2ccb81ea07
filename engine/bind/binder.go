package bind

import (
	"context"
	"errors"
	"time"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/plan"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Options are what binding depends on besides the text and the catalog.
type Options struct {
	// ParamTypes are the types that the client declared for $1, $2, …; nil entries, and those beyond the end, are
	// found from the context.
	ParamTypes []*types.Type
	// Zone is the session's time zone, in which timestamptz literals without one are read; nil is UTC. A plan is good
	// for the zone it was bound with.
	Zone *time.Location
}

// Bound is a statement with a meaning. It is immutable.
type Bound struct {
	// Root yields exactly Columns, in order.
	Root plan.Node
	// Columns are the result's, with the names that PostgreSQL gives; names may repeat, IDs do not.
	Columns []plan.Column
	// Params are the types of $1, $2, …, all concrete.
	Params []*types.Type
	// Tables are the tables that the plan reads, each once.
	Tables []plan.TableRef
	// Views are the qualified names of the views that were expanded.
	Views []string
	// NextID is the first column ID that the plan does not use; NextShared likewise for plan.Shared.
	NextID     expr.ColumnID
	NextShared int
}

// maxViewDepth bounds views over views.
const maxViewDepth = 64

// Bind gives a query (SELECT, VALUES, TABLE) its plan. Errors are *sqlerr.Error with PostgreSQL's SQLSTATE and, where
// there is one, the position in the statement's text.
func Bind(ctx context.Context, stmt *parse.Statement, cat Catalog, opts Options) (*Bound, error) {
	if stmt.Command() != parse.Query {
		return nil, notAQuery(stmt)
	}
	b := &binder{
		ctx: ctx, cat: cat, stmt: stmt, zone: opts.Zone, nextID: 1,
		where: map[expr.Expr]int{}, names: map[expr.ColumnID]string{}, keys: map[expr.ColumnID]*keyed{},
		aggregates: map[expr.ColumnID]*level{}, sets: map[expr.ColumnID]bool{},
	}
	b.declare(opts.ParamTypes, stmt.Params)
	q, err := b.query(stmt.Root.GetSelectStmt(), nil, false)
	if err != nil {
		return nil, err
	}
	if err := b.checkParams(); err != nil {
		return nil, err
	}
	root, cols := b.exactly(q)
	return &Bound{
		Root: root, Columns: cols, Params: b.params, Tables: b.tables, Views: b.views, NextID: b.nextID,
		NextShared: b.nextShared,
	}, nil
}

func notAQuery(stmt *parse.Statement) error {
	if stmt.Command() == parse.DML {
		return sqlerr.New(sqlerr.ReadOnlyTransaction, "cannot execute %s in a read-only transaction", stmt.Tag())
	}
	if stmt.Root.GetSelectStmt() != nil {
		return sqlerr.New(sqlerr.ReadOnlyTransaction, "cannot execute SELECT INTO in a read-only transaction")
	}
	return sqlerr.Unsupported(stmt.Tag() + " as a query")
}

// binder is the state of binding one statement.
type binder struct {
	ctx    context.Context
	cat    Catalog
	stmt   *parse.Statement // whose text positions are of
	quiet  bool             // inside of a view: positions would be of another text
	zone   *time.Location
	nextID expr.ColumnID

	nextShared int
	params     []*types.Type // nil until found
	paramAt    []int
	tables     []plan.TableRef
	views      []string
	viewDepth  int
	inlined    int // common table expressions that were bound again

	sizes      map[expr.Expr]int        // of expressions that were repeated
	where      map[expr.Expr]int        // positions of references to columns, and of literals
	names      map[expr.ColumnID]string // qualified names, for messages
	keys       map[expr.ColumnID]*keyed // the tables whose columns these are, where they have a primary key
	sets       map[expr.ColumnID]bool   // results of set-returning functions in select lists
	aggregates map[expr.ColumnID]*level // results of aggregates, and the level they are computed at
	asJSON     map[expr.Expr]expr.Expr  // rows and arrays that -> took out of documents, by their json
}

// keyed is one place where a table with a primary key is read.
type keyed struct{ key []expr.ColumnID }

// result is a bound query: node yields at least cols. Two of cols may be one column of node.
type result struct {
	node plan.Node
	cols []plan.Column
	// constants are the columns whose type is still unknown, and what they are: a union gives them its type.
	constants map[expr.ColumnID]expr.Expr
}

func (b *binder) newColumn(name string, t *types.Type, nullable bool) plan.Column {
	id := b.nextID
	b.nextID++
	return plan.Column{ID: id, Name: name, Type: t, Nullable: nullable}
}

// pos is the position for messages of a location in the tree.
func (b *binder) pos(location int32) int {
	if b.quiet {
		return 0
	}
	return b.stmt.Position(location)
}

// posOf is the position where an expression begins.
func (b *binder) posOf(n *parse.Node) int { return b.pos(parse.FirstLocation(n)) }

// exactly wraps the plan so that it yields the result's columns in order, each with an ID of its own.
func (b *binder) exactly(q *result) (plan.Node, []plan.Column) {
	have := q.node.Columns()
	same := len(have) == len(q.cols)
	for i := 0; same && i < len(have); i++ {
		same = have[i].ID == q.cols[i].ID && have[i].Name == q.cols[i].Name
	}
	for i := range q.cols {
		for j := range i {
			same = same && q.cols[i].ID != q.cols[j].ID
		}
	}
	if same {
		return q.node, have
	}
	by := columnsByID(q.node)
	used := map[expr.ColumnID]bool{}
	items := make([]plan.Item, len(q.cols))
	for i, c := range q.cols {
		in := by[c.ID]
		in.Name = c.Name
		out := in
		if used[c.ID] {
			out = b.newColumn(c.Name, in.Type, in.Nullable)
		}
		used[c.ID] = true
		items[i] = plan.Item{Column: out, Expr: in.Ref()}
	}
	p := &plan.Project{Input: q.node, Items: items}
	return p, p.Columns()
}

func columnsByID(n plan.Node) map[expr.ColumnID]plan.Column {
	by := map[expr.ColumnID]plan.Column{}
	for _, c := range n.Columns() {
		by[c.ID] = c
	}
	return by
}

// addTable notes a table that the statement reads.
func (b *binder) addTable(t plan.TableRef) {
	for _, have := range b.tables {
		if have == t {
			return
		}
	}
	b.tables = append(b.tables, t)
}

// at gives err the position, if it is an *sqlerr.Error without one.
func (b *binder) at(err error, pos int) error {
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return e.At(pos)
	}
	return err
}

func (b *binder) declare(declared []*types.Type, count int) {
	b.params = make([]*types.Type, count)
	b.paramAt = make([]int, count)
	for i := range b.params {
		if i < len(declared) && declared[i] != nil && declared[i].Kind != types.Unknown {
			b.params[i] = declared[i]
		}
	}
}

// checkParams refuses parameters whose type nothing tells.
func (b *binder) checkParams() error {
	for i, t := range b.params {
		if t == nil {
			return sqlerr.New(sqlerr.IndeterminateDatatype, "could not determine data type of parameter $%d", i+1)
		}
	}
	return nil
}

func (b *binder) param(n *parse.ParamRef) (expr.Expr, error) {
	i := int(n.Number)
	if i < 1 || i > len(b.params) {
		return nil, sqlerr.New(sqlerr.UndefinedParameter, "there is no parameter $%d", i).At(b.pos(n.Location))
	}
	if b.paramAt[i-1] == 0 {
		b.paramAt[i-1] = b.pos(n.Location)
	}
	t := b.params[i-1]
	if t == nil {
		t = types.UnknownT
	}
	return &expr.Param{Index: i, Typ: t}, nil
}

// settleParam gives a parameter the type that its context wants.
func (b *binder) settleParam(p *expr.Param, t *types.Type) (expr.Expr, error) {
	t = t.WithMod(-1)
	switch have := b.params[p.Index-1]; {
	case have == nil:
		b.params[p.Index-1] = t
	case !types.Same(have, t):
		return nil, sqlerr.New("42P08", "inconsistent types deduced for parameter $%d", p.Index).
			WithDetail("%s versus %s", have, t)
	}
	return &expr.Param{Index: p.Index, Typ: b.params[p.Index-1]}, nil
}
