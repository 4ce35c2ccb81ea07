package types

import "fmt"

var sqlName = map[string]string{
	"bool": "boolean", "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real",
	"float8": "double precision", "varchar": "character varying", "bpchar": "character", "char": `"char"`,
	"time": "time without time zone", "timetz": "time with time zone", "timestamp": "timestamp without time zone",
	"timestamptz": "timestamp with time zone", "varbit": "bit varying",
}

// String is the type as PostgreSQL's format_type prints it: "numeric(15,2)", "timestamp without time zone",
// "integer[]".
func (t *Type) String() string {
	if t == nil {
		return "none"
	}
	if t.Kind == Array {
		return t.Elem.String() + "[]"
	}
	name := t.Name
	if s, ok := sqlName[name]; ok {
		name = s
	}
	if t.Mod < 0 {
		return name
	}
	return withModifier(t, name)
}

func withModifier(t *Type, name string) string {
	switch t.Kind {
	case Varchar, Bpchar:
		return fmt.Sprintf("%s(%d)", name, t.Mod-4)
	case Numeric:
		p, s := (t.Mod-4)>>16&0xffff, (t.Mod-4)&0x7ff
		return fmt.Sprintf("%s(%d,%d)", name, p, (s^1024)-1024)
	case Bit:
		return fmt.Sprintf("%s(%d)", name, t.Mod)
	case Time, TimeTZ, Timestamp, TimestampTZ:
		// "timestamp(3) without time zone": the precision stands behind the first word.
		for i := range name {
			if name[i] == ' ' {
				return fmt.Sprintf("%s(%d)%s", name[:i], t.Mod, name[i:])
			}
		}
	}
	return name
}

// Category is PostgreSQL's typcategory letter, which type resolution goes by: A array, B boolean, C
// composite, D date/time, E enum, I network, N numeric, P pseudo, R range, S string, T timespan, U user, V bit
// string, X unknown.
func (t *Type) Category() byte {
	switch t.Kind {
	case Array:
		return 'A'
	case Bool:
		return 'B'
	case Composite:
		return 'C'
	case Date, Time, TimeTZ, Timestamp, TimestampTZ:
		return 'D'
	case Enum:
		return 'E'
	case Inet:
		if t.OID == 869 || t.OID == 650 {
			return 'I'
		}
		return 'U'
	case Int2, Int4, Int8, OID, Float4, Float8, Numeric, Money:
		return 'N'
	case Range, Multirange:
		return 'R'
	case Text, Varchar, Bpchar, Name:
		return 'S'
	case Char:
		return 'Z'
	case Interval:
		return 'T'
	case Bit:
		return 'V'
	case Unknown:
		return 'X'
	case Record, Void, AnyElement, AnyArray, AnyEnum, AnyRange, AnyMultirange, Any:
		return 'P'
	}
	return 'U'
}

// Preferred says whether t is its category's preferred type (pg_type.typispreferred).
func (t *Type) Preferred() bool {
	switch t.OID {
	case 16, 26, 701, 25, 1184, 1186, 869, 1562:
		return true
	}
	return false
}
