// Package expr is the scalar intermediate representation: typed, immutable expressions over the columns
// of a relation, and the table of functions that they call.
//
// Every implicit conversion has been made explicit by the binder: the types of a call's arguments are the
// types of its function's parameters. Expressions never contain relations: the binder turns subqueries into
// joins and applies whose output columns expressions refer to.
package expr

import "github.com/skeinsql/skein/engine/types"

// ColumnID names one column of one relation in one statement. IDs are unique in the statement and survive
// every rewrite; they are never ordinals.
type ColumnID int32

// Expr is a scalar expression. The set is closed; an Expr is immutable and may be shared.
type Expr interface {
	// Type is the type of every value that the expression yields; never nil.
	Type() *types.Type
	isExpr()
}

// Column refers to a column of the input.
type Column struct {
	ID   ColumnID
	Name string // for messages and EXPLAIN only
	Typ  *types.Type
}

// Const is a value known when the statement was bound. Value is the datum of Typ (see package types for the
// Go form of each kind), nil for NULL.
type Const struct {
	Typ   *types.Type
	Value any
}

// Param is $Index of the statement, Index counting from 1. Its value is known only at execution.
type Param struct {
	Index int
	Typ   *types.Type
}

// Call applies a scalar function or operator of the function table to arguments of exactly its parameters'
// kinds. A strict function yields NULL when any argument is NULL.
type Call struct {
	Fn   *Function
	Args []Expr
	Typ  *types.Type
}

// Cast converts to another type. Casts between types of one storage and meaning (varchar to text) are Casts
// too, so that the type of every expression is explicit. A Cast to a type with a modifier applies it as an
// explicit cast does ('hello'::varchar(3) is hel) when Explicit, else as an assignment does (22001).
type Cast struct {
	Arg      Expr
	Typ      *types.Type
	Explicit bool
}

// LogicOp is AND or OR.
type LogicOp uint8

// The connectives, three-valued.
const (
	And LogicOp = iota
	Or
)

// Logic connects two or more boolean expressions. Evaluation goes from left to right and does not evaluate
// an argument for rows whose result is known already.
type Logic struct {
	Op   LogicOp
	Args []Expr
}

// Not negates a boolean; NULL stays NULL.
type Not struct{ Arg Expr }

// IsNull is IS [NOT] NULL. For a row value see RowIsNull, which the binder expands.
type IsNull struct {
	Arg    Expr
	Negate bool
}

// IsBool is IS [NOT] TRUE or FALSE (IS UNKNOWN is IsNull). It never yields NULL.
type IsBool struct {
	Arg    Expr
	Value  bool
	Negate bool
}

// IsDistinct is IS [NOT] DISTINCT FROM over two values of one type, with the equality that grouping uses.
type IsDistinct struct {
	Left, Right Expr
	Negate      bool
}

// When is one arm of a Case.
type When struct{ Cond, Then Expr }

// Case is a searched CASE (the binder turns the simple form into it). An arm is evaluated only for rows that
// reach it. A nil Else is NULL.
type Case struct {
	Whens []When
	Else  Expr
	Typ   *types.Type
}

// Coalesce yields the first argument that is not NULL; later arguments are evaluated only for rows that need
// them.
type Coalesce struct {
	Args []Expr
	Typ  *types.Type
}

// In is a membership test against a list of values of the argument's type: = ANY for Negate false, <> ALL for
// true, with SQL's NULL rules. Values are evaluated once per batch where they are constants or parameters.
type In struct {
	Arg    Expr
	List   []Expr
	Negate bool
}

// Quantified is Arg op ANY(array) or Arg op ALL(array); Op takes (type of Arg, element type).
type Quantified struct {
	Arg   Expr
	Op    *Function
	Array Expr
	All   bool
}

// ArrayOf is ARRAY[…]: a one-dimensional array of its elements.
type ArrayOf struct {
	Elems []Expr
	Typ   *types.Type
}

// RowOf is ROW(…).
type RowOf struct {
	Elems []Expr
	Typ   *types.Type
}

// Field is (composite).field, Index counting from 0.
type Field struct {
	Arg   Expr
	Index int
}

// Subscript is array[index], counting from 1; NULL outside the array.
type Subscript struct {
	Arg   Expr
	Index Expr
}

func (e *Column) Type() *types.Type     { return e.Typ }
func (e *Const) Type() *types.Type      { return e.Typ }
func (e *Param) Type() *types.Type      { return e.Typ }
func (e *Call) Type() *types.Type       { return e.Typ }
func (e *Cast) Type() *types.Type       { return e.Typ }
func (e *Logic) Type() *types.Type      { return types.BoolT }
func (e *Not) Type() *types.Type        { return types.BoolT }
func (e *IsNull) Type() *types.Type     { return types.BoolT }
func (e *IsBool) Type() *types.Type     { return types.BoolT }
func (e *IsDistinct) Type() *types.Type { return types.BoolT }
func (e *Case) Type() *types.Type       { return e.Typ }
func (e *Coalesce) Type() *types.Type   { return e.Typ }
func (e *In) Type() *types.Type         { return types.BoolT }
func (e *Quantified) Type() *types.Type { return types.BoolT }
func (e *ArrayOf) Type() *types.Type    { return e.Typ }
func (e *RowOf) Type() *types.Type      { return e.Typ }
func (e *Field) Type() *types.Type      { return e.Arg.Type().Fields[e.Index].Type }
func (e *Subscript) Type() *types.Type  { return e.Arg.Type().Elem }

func (*Column) isExpr()     {}
func (*Const) isExpr()      {}
func (*Param) isExpr()      {}
func (*Call) isExpr()       {}
func (*Cast) isExpr()       {}
func (*Logic) isExpr()      {}
func (*Not) isExpr()        {}
func (*IsNull) isExpr()     {}
func (*IsBool) isExpr()     {}
func (*IsDistinct) isExpr() {}
func (*Case) isExpr()       {}
func (*Coalesce) isExpr()   {}
func (*In) isExpr()         {}
func (*Quantified) isExpr() {}
func (*ArrayOf) isExpr()    {}
func (*RowOf) isExpr()      {}
func (*Field) isExpr()      {}
func (*Subscript) isExpr()  {}
