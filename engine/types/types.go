// Package types holds SQL types: PostgreSQL's identity (OID, name, modifier), element and field
// types, and the Arrow storage that the engine keeps their values in.
//
// A *Type is immutable after construction and may be shared by any number of goroutines. Two types
// that mean the same need not be the same pointer: compare with [Equal] or [Same].
package types

import (
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
)

// Kind is the closed set of shapes that a type can have. It decides how values are stored and which
// kernels run over them; PostgreSQL's identity of a type is [Type.OID] and [Type.Name].
type Kind uint8

// The kinds. The comment says the Arrow storage inside the engine ("storage", see [Type.Arrow]) and the
// Go form of one value outside of vectors ("datum", see package datum).
const (
	Invalid     Kind = iota
	Unknown          // an untyped literal or NULL: storage utf8, datum string
	Bool             // storage bool, datum bool
	Int2             // int16, int64
	Int4             // int32, int64
	Int8             // int64, int64
	OID              // uint32 stored as int64, int64
	Float4           // float32, float64
	Float8           // float64, float64
	Numeric          // decimal64, decimal128 or package numeric's binary (see Type.Arrow), *apd.Decimal
	Text             // utf8, string
	Varchar          // utf8, string (Mod: length+4)
	Bpchar           // utf8 padded to the length, string (Mod: length+4)
	Name             // utf8, string
	Char             // PostgreSQL's one-byte "char": utf8, string
	Bytea            // binary, []byte
	Date             // date32 (days since 1970-01-01; infinities are the int32 extremes), int64
	Time             // time64[us] (24:00:00 is 86,400,000,000), int64
	TimeTZ           // utf8 in PostgreSQL's canonical text, string
	Timestamp        // timestamp[us] (infinities are the int64 extremes), int64
	TimestampTZ      // timestamp[us, UTC] (as Timestamp), int64
	Interval         // month_day_nano, Interval
	UUID             // fixed_size_binary(16), [16]byte
	JSON             // utf8, the text as written, string
	JSONB            // utf8, PostgreSQL's canonical jsonb text, string
	Enum             // int32, the label's position in Type.Labels, int64
	Array            // list<element>, []any; with Dims a struct, datum.Array (see Type.Dims)
	Composite        // struct, []any
	Range            // utf8 in PostgreSQL's canonical text, times in UTC, string
	Multirange       // the same
	Money            // int64 cents, int64
	Bit              // utf8 of '0' and '1', string (bit and bit varying)
	Inet             // utf8 canonical text, string (inet, cidr, macaddr, macaddr8)
	Opaque           // any other type, carried as PostgreSQL's own text: utf8, string
	Record           // an anonymous row: struct, []any
	Void             // the result of a function without one: utf8, always NULL
	AnyElement       // pseudo-types, in function signatures only
	AnyArray
	AnyEnum
	AnyRange
	AnyMultirange
	Any
)

// Field is one field of a composite type.
type Field struct {
	Name string
	Type *Type
}

// Type is one SQL type. Construct it with the package's variables and functions only.
type Type struct {
	Kind Kind
	// OID is PostgreSQL's for built-in types, 0 for others (enums, composites, domains of a source).
	OID uint32
	// Name is PostgreSQL's internal name ("int4", "timestamptz"), or the qualified name of a source's type.
	Name string
	// Mod is PostgreSQL's type modifier (length+4 for varchar and bpchar, packed precision and scale for
	// numeric, precision for times), -1 for none.
	Mod int32
	// Precision and Scale bound a Numeric column's storage: every value has exactly Scale fractional
	// digits and at most Precision digits in all. Precision 0: each value has a scale of its own. They are
	// a property of the storage, and are known for many expressions that have no Mod (a product of two
	// numeric(15,2) has Precision 30, Scale 4, Mod -1).
	Precision, Scale int32
	// Elem is the element type of an Array, the subtype of a Range, the range type of a Multirange.
	Elem *Type
	// Dims is 0 for an Array whose values all are empty or have one dimension that counts from 1. Above 0 they may have
	// any dimensions and bounds, and are stored as a struct of all elements in order, and of each dimension's length and
	// lower bound (NULL where there is one dimension from 1, or none); a client is sent lists nested Dims deep. Like
	// Precision it is a property of the storage: PostgreSQL's array types do not tell it.
	Dims int32
	// Fields are those of a Composite or Record, and the two of the storage of an Array with Dims.
	Fields []Field
	// Labels are those of an Enum, in declaration order.
	Labels []string
	// Domain is set where values are declared to be of a domain over this type. It says what the type is called and
	// what casts to it check; everything else goes by the type below, and [Same] and [Equal] do not look at it.
	Domain *Domain
}

func scalar(k Kind, oid uint32, name string) *Type {
	return &Type{Kind: k, OID: oid, Name: name, Mod: -1}
}

// The types without parameters.
var (
	UnknownT     = scalar(Unknown, 705, "unknown")
	BoolT        = scalar(Bool, 16, "bool")
	Int2T        = scalar(Int2, 21, "int2")
	Int4T        = scalar(Int4, 23, "int4")
	Int8T        = scalar(Int8, 20, "int8")
	OIDT         = scalar(OID, 26, "oid")
	Float4T      = scalar(Float4, 700, "float4")
	Float8T      = scalar(Float8, 701, "float8")
	NumericT     = scalar(Numeric, 1700, "numeric")
	TextT        = scalar(Text, 25, "text")
	VarcharT     = scalar(Varchar, 1043, "varchar")
	BpcharT      = scalar(Bpchar, 1042, "bpchar")
	NameT        = scalar(Name, 19, "name")
	CharT        = scalar(Char, 18, "char")
	ByteaT       = scalar(Bytea, 17, "bytea")
	DateT        = scalar(Date, 1082, "date")
	TimeT        = scalar(Time, 1083, "time")
	TimeTZT      = scalar(TimeTZ, 1266, "timetz")
	TimestampT   = scalar(Timestamp, 1114, "timestamp")
	TimestampTZT = scalar(TimestampTZ, 1184, "timestamptz")
	IntervalT    = scalar(Interval, 1186, "interval")
	UUIDT        = scalar(UUID, 2950, "uuid")
	JSONT        = scalar(JSON, 114, "json")
	JSONBT       = scalar(JSONB, 3802, "jsonb")
	MoneyT       = scalar(Money, 790, "money")
	BitT         = scalar(Bit, 1560, "bit")
	VarbitT      = scalar(Bit, 1562, "varbit")
	InetT        = scalar(Inet, 869, "inet")
	CidrT        = scalar(Inet, 650, "cidr")
	MacaddrT     = scalar(Inet, 829, "macaddr")
	Macaddr8T    = scalar(Inet, 774, "macaddr8")
	// JSONPathT are SQL/JSON paths, in the text that PostgreSQL prints them in.
	JSONPathT   = scalar(Opaque, 4072, "jsonpath")
	RecordT     = scalar(Record, 2249, "record")
	VoidT       = scalar(Void, 2278, "void")
	AnyElementT = scalar(AnyElement, 2283, "anyelement")
	AnyArrayT   = scalar(AnyArray, 2277, "anyarray")
	AnyEnumT    = scalar(AnyEnum, 3500, "anyenum")
	AnyT        = scalar(Any, 2276, "any")

	AnyRangeT      = scalar(AnyRange, 3831, "anyrange")
	AnyMultirangeT = scalar(AnyMultirange, 4537, "anymultirange")
)

// MaxDecimal64, MaxDecimal128 and MaxDecimal256 are the digits that Arrow's decimals hold.
const (
	MaxDecimal64  = 18
	MaxDecimal128 = 38
	MaxDecimal256 = 76
)

// NumericOf is numeric(precision, scale) as declared, with its modifier.
func NumericOf(precision, scale int32) *Type {
	t := *NumericT
	t.Mod = (precision<<16 | scale&0x7ff) + 4
	if scale >= 0 && scale <= precision {
		t.Precision, t.Scale = precision, scale
	}
	return &t
}

// NumericScaled is numeric without a modifier whose values are known to have the given scale and at most
// the given digits. A precision beyond MaxDecimal128 gives plain [NumericT].
func NumericScaled(precision, scale int32) *Type {
	if precision > MaxDecimal128 || scale > precision || scale < 0 {
		return NumericT
	}
	t := *NumericT
	t.Precision, t.Scale = precision, scale
	return &t
}

// VarcharOf is varchar(n); BpcharOf is char(n); n counts characters.
func VarcharOf(n int32) *Type { return VarcharT.WithMod(n + 4) }

// BpcharOf is char(n).
func BpcharOf(n int32) *Type { return BpcharT.WithMod(n + 4) }

// SummedDigits is how many digits a sum can have more than its values: fewer than 10^19 rows are summed.
const SummedDigits = 19

// NumericSum is the type of sums of numerics of type t: of t's scale, with room for every sum. Beyond MaxDecimal128
// digits the storage is that of values with scales of their own, and Precision and Scale say what the values keep to. It
// is [NumericT] where t's digits are unknown.
func NumericSum(t *Type) *Type {
	switch {
	case t.NumericStorage() == VarNumeric:
		return NumericT
	case t.Precision+SummedDigits <= MaxDecimal128:
		return NumericScaled(MaxDecimal128, t.Scale)
	}
	wide := *NumericT
	wide.Precision, wide.Scale = t.Precision+SummedDigits, t.Scale
	return &wide
}

// WithMod is t with another modifier. For numeric it sets precision and scale too.
func (t *Type) WithMod(mod int32) *Type {
	if mod == t.Mod {
		return t
	}
	if t.Kind == Numeric {
		if mod < 4 {
			return NumericT
		}
		p, s := (mod-4)>>16&0xffff, (mod-4)&0x7ff
		return NumericOf(p, (s^1024)-1024)
	}
	c := *t
	c.Mod = mod
	return &c
}

// Length is n of varchar(n) and char(n), or -1.
func (t *Type) Length() int32 {
	if (t.Kind == Varchar || t.Kind == Bpchar) && t.Mod >= 4 {
		return t.Mod - 4
	}
	return -1
}

// ArrayOf is the type of arrays of elem.
func ArrayOf(elem *Type) *Type {
	return &Type{Kind: Array, OID: arrayOID[elem.OID], Name: "_" + elem.Name, Mod: -1, Elem: elem}
}

// ShapedArrayOf is the type of arrays of elem that may have any dimensions; dims, at least 1, is how many they are
// expected to have.
func ShapedArrayOf(elem *Type, dims int32) *Type {
	t := ArrayOf(elem)
	t.Dims = dims
	t.Fields = []Field{{Name: "elements", Type: ArrayOf(elem)}, {Name: "bounds", Type: boundsOf}}
	return t
}

var boundsOf = ArrayOf(Int4T)

// CompositeOf is a named composite type with its fields in order.
func CompositeOf(name string, fields []Field) *Type {
	return &Type{Kind: Composite, Name: name, Mod: -1, Fields: slices.Clone(fields)}
}

// RecordOf is an anonymous row type.
func RecordOf(fields []Field) *Type {
	t := *RecordT
	t.Fields = slices.Clone(fields)
	return &t
}

// EnumOf is an enum with its labels in declaration order.
func EnumOf(name string, labels []string) *Type {
	return &Type{Kind: Enum, Name: name, Mod: -1, Labels: slices.Clone(labels)}
}

// RangeOf is a range type over elem, PostgreSQL's built-in one where elem has one and name is its name.
func RangeOf(name string, elem *Type) *Type {
	return &Type{Kind: Range, OID: rangeOID[name], Name: name, Mod: -1, Elem: elem}
}

// MultirangeOf is a multirange type over the range type rng; name is PostgreSQL's.
func MultirangeOf(name string, rng *Type) *Type {
	return &Type{Kind: Multirange, OID: multirangeOID[name], Name: name, Mod: -1, Elem: rng}
}

// Discrete says whether a range type is one of the built-in ones whose values are canonical as [a,b).
func (t *Type) Discrete() bool {
	return t.Kind == Range && t.OID != 0 && (t.Elem.IsInteger() || t.Elem.Kind == Date)
}

// OpaqueOf is a type that the engine only carries, as the text that PostgreSQL prints.
func OpaqueOf(oid uint32, name string) *Type {
	return &Type{Kind: Opaque, OID: oid, Name: name, Mod: -1}
}

// Same says whether a and b are one SQL type, whatever their modifiers and numeric storage.
func Same(a, b *Type) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || a.Kind != b.Kind || a.OID != b.OID {
		return false
	}
	switch a.Kind {
	case Array, Range, Multirange:
		return Same(a.Elem, b.Elem)
	case Composite:
		return a.Name == b.Name && sameFields(a.Fields, b.Fields, Same)
	case Record:
		return sameFields(a.Fields, b.Fields, Same)
	case Enum:
		return a.Name == b.Name && slices.Equal(a.Labels, b.Labels)
	case Opaque:
		return a.Name == b.Name
	}
	return true
}

// Equal says whether a and b are one type in every respect, storage and modifier included, so that a
// vector of one is a vector of the other.
func Equal(a, b *Type) bool {
	if a == b {
		return true
	}
	if !Same(a, b) || a.Mod != b.Mod || a.Precision != b.Precision || a.Scale != b.Scale {
		return false
	}
	switch a.Kind {
	case Array:
		return a.Dims == b.Dims && Equal(a.Elem, b.Elem)
	case Range, Multirange:
		return Equal(a.Elem, b.Elem)
	case Composite, Record:
		return sameFields(a.Fields, b.Fields, Equal)
	}
	return true
}

func sameFields(a, b []Field, eq func(a, b *Type) bool) bool {
	return slices.EqualFunc(a, b, func(x, y Field) bool { return x.Name == y.Name && eq(x.Type, y.Type) })
}

// SameStorage says whether vectors of a and b have one Arrow storage type.
func SameStorage(a, b *Type) bool { return arrow.TypeEqual(a.Arrow(), b.Arrow()) }

// IsString says whether values are character strings.
func (t *Type) IsString() bool {
	switch t.Kind {
	case Text, Varchar, Bpchar, Name, Char, Unknown:
		return true
	}
	return false
}

// IsInteger says whether values are whole binary integers.
func (t *Type) IsInteger() bool {
	switch t.Kind {
	case Int2, Int4, Int8, OID:
		return true
	}
	return false
}

// IsFloat says whether values are binary floating point.
func (t *Type) IsFloat() bool { return t.Kind == Float4 || t.Kind == Float8 }

// IsPseudo says whether t stands for others in a function's signature.
func (t *Type) IsPseudo() bool { return t.Kind >= AnyElement }
