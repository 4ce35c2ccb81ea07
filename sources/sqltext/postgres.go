package sqltext

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// Postgres is PostgreSQL's dialect.
var Postgres = &Dialect{
	TypeName: postgresType,
	Literal:  postgresLiteral,
	Collate:  ` COLLATE pg_catalog."C"`,
	calls:    newCalls(),
}

func postgresType(t *types.Type) (string, bool) {
	switch t.Kind {
	case types.Array:
		name, ok := postgresType(t.Elem)
		return name + "[]", ok
	case types.Enum:
		return t.Name, true // qualified and quoted by discovery
	case types.Unknown:
		return "pg_catalog.text", true
	case types.Composite, types.Record, types.Opaque, types.Void, types.Invalid, types.AnyElement, types.AnyArray,
		types.AnyEnum, types.AnyRange, types.AnyMultirange, types.Any:
		return "", false
	}
	if t.OID == 0 {
		return "", false
	}
	return `pg_catalog.` + QuoteIdentifier(t.Name), true
}

// PostgresText is a value as PostgreSQL's input function of its type takes it.
func PostgresText(t *types.Type, value any) (string, error) {
	text := datum.Text(t, value, time.UTC)
	if strings.IndexByte(text, 0) >= 0 {
		return "", errors.New("PostgreSQL's texts cannot hold a NUL byte")
	}
	if !utf8.ValidString(text) {
		return "", errors.New("the text is not valid UTF-8")
	}
	return text, nil
}

func postgresLiteral(t *types.Type, value any) (string, error) {
	name, ok := postgresType(t)
	if !ok {
		return "", fmt.Errorf("constants of type %s are not sent", t)
	}
	if value == nil {
		return "NULL::" + name, nil
	}
	text, err := PostgresText(t, value)
	if err != nil {
		return "", err
	}
	return QuoteString(text) + "::" + name, nil
}
