package eval

import (
	"time"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// cast compiles a conversion. One that keeps the storage and the meaning costs nothing.
func (c *compiler) cast(e *expr.Cast) (node, error) {
	from := e.Arg.Type()
	k, err := castKernel(from, e.Typ, e.Explicit)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return c.compile(e.Arg)
	}
	m := func([]*types.Type, *types.Type) (kernel, error) { return k, nil }
	return c.apply(m, []expr.Expr{e.Arg}, e.Typ, true, false, e)
}

// castKernel is the kernel of a conversion, nil when vectors of one type are vectors of the other.
func castKernel(from, to *types.Type, explicit bool) (kernel, error) {
	switch {
	case isNumber(from) && isNumber(to):
		return numberCast(from, to), nil
	case from.Kind == types.Int4 && to.Kind == types.Char:
		return intToChar, nil
	case isText(to):
		return textCast(from, to, explicit)
	case zonedTimeCast(from, to) != nil:
		return zonedTimeCast(from, to), nil
	case isDatetimeLike(from) && isDatetimeLike(to):
		return datetimeCast(from, to)
	case from.Kind == types.Bool && to.Kind == types.Int4:
		return boolToInt, nil
	case from.Kind == types.Int4 && to.Kind == types.Bool:
		return intToBool, nil
	case from.Kind == types.Char && to.Kind == types.Int4:
		return charToInt, nil
	case to.Kind == types.Bit && to.Mod > 0 && explicit && (isText(from) || from.Kind == types.Bit):
		return fitBits(to), nil
	case from.Kind == types.JSONB && to.Kind == types.Bool:
		return jsonbToBool, nil
	case from.Kind == types.JSONB && isNumber(to):
		return jsonbToNumber(to), nil
	case to.OID == types.JSONPathT.OID && isText(from):
		return pathCast, nil
	case isText(from):
		return parseCast(to), nil
	case from.Kind == types.Array && to.Kind == types.Array:
		return shapedCast(from, to, explicit)
	case (from.Kind == types.Record || from.Kind == types.Composite) && (to.Kind == types.Composite || to.Kind == types.Record):
		return rowCast(from, to, explicit)
	case from.Kind == to.Kind && types.Same(from, to) && from.Mod == to.Mod:
		return nil, nil
	}
	return otherCast(from, to)
}

// otherCast are the conversions through text, and those that change nothing.
func otherCast(from, to *types.Type) (kernel, error) {
	switch {
	case from.OID == types.CidrT.OID && to.OID == types.InetT.OID:
		return cidrToInet, nil
	case types.Same(from, to) && to.Mod < 0, from.Kind == types.Bit && to.Kind == types.Bit && to.Mod < 0,
		from.Kind == types.Inet && to.Kind == types.Inet && to.OID == types.InetT.OID:
		return nil, nil
	case from.Kind == types.JSONB && to.Kind == types.JSON:
		return nil, nil
	case from.Kind == types.Bit && (to.Kind == types.Int4 || to.Kind == types.Int8):
		return bitsToInt, nil
	case from.Kind == types.Money && to.Kind == types.Numeric:
		return moneyToNumeric(to), nil
	case to.Kind == types.Money && (from.Kind == types.Numeric || from.IsInteger()):
		return numberToMoney, nil
	case from.Kind == types.JSON && to.Kind == types.JSONB, types.Same(from, to):
		return throughText(from, to), nil
	case from.Kind == types.Range && to.Kind == types.Multirange:
		return spanResult(firstSpans)(nil, nil)
	case to.Kind == types.Bit && to.OID == types.BitT.OID && (from.Kind == types.Int4 || from.Kind == types.Int8):
		return intToBits(to), nil
	case from.OID == types.InetT.OID && to.OID == types.CidrT.OID:
		return inetToCidr, nil
	case from.OID == types.MacaddrT.OID && to.OID == types.Macaddr8T.OID, from.OID == types.Macaddr8T.OID && to.OID == types.MacaddrT.OID:
		return macCast(to), nil
	case from.Kind == types.Interval && to.Kind == types.Interval, from.Kind == types.Bit && to.Kind == types.Bit:
		return throughText(from, to), nil
	}
	return nil, noKernel("a cast", []*types.Type{from, to})
}

func isNumber(t *types.Type) bool {
	return t.IsInteger() || t.IsFloat() || t.Kind == types.Numeric
}

// isText says whether t's values are character strings or carried as text without a form to check.
func isText(t *types.Type) bool {
	switch t.Kind {
	case types.Unknown, types.Text, types.Varchar, types.Bpchar, types.Name, types.Char:
		return true
	}
	return false
}

func isDatetimeLike(t *types.Type) bool {
	return isDatetime(t) || t.Kind == types.Time || t.Kind == types.Interval && t.Mod < 0
}

func boolToInt(c *call, args []*vector, out *vector) error {
	dst := values[int32](out)
	for i := range dst {
		dst[i] = 0
		if args[0].truth(i) {
			dst[i] = 1
		}
	}
	return nil
}

func intToBool(c *call, args []*vector, out *vector) error {
	clear(out.bits)
	for i, x := range values[int32](args[0])[:c.n] {
		if x != 0 {
			setBit(out.bits, i, true)
		}
	}
	return nil
}

// charToInt is the code of PostgreSQL's one-byte "char", 0 for the empty one.
func charToInt(c *call, args []*vector, out *vector) error {
	for i, dst := 0, values[int32](out); i < len(dst); i++ {
		dst[i] = 0
		if b := args[0].bytes(i); c.rowValid(i) && len(b) > 0 {
			if dst[i] = int32(b[0]); len(b) == 4 { // a byte above 127, as \303
				dst[i] = int32(int8((b[1]-'0')<<6 | (b[2]-'0')<<3 | (b[3] - '0')))
			}
		}
	}
	return nil
}

// bitsToInt reads a bit string as a two's complement number of the result's width.
func bitsToInt(c *call, args []*vector, out *vector) error {
	_, width := shapeOf(out.typ)
	dst := scratchOf(c, 0, c.n, func([]int64) {})
	for i := range dst {
		if dst[i] = 0; !c.rowValid(i) {
			continue
		}
		b := args[0].bytes(i)
		if len(b) > 8*width {
			return outOfRange(out.typ)
		}
		for _, d := range b {
			dst[i] = dst[i]<<1 | int64(d&1)
		}
		if width == 4 {
			dst[i] = int64(int32(dst[i]))
		}
	}
	return storeInts(c, out, dst)
}

// fitBits is an explicit cast to a type of bit strings of limited length: it cuts, and fills up bit(n) with zeros.
func fitBits(to *types.Type) kernel {
	free, n := to.WithMod(-1), int(to.Mod)
	fill := to.OID != types.VarbitT.OID
	return func(c *call, args []*vector, out *vector) error {
		return appendRows(c, out, func(dst []byte, i int) ([]byte, error) {
			d, err := datum.Parse(free, string(args[0].bytes(i)), c.env.Zone)
			if err != nil {
				return dst, err
			}
			bits := d.(string)
			dst = append(dst, bits[:min(n, len(bits))]...)
			for k := len(bits); fill && k < n; k++ {
				dst = append(dst, '0')
			}
			return dst, nil
		})
	}
}

// parseCast reads values from text by their type's input function.
func parseCast(to *types.Type) kernel {
	switch to.Kind {
	case types.Int2, types.Int4, types.Int8:
		return parseInts(to)
	}
	return func(c *call, args []*vector, out *vector) error {
		ds := make([]any, c.n)
		for i := range ds {
			if !c.rowValid(i) {
				continue
			}
			d, err := datum.Parse(to, string(args[0].bytes(i)), c.env.Zone) // copied: a datum may keep it
			if err != nil {
				return err
			}
			ds[i] = d
		}
		return storeDatums(out, to, ds)
	}
}

// throughText prints and reads again.
func throughText(from, to *types.Type) kernel {
	return func(c *call, args []*vector, out *vector) error {
		ds, buf := make([]any, c.n), []byte(nil)
		for i := range ds {
			if !c.rowValid(i) {
				continue
			}
			buf = datum.Append(buf[:0], from, datumAt(args[0], i), c.env.Zone)
			d, err := datum.Parse(to, string(buf), c.env.Zone)
			if err != nil {
				return err
			}
			ds[i] = d
		}
		return storeDatums(out, to, ds)
	}
}

// arrayCast converts element by element.
func arrayCast(from, to *types.Type, explicit bool) (kernel, error) {
	k, err := castKernel(from.Elem, to.Elem, explicit)
	if err != nil || k == nil {
		return nil, err
	}
	return func(c *call, args []*vector, out *vector) error {
		a := args[0]
		if err := out.gatherNarrow(a, c); err != nil {
			return err
		}
		src := out.elems
		res := &vector{}
		if err := applyStrict(c.env, k, from.Elem, to.Elem, src, res); err != nil {
			return err
		}
		out.elems = res
		return nil
	}, nil
}

// gatherNarrow makes out the list vector of a's valid rows (others empty), still with a's elements.
func (v *vector) gatherNarrow(a *vector, c *call) error {
	var elems []int32
	v.offs = append(v.offs[:0], 0)
	for i := range c.n {
		if c.rowValid(i) {
			for e := a.offs[a.at(i)]; e < a.offs[a.at(i)+1]; e++ {
				elems = append(elems, e)
			}
		}
		v.offs = append(v.offs, int32(len(elems)))
	}
	all, err := a.elems.plain()
	if err != nil {
		return err
	}
	v.elems = &vector{}
	return v.elems.gather(all, elems)
}

// applyStrict runs a strict kernel of one argument over src into out.
func applyStrict(env *Env, k kernel, from, to *types.Type, src, out *vector) error {
	c := &call{env: env, typ: to, args: []*types.Type{from}, n: src.n}
	out.reset(to, src.n)
	out.andValid(src)
	if c.valid = out.valid; c.valid != nil && countBits(c.valid, c.n) == 0 {
		zeroValues(out, c.n)
		return nil
	}
	return k(c, []*vector{src}, out)
}

// rowCast converts field by field.
func rowCast(from, to *types.Type, explicit bool) (kernel, error) {
	if len(from.Fields) != len(to.Fields) {
		return nil, noKernel("a cast", []*types.Type{from, to})
	}
	ks := make([]kernel, len(to.Fields))
	for i, f := range to.Fields {
		k, err := castKernel(from.Fields[i].Type, f.Type, explicit)
		if err != nil {
			return nil, err
		}
		ks[i] = k
	}
	return func(c *call, args []*vector, out *vector) error {
		for i, k := range ks {
			src, res := &vector{}, &vector{}
			f, err := args[0].fields[i].plain()
			if err != nil {
				return err
			}
			if err := src.gather(f, allRows(c.n)); err != nil {
				return err
			}
			if c.valid != nil {
				src.andValid(&vector{valid: c.valid})
			}
			if k == nil {
				out.fields[i] = src
				continue
			}
			if err := applyStrict(c.env, k, from.Fields[i].Type, to.Fields[i].Type, src, res); err != nil {
				return err
			}
			out.fields[i] = res
		}
		return nil
	}, nil
}

// zone is the session's time zone.
func (c *call) zone() *time.Location {
	if c.env.Zone == nil {
		return time.UTC
	}
	return c.env.Zone
}
