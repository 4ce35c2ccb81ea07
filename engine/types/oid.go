package types

import "strings"

// arrayOID maps an element's OID to its array's (pg_type.dat of PostgreSQL 15).
var arrayOID = map[uint32]uint32{
	16: 1000, 17: 1001, 18: 1002, 19: 1003, 20: 1016, 21: 1005, 23: 1007, 25: 1009, 26: 1028, 114: 199,
	650: 651, 700: 1021, 701: 1022, 774: 775, 790: 791, 829: 1040, 869: 1041, 1042: 1014, 1043: 1015,
	1082: 1182, 1083: 1183, 1114: 1115, 1184: 1185, 1186: 1187, 1266: 1270, 1560: 1561, 1562: 1563,
	1700: 1231, 2950: 2951, 3802: 3807, 2249: 2287, 3904: 3905, 3926: 3927, 3906: 3907, 3912: 3913,
	2205: 2210, 2206: 2211, 4089: 4090, 4072: 4073, 3908: 3909, 3910: 3911, 4451: 6150, 4532: 6151, 4533: 6152, 4534: 6153, 4535: 6155, 4536: 6157,
}

// rangeOID maps the built-in range types' names to their OIDs.
var rangeOID = map[string]uint32{
	"int4range": 3904, "int8range": 3926, "numrange": 3906, "daterange": 3912, "tsrange": 3908, "tstzrange": 3910,
}

// multirangeOID maps the built-in multirange types' names to their OIDs.
var multirangeOID = map[string]uint32{
	"int4multirange": 4451, "int8multirange": 4536, "nummultirange": 4532, "datemultirange": 4535, "tsmultirange": 4533,
	"tstzmultirange": 4534,
}

// MultirangeFor is the multirange type of a range type: the built-in one, or nil.
func MultirangeFor(rng *Type) *Type {
	if rng.OID == 0 {
		return nil
	}
	return byName[strings.TrimSuffix(rng.Name, "range")+"multirange"]
}

var rangeElem = map[string]*Type{
	"int4range": Int4T, "int8range": Int8T, "numrange": NumericT, "daterange": DateT, "tsrange": TimestampT,
	"tstzrange": TimestampTZT,
}

var (
	byOID  = map[uint32]*Type{}
	byName = map[string]*Type{}
)

func init() {
	for _, t := range []*Type{
		UnknownT, BoolT, Int2T, Int4T, Int8T, OIDT, Float4T, Float8T, NumericT, TextT, VarcharT, BpcharT, NameT,
		CharT, ByteaT, DateT, TimeT, TimeTZT, TimestampT, TimestampTZT, IntervalT, UUIDT, JSONT, JSONBT, MoneyT,
		BitT, VarbitT, InetT, CidrT, MacaddrT, Macaddr8T, RecordT, VoidT, JSONPathT,
	} {
		register(t)
	}
	for name, elem := range rangeElem {
		rng := RangeOf(name, elem)
		register(rng)
		register(MultirangeOf(strings.TrimSuffix(name, "range")+"multirange", rng))
	}
}

func register(t *Type) {
	byOID[t.OID], byName[t.Name] = t, t
	if arrayOID[t.OID] != 0 {
		a := ArrayOf(t)
		byOID[a.OID], byName[a.Name] = a, a
	}
}

// ByOID is the built-in type with PostgreSQL's OID and modifier (-1 for none), or nil.
func ByOID(oid uint32, mod int32) *Type {
	t := byOID[oid]
	if t == nil || mod < 0 {
		return t
	}
	if t.Kind == Array {
		c := *t
		c.Elem = t.Elem.WithMod(mod)
		return &c
	}
	return t.WithMod(mod)
}

// ByName is the built-in type with PostgreSQL's internal name ("int4", "_text", "timestamptz"), or nil.
// SQL spellings ("integer", "double precision") are turned into these by the grammar.
func ByName(name string) *Type { return byName[name] }
