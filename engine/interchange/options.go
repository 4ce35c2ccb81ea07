// Package interchange maps between the Arrow types that clients and files use and the storage that the engine keeps
// values in (see types.Type.Arrow), both ways: outbound for results ([Schema], [Converter]), inbound for registered
// tables, parameters and files ([FromArrow], [Importer]).
//
// Nothing is rounded, truncated or wrapped silently: what does not fit is an error with a SQLSTATE, the column's name
// and what to do about it.
package interchange

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// Options choose among the forms that a client may receive. The zero value is the default.
type Options struct {
	// Numeric is the form of numeric columns whose precision is not known, `skein.numeric`.
	Numeric NumericForm
	// UUID and JSON choose the form of uuid and of json and jsonb columns.
	UUID UUIDForm
	JSON JSONForm
	// Origins says which table's column an output column is, for its metadata; nil or missing for none.
	Origins map[expr.ColumnID]Origin
}

// Origin is where an output column comes from unchanged.
type Origin struct{ Catalog, Schema, Table string }

// UUIDForm is how a client receives uuid columns.
type UUIDForm uint8

// The forms of uuid. The default is canonical text, which every client shows as people write it: the JDBC driver
// knows the arrow.uuid extension from 19.0 on only (18.x gives byte[]) and polars reads it as raw bytes.
const (
	UUIDText      UUIDForm = iota // utf8
	UUIDExtension                 // the canonical extension type arrow.uuid
	UUIDBinary                    // fixed_size_binary(16)
)

// JSONForm is how a client receives json and jsonb columns.
type JSONForm uint8

// The forms of json: utf8, or the canonical extension type arrow.json over it. Clients that do not know the extension
// see utf8 in both.
const (
	JSONText JSONForm = iota
	JSONExtension
)

// NumericKind is what unbounded numeric columns become.
type NumericKind uint8

// The kinds: a decimal of fixed precision and scale, text as PostgreSQL prints it (nothing is ever lost), or a double
// (rounded to the nearest, as its name says).
const (
	NumericDecimal NumericKind = iota
	NumericText
	NumericDouble
)

// NumericForm is the form of numeric columns of unknown precision. The zero value is decimal(76,38).
type NumericForm struct {
	Kind NumericKind
	// Precision and Scale are those of NumericDecimal; Precision 0 means 76 and 38.
	Precision, Scale int32
}

// ParseNumericForm reads a value of `skein.numeric`: "text", "double", "decimal(p,s)" with p from 1 to 76 and s from 0
// to p, or "decimal", which is the default decimal(76,38). Others are errors (22023).
func ParseNumericForm(s string) (NumericForm, error) {
	word := strings.ToLower(strings.ReplaceAll(s, " ", ""))
	switch word {
	case "text":
		return NumericForm{Kind: NumericText}, nil
	case "double":
		return NumericForm{Kind: NumericDouble}, nil
	case "decimal":
		return NumericForm{}, nil
	}
	inner, ok := strings.CutPrefix(word, "decimal(")
	inner, closed := strings.CutSuffix(inner, ")")
	p, scale, two := strings.Cut(inner, ",")
	precision, err1 := strconv.Atoi(p)
	digits, err2 := 0, error(nil)
	if two {
		digits, err2 = strconv.Atoi(scale)
	}
	if !ok || !closed || err1 != nil || err2 != nil || precision < 1 || precision > types.MaxDecimal256 ||
		digits < 0 || digits > precision {
		return NumericForm{}, sqlerr.New(sqlerr.InvalidParameterValue, "invalid value for skein.numeric: %q", s).
			WithHint("use 'text', 'double' or 'decimal(p,s)' with p up to 76 and s up to p")
	}
	return NumericForm{Precision: int32(precision), Scale: int32(digits)}, nil
}

// String is the form as ParseNumericForm reads it.
func (f NumericForm) String() string {
	switch f.Kind {
	case NumericText:
		return "text"
	case NumericDouble:
		return "double"
	}
	p, s := f.decimal()
	return fmt.Sprintf("decimal(%d,%d)", p, s)
}

func (f NumericForm) decimal() (precision, scale int32) {
	if f.Precision == 0 {
		return types.MaxDecimal256, 38
	}
	return f.Precision, f.Scale
}
