package pgcatalog

import (
	_ "embed" // pg_type's rows
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/types"
)

// builtinText has PostgreSQL 15's rows of pg_type for base types, ranges and pseudo-types.
//
//go:embed pg_type.tsv
var builtinText string

// builtin is how pg_type describes a type; fields are the columns of builtinText as text.
type builtin struct {
	length         int64
	byValue        bool
	align, storage string
	collation      int64
	fields         []string
}

var (
	builtinList  = strings.Split(strings.TrimSpace(builtinText), "\n")
	builtinTypes = parseBuiltins(builtinList)
)

func parseBuiltins(lines []string) map[int64]builtin {
	out := map[int64]builtin{}
	for _, line := range lines {
		v := strings.Split(line, "\t")
		out[number(v[0])] = builtin{
			length: number(v[2]), byValue: v[3] == "t", align: v[16], storage: v[17], collation: number(v[18]), fields: v,
		}
	}
	return out
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic("pgcatalog: " + err.Error())
	}
	return n
}

// known says whether the engine has the type: others would be promises.
func known(oid int64, typtype string) bool {
	return typtype == "p" || types.ByOID(uint32(oid), -1) != nil
}

func typeRows(w *World, f *filler) {
	f.columns("oid typname typnamespace typowner typlen typbyval typtype typcategory typispreferred typisdefined typdelim typrelid" +
		" typsubscript typelem typarray typinput typoutput typreceive typsend typmodin typmodout typanalyze typalign typstorage" +
		" typtypmod typcollation")
	for _, line := range builtinList {
		oid := number(line[:strings.IndexByte(line, '\t')])
		b := builtinTypes[oid]
		v := b.fields
		if !known(oid, v[4]) {
			continue
		}
		f.add(oid, v[1], int64(CatalogOID), int64(OwnerOID), b.length, b.byValue, v[4], v[5], v[6] == "t", true, v[7], int64(0), v[19],
			number(v[8]), number(v[9]), v[10], v[11], v[12], v[13], v[14], v[15], "-", b.align, b.storage, int64(-1), b.collation)
	}
	for _, u := range w.userTypes() {
		b := layout(w, u.server, u.typ)
		kind, category, rel, elem, in := "b", string(u.typ.Category()), int64(0), int64(0), "textin"
		switch u.typ.Kind {
		case types.Enum:
			kind, in = "e", "enum_in"
		case types.Composite, types.Record:
			kind, category, in = "c", "C", "record_in"
		case types.Range:
			kind, in = "r", "range_in"
		case types.Array:
			elem, in = w.OIDs.TypeOID(u.server, u.typ.Elem), "array_in"
		}
		base := strings.TrimSuffix(in, "in")
		f.add(u.oid, u.name(), w.OIDs.NamespaceOID(u.server, u.schema()), int64(OwnerOID), b.length, b.byValue, kind, category, false, true, ",",
			rel, "-", elem, u.array, in, base+"out", base+"recv", base+"send", "-", "-", "-", b.align, b.storage, int64(-1), b.collation)
	}
	for _, t := range w.Tables {
		f.add(w.OIDs.rowType(t), t.TableName, w.OIDs.NamespaceOID(t.ServerName, t.SchemaName), int64(OwnerOID), int64(-1), false, "c", "C", false,
			true, ",", w.OIDs.classOf(t), "-", int64(0), int64(0), "record_in", "record_out", "record_recv", "record_send", "-", "-", "-", "d", "x",
			int64(-1), int64(0))
	}
}

// userType is a type of a source: an enum, a composite, or an array of one.
type userType struct {
	server     string
	typ        *types.Type
	oid, array int64
}

// path is the type's name in parts.
func (u *userType) path() []string {
	t := u.typ
	if t.Kind == types.Array {
		t = t.Elem
	}
	return strings.Split(strings.ReplaceAll(t.Name, `"`, ""), ".")
}

func (u *userType) name() string {
	p := u.path()
	if u.typ.Kind == types.Array {
		return "_" + p[len(p)-1]
	}
	return p[len(p)-1]
}

func (u *userType) schema() string {
	if p := u.path(); len(p) > 1 {
		return p[len(p)-2]
	}
	return "public"
}

// userTypes are the types of columns that PostgreSQL does not have, each once, with their parts.
func (w *World) userTypes() []userType {
	var out []userType
	seen := map[int64]int{}
	var add func(server string, t *types.Type) int64
	add = func(server string, t *types.Type) int64 {
		oid := w.OIDs.TypeOID(server, t)
		if oid < FirstOID {
			return oid
		}
		if _, ok := seen[oid]; ok {
			return oid
		}
		seen[oid] = len(out)
		out = append(out, userType{server: server, typ: t, oid: oid})
		if t.Kind == types.Array {
			out[seen[add(server, t.Elem)]].array = oid
		}
		for _, field := range t.Fields {
			add(server, field.Type)
		}
		return oid
	}
	for _, t := range w.Tables {
		for _, c := range t.Cols {
			add(t.ServerName, c.Type)
		}
	}
	return out
}

func enumRows(w *World, f *filler) {
	f.columns("oid enumtypid enumsortorder enumlabel")
	for _, u := range w.userTypes() {
		for i, label := range u.typ.Labels {
			f.add(w.OIDs.Of(Object{Kind: Type, Server: u.server, Schema: "label", Parent: u.typ.Name, Name: label}), u.oid, float64(i+1), label)
		}
	}
}

func rangeRows(_ *World, f *filler) {
	f.columns("rngtypid rngsubtype rngcanonical rngsubdiff")
	for _, line := range builtinList {
		v := strings.Split(line, "\t")
		if t := types.ByOID(uint32(number(v[0])), -1); t != nil && t.Kind == types.Range {
			canonical := "-"
			if t.Elem.IsInteger() || t.Elem.Kind == types.Date {
				canonical = t.Name + "_canonical"
			}
			f.add(int64(t.OID), int64(t.Elem.OID), canonical, t.Name+"_subdiff")
		}
	}
}

// prokind is pg_proc's letter of a kind of function.
func prokind(k expr.FunctionKind) string {
	switch k {
	case expr.Aggregate:
		return "a"
	case expr.Window:
		return "w"
	}
	return "f"
}

func procRows(w *World, f *filler) {
	f.columns("oid proname pronamespace proowner prolang procost provariadic prokind proleakproof proisstrict proretset provolatile" +
		" proparallel pronargs prorettype proargtypes prosrc prosupport")
	volatility := map[expr.Volatility]string{expr.Immutable: "i", expr.Stable: "s", expr.Volatile: "v"}
	for _, fn := range expr.AllFunctions() {
		if fn.Kind == expr.Operator {
			continue
		}
		args := make([]any, len(fn.Args))
		for i, a := range fn.Args {
			args[i] = int64(a.OID)
		}
		result, variadic := int64(types.AnyElementT.OID), int64(0)
		if fn.Result != nil {
			result = w.OIDs.TypeOID("", fn.Result)
		}
		if fn.Variadic {
			variadic = args[len(args)-1].(int64)
		}
		rows := fn.Kind == expr.SetReturning
		f.add(w.OIDs.Of(Object{Kind: Proc, Name: fn.ID}), fn.Name, int64(CatalogOID), int64(OwnerOID), int64(12), float64(1), variadic,
			prokind(fn.Kind), fn.Leakproof, fn.Strict, rows, volatility[fn.Volatility], "s", int64(len(args)), result, args, fn.ID, "-")
	}
}
