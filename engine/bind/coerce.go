package bind

import (
	"github.com/cockroachdb/apd/v3"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// canCoerce says whether a value of one type can become another in a context (can_coerce_type).
func canCoerce(from, to *types.Type, context expr.CastContext) bool {
	switch {
	case from.Kind == types.Unknown, types.Same(from, to), to.Kind == types.Any:
		return true
	case to.Kind == types.AnyElement:
		return true
	case to.Kind == types.AnyArray:
		return from.Kind == types.Array
	case to.Kind == types.AnyEnum:
		return from.Kind == types.Enum
	case to.Kind == types.AnyRange:
		return from.Kind == types.Range
	case to.Kind == types.AnyMultirange:
		return from.Kind == types.Multirange
	}
	return castContext(from, to) >= context
}

// castContext is where a cast may happen, arrays by their elements and rows by their fields.
func castContext(from, to *types.Type) expr.CastContext {
	if types.Same(from, to) {
		return expr.ImplicitCast
	}
	if isRow(from) && isRow(to) {
		if to == types.RecordT { // a parameter that takes any row
			return expr.ImplicitCast
		}
		if len(from.Fields) != len(to.Fields) {
			return expr.NoCast
		}
		weakest := expr.ImplicitCast
		for i := range from.Fields {
			if from.Fields[i].Type.Kind != types.Unknown {
				weakest = min(weakest, castContext(from.Fields[i].Type, to.Fields[i].Type))
			}
		}
		return weakest
	}
	return expr.CastPath(from, to)
}

func isRow(t *types.Type) bool { return t.Kind == types.Record || t.Kind == types.Composite }

// coerce turns e into the type, which its context allows; the error is the caller's.
func (b *binder) coerce(e expr.Expr, to *types.Type, context expr.CastContext) (expr.Expr, error) {
	from := e.Type()
	if to.Domain != nil {
		return b.coerceDomain(e, to, context)
	}
	if to.Kind == types.Any || to.Kind == types.AnyElement || to.Kind == types.AnyArray || to.Kind == types.AnyEnum ||
		to == types.RecordT && isRow(from) {
		if to.Kind == types.Any && from.IsRegistered() {
			return expr.RegisteredCast(e, types.TextT), nil // such arguments are printed
		}
		if t := registeredInside(from); t != nil {
			return nil, sqlerr.Unsupported("an argument with a field of type " + bare(t))
		}
		return b.settle(e)
	}
	if c, ok := e.(*expr.Const); ok && to.IsRegistered() && from.Kind == types.Unknown && c.Value != nil {
		return expr.RegisteredCast(&expr.Const{Typ: types.TextT, Value: c.Value}, to), nil
	}
	if from.Kind == types.Unknown {
		return b.coerceUnknown(e, to, context)
	}
	if from.IsRegistered() && to.IsString() || to.IsRegistered() && from.IsString() {
		return b.coerceRegistered(e, to, context)
	}
	if row, ok := e.(*expr.RowOf); ok && isRow(to) && len(to.Fields) == len(row.Elems) {
		return b.coerceRow(row, to, context)
	}
	if types.Same(from, to) && (to.Mod < 0 || to.Mod == from.Mod) {
		if from.Domain != nil && context == expr.ExplicitCast {
			return &expr.Cast{Arg: e, Typ: from.WithDomain(nil), Explicit: true}, nil
		}
		return e, nil
	}
	if c, ok := e.(*expr.Const); ok && c.Value == nil {
		return &expr.Const{Typ: to}, nil
	}
	if d := checksInside(to); d != nil {
		return nil, sqlerr.Unsupported("a conversion to " + bare(to) + ", whose parts are of domain " + d.Name)
	}
	if lit := numericLiteral(e, to); lit != nil {
		return lit, nil
	}
	return &expr.Cast{Arg: e, Typ: shapedAs(from, storageOf(from, to)), Explicit: context == expr.ExplicitCast}, nil
}

// registeredInside is the type of a row's field that is printed as a name: printing rows does not look names up.
func registeredInside(t *types.Type) *types.Type {
	if !isRow(t) {
		return nil
	}
	for _, f := range t.Fields {
		if f.Type.IsRegistered() {
			return f.Type
		}
		if inner := registeredInside(f.Type); inner != nil {
			return inner
		}
	}
	return nil
}

// coerceRegistered converts between a string and an identifier that is printed as a name, by way of text.
func (b *binder) coerceRegistered(e expr.Expr, to *types.Type, context expr.CastContext) (expr.Expr, error) {
	if to.IsRegistered() {
		text, err := b.coerce(e, types.TextT, context)
		if err != nil {
			return nil, err
		}
		return expr.RegisteredCast(text, to), nil
	}
	return b.coerce(expr.RegisteredCast(e, types.TextT), to, context)
}

// storageOf bounds the storage of an integer that becomes a numeric without a modifier.
func storageOf(from, to *types.Type) *types.Type {
	if to.Kind != types.Numeric || to.Mod >= 0 || to.Precision > 0 {
		return to
	}
	switch from.Kind {
	case types.Int2:
		return types.NumericScaled(5, 0)
	case types.Int4:
		return types.NumericScaled(10, 0)
	case types.Int8:
		return types.NumericScaled(19, 0)
	}
	return to
}

// numericLiteral makes a whole-number literal numeric at once, as narrow as its digits are.
func numericLiteral(e expr.Expr, to *types.Type) expr.Expr {
	c, ok := e.(*expr.Const)
	if !ok || to.Kind != types.Numeric || to.Mod >= 0 || !c.Typ.IsInteger() {
		return nil
	}
	v, ok := c.Value.(int64)
	if !ok {
		return nil
	}
	d := apd.New(v, 0)
	return &expr.Const{Typ: scaledFor(d), Value: d}
}

// scaledFor is the narrowest numeric type that holds a literal with its own scale.
func scaledFor(d *apd.Decimal) *types.Type {
	if d.Form != apd.Finite || d.Exponent > 0 {
		return types.NumericT
	}
	scale := -d.Exponent
	digits := int32(d.NumDigits())
	return types.NumericScaled(max(digits, scale, 1), scale)
}

// coerceUnknown reads a literal as the type's input function does, or settles a parameter.
func (b *binder) coerceUnknown(e expr.Expr, to *types.Type, context expr.CastContext) (expr.Expr, error) {
	switch c := e.(type) {
	case *expr.Param:
		p, err := b.settleParam(c, to)
		if err != nil {
			return nil, err
		}
		return b.coerce(p, to, context)
	case *expr.Const:
		if c.Value == nil {
			return &expr.Const{Typ: to}, nil
		}
		if to.Kind == types.Unknown {
			return c, nil
		}
		if d := checksInside(to); d != nil {
			return nil, sqlerr.Unsupported("a literal of type " + bare(to) + ", whose parts are of domain " + d.Name)
		}
		out, err := b.literal(c.Value.(string), to, context)
		return out, b.at(err, b.where[c])
	}
	if to.Kind == types.Text {
		return &expr.Cast{Arg: e, Typ: types.TextT}, nil
	}
	text := &expr.Cast{Arg: e, Typ: types.TextT}
	if expr.CastPath(types.TextT, to) == expr.NoCast {
		return nil, cannotCast(types.TextT, to)
	}
	return &expr.Cast{Arg: text, Typ: shapedAs(types.TextT, to), Explicit: true}, nil
}

// literal is a constant of the type. Lengths and precisions are applied as by a cast, but for an interval's fields,
// which its input needs to know.
func (b *binder) literal(s string, to *types.Type, context expr.CastContext) (expr.Expr, error) {
	base := to
	if to.Kind != types.Interval && to.Kind != types.Array {
		base = to.WithMod(-1)
	} else if to.Kind == types.Array && to.Elem.Mod >= 0 {
		base = types.ArrayOf(to.Elem.WithMod(-1))
	}
	if to.OID == types.JSONPathT.OID {
		return &expr.Cast{Arg: &expr.Const{Typ: types.TextT, Value: s}, Typ: to, Explicit: true}, nil
	}
	if e, err := b.clockLiteral(s, to); e != nil || err != nil {
		return e, err
	}
	v, shaped, err := parseLiteral(base, s, b.zone)
	if err != nil {
		return nil, err
	}
	to, base = likeShape(to, shaped), shaped
	c := &expr.Const{Typ: base, Value: v}
	if d, ok := v.(*apd.Decimal); ok && to.Kind == types.Numeric {
		c.Typ = scaledFor(d)
	}
	if to.Mod >= 0 && to.Mod != c.Typ.Mod || to.Kind == types.Array && to.Elem.Mod >= 0 {
		return &expr.Cast{Arg: c, Typ: to, Explicit: context == expr.ExplicitCast}, nil
	}
	return c, nil
}

func (b *binder) coerceRow(row *expr.RowOf, to *types.Type, context expr.CastContext) (expr.Expr, error) {
	elems := make([]expr.Expr, len(row.Elems))
	for i, e := range row.Elems {
		if e.Type().Kind != types.Unknown && castContext(e.Type(), to.Fields[i].Type) < context {
			return nil, cannotCast(row.Typ, to)
		}
		var err error
		if elems[i], err = b.coerce(e, to.Fields[i].Type, context); err != nil {
			return nil, err
		}
	}
	return &expr.RowOf{Elems: elems, Typ: to}, nil
}

// settle makes an expression of unknown type text, as PostgreSQL does where nothing else is asked for.
func (b *binder) settle(e expr.Expr) (expr.Expr, error) {
	if e.Type().Kind == types.Unknown {
		return b.coerce(e, types.TextT, expr.ImplicitCast)
	}
	return e, nil
}

func cannotCast(from, to *types.Type) *sqlerr.Error {
	return sqlerr.New(sqlerr.CannotCoerce, "cannot cast type %s to %s", bare(from), bare(to))
}

// bare is a type's name without its modifier, as messages have it.
func bare(t *types.Type) string {
	if t.Kind == types.Any {
		return `"any"`
	}
	if t.Domain != nil {
		return t.Domain.Name
	}
	if t.Kind == types.Array {
		return bare(t.Elem) + "[]"
	}
	if t.Mod < 0 {
		return t.String()
	}
	return t.WithMod(-1).String()
}

// explicit is a written cast.
func (b *binder) explicit(e expr.Expr, to *types.Type, pos int) (expr.Expr, error) {
	from := e.Type()
	if from.Kind != types.Unknown && !castable(e, to) {
		return nil, cannotCast(from, to).At(pos)
	}
	out, err := b.coerce(e, to, expr.ExplicitCast)
	return out, b.at(err, pos)
}

func castable(e expr.Expr, to *types.Type) bool {
	if row, ok := e.(*expr.RowOf); ok && isRow(to) {
		return len(row.Elems) == len(to.Fields)
	}
	return castContext(e.Type(), to) >= expr.ExplicitCast
}

// boolean is a condition's value; what names the construct in the message.
func (b *binder) boolean(e expr.Expr, what string, pos int) (expr.Expr, error) {
	if t := e.Type(); t.Kind != types.Unknown && !canCoerce(t, types.BoolT, expr.AssignmentCast) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must be type boolean, not type %s", what, bare(t)).
			At(pos)
	}
	if b.returnsSet(e) {
		return nil, sqlerr.New(sqlerr.DatatypeMismatch, "argument of %s must not return a set", what).At(pos)
	}
	out, err := b.coerce(e, types.BoolT, expr.AssignmentCast)
	return out, b.at(err, pos)
}

// common finds the type that all expressions can become (select_common_type). what names the construct in messages;
// with what == "" failure is nil without an error.
func common(es []expr.Expr, what string, pos func(i int) int) (*types.Type, error) {
	chosen := es[0].Type()
	if chosen.Kind != types.Unknown && allSame(es) {
		if chosen.Domain != nil && oneDomain(es) {
			return chosen, nil
		}
		return chosen.WithMod(-1).WithDomain(nil), nil
	}
	for i, e := range es[1:] {
		t := e.Type()
		if t.Kind == types.Unknown || types.Same(t, chosen) {
			continue
		}
		switch {
		case chosen.Kind == types.Unknown:
			chosen = t
		case chosen.Category() != t.Category():
			if what == "" {
				return nil, nil
			}
			return nil, sqlerr.New(sqlerr.DatatypeMismatch, "%s types %s and %s cannot be matched", what, bare(chosen), bare(t)).
				At(pos(i + 1))
		case !chosen.Preferred() && canCoerce(chosen, t, expr.ImplicitCast) && !canCoerce(t, chosen, expr.ImplicitCast):
			chosen = t
		}
	}
	if chosen.Kind == types.Unknown {
		chosen = types.TextT
	}
	return chosen.WithMod(-1).WithDomain(nil), nil
}

func oneDomain(es []expr.Expr) bool {
	for _, e := range es[1:] {
		if !types.SameDomain(e.Type(), es[0].Type()) {
			return false
		}
	}
	return true
}

func allSame(es []expr.Expr) bool {
	for _, e := range es[1:] {
		if !types.Same(e.Type(), es[0].Type()) {
			return false
		}
	}
	return true
}

// unify coerces expressions to one type, the same in every respect, and gives it.
func (b *binder) unify(es []expr.Expr, what string, pos func(i int) int) (*types.Type, error) {
	t, err := common(es, what, pos)
	if err != nil {
		return nil, err
	}
	if allEqual(es) {
		return es[0].Type().WithDomain(t.Domain), nil
	}
	if t.Kind == types.Numeric {
		t = types.NumericT // each value keeps its own scale
	}
	t = mostDims(loosened(t), es)
	for i, e := range es {
		if !canCoerce(e.Type(), t, expr.ImplicitCast) {
			return nil, sqlerr.New(sqlerr.CannotCoerce, "%s could not convert type %s to %s", what, bare(e.Type()), bare(t)).
				At(pos(i))
		}
		if es[i], err = b.coerce(e, t, expr.ImplicitCast); err != nil {
			return nil, b.at(err, pos(i))
		}
	}
	return oneStorage(es, t), nil
}

// unifyArms is unify for the arms of CASE and COALESCE. Below an aggregate, constants of the scale that the other arms have
// take their fixed-point type, so that sum(CASE … ELSE 0.00 END) adds fixed-point numbers. Others may not: a sum that met
// only ELSE 0 is 0, not 0.00.
func (c *clause) unifyArms(es []expr.Expr, what string, pos func(i int) int) (*types.Type, error) {
	if c.inAggregate {
		if fixed := fixedScale(es); fixed != nil {
			for i, e := range es {
				if !types.Equal(e.Type(), fixed) {
					es[i] = widened(e, fixed)
				}
			}
			return fixed, nil
		}
	}
	return c.b.unify(es, what, pos)
}

// fixedScale is the one fixed-point type of all expressions that are no constants, if it holds the constants too.
func fixedScale(es []expr.Expr) *types.Type {
	var t *types.Type
	for _, e := range es {
		if _, ok := e.(*expr.Const); ok {
			continue
		}
		if e.Type().Kind != types.Numeric || e.Type().Precision == 0 || t != nil && !types.Equal(t, e.Type()) {
			return nil
		}
		t = e.Type()
	}
	if t == nil {
		return nil
	}
	for _, e := range es {
		if _, ok := e.(*expr.Const); ok && widened(e, t) == nil {
			return nil
		}
	}
	return t
}

// widened is a constant of a fixed-point type; nil when it does not fit, has another scale, or is no number.
func widened(e expr.Expr, t *types.Type) expr.Expr {
	c := e.(*expr.Const)
	if c.Value == nil {
		return &expr.Const{Typ: t}
	}
	d, ok := c.Value.(*apd.Decimal)
	if v, whole := c.Value.(int64); whole && c.Typ.IsInteger() {
		d, ok = apd.New(v, 0), true
	}
	if !ok {
		return nil
	}
	if -d.Exponent != t.Scale || d.NumDigits() > int64(t.Precision) {
		return nil
	}
	return &expr.Const{Typ: t, Value: d}
}

// oneStorage gives expressions of one SQL type one storage too.
func oneStorage(es []expr.Expr, t *types.Type) *types.Type {
	if allEqual(es) {
		return es[0].Type()
	}
	t = mostDims(t, es)
	for i, e := range es {
		if !types.Equal(e.Type(), t) {
			es[i] = retype(e, t)
		}
	}
	return t
}

// retype gives a value of the same SQL type another modifier or storage.
func retype(e expr.Expr, t *types.Type) expr.Expr {
	if c, ok := e.(*expr.Const); ok && t.Mod < 0 {
		d, numeric := c.Value.(*apd.Decimal)
		if !numeric || t.Precision == 0 {
			return &expr.Const{Typ: t, Value: c.Value}
		}
		if r := rescale(d, t.Scale); r != nil {
			return &expr.Const{Typ: t, Value: r}
		}
	}
	return &expr.Cast{Arg: e, Typ: t}
}

func allEqual(es []expr.Expr) bool {
	for _, e := range es {
		if e.Type().Kind == types.Unknown || !types.Equal(e.Type(), es[0].Type()) {
			return false
		}
	}
	return true
}

// rescale is d with exactly scale fractional digits; nil when it has more.
func rescale(d *apd.Decimal, scale int32) *apd.Decimal {
	more := d.Exponent + scale
	if d.Form != apd.Finite || more < 0 {
		return nil
	}
	r := new(apd.Decimal).Set(d)
	r.Exponent = -scale
	r.Coeff.Mul(&r.Coeff, new(apd.BigInt).Exp(apd.NewBigInt(10), apd.NewBigInt(int64(more)), nil))
	return r
}

// comparable is the numeric storage that holds values of all the types for comparing, where scales do not show.
func comparable(ts []*types.Type) *types.Type {
	digits, scale := int32(0), int32(0)
	for _, t := range ts {
		if t.Kind != types.Numeric || t.Precision == 0 {
			return types.NumericT
		}
		digits, scale = max(digits, t.Precision-t.Scale), max(scale, t.Scale)
	}
	return types.NumericScaled(digits+scale, scale)
}
