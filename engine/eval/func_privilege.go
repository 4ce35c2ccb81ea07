package eval

import (
	"context"
	"slices"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// privilegesOn are the words that the functions understand, by what they ask about; others have all.
var privilegesOn = map[string][]string{
	"has_table_privilege":      {"SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "RULE"}, // RULE is obsolete
	"has_any_column_privilege": {"SELECT", "INSERT", "UPDATE", "REFERENCES"},
	"has_column_privilege":     {"SELECT", "INSERT", "UPDATE", "REFERENCES"},
	"has_sequence_privilege":   {"USAGE", "SELECT", "UPDATE"},
	"has_schema_privilege":     {"CREATE", "USAGE"},
	"has_database_privilege":   {"CREATE", "TEMPORARY", "TEMP", "CONNECT"},
	"has_function_privilege":   {"EXECUTE"},
	"has_language_privilege":   {"USAGE"},
	"has_server_privilege":     {"USAGE"},
	"has_type_privilege":       {"USAGE"},
	"pg_has_role":              {"USAGE", "MEMBER"},
}

// privilegeOn is has_table_privilege or one of its like: any of the privileges, separated by commas, on an object that
// must be there when it is given by name.
func privilegeOn(f *expr.Function) func(c *call, a []any) (any, error) {
	object := len(f.Args) - 2
	if f.Name == "has_column_privilege" {
		object--
	}
	named := f.Args[object].Kind == types.Text
	return func(c *call, a []any) (any, error) {
		if named && c.env.Objects != nil {
			if err := objectExists(c.env.Objects, f.Name, a[object].(string)); err != nil {
				return nil, err
			}
		}
		return hasPrivilege(f.Name, a[len(a)-1].(string))
	}
}

// objectExists refuses the name of a relation or a type that is not there.
func objectExists(o Objects, function, name string) error {
	switch function {
	case "has_table_privilege", "has_any_column_privilege", "has_column_privilege":
		oid, err := o.Relation(context.Background(), name)
		if err == nil && oid == 0 {
			err = sqlerr.New(sqlerr.UndefinedTable, "relation \"%s\" does not exist", name)
		}
		return err
	case "has_type_privilege":
		oid, err := o.Type(context.Background(), name)
		if err == nil && oid == 0 {
			err = sqlerr.New(sqlerr.UndefinedObject, "type \"%s\" does not exist", name)
		}
		return err
	}
	return nil
}

func hasPrivilege(function, list string) (any, error) {
	has := false
	for _, word := range strings.Split(list, ",") {
		word = strings.TrimSpace(word)
		plain, grants := strings.CutSuffix(strings.ToUpper(word), " WITH GRANT OPTION")
		if function == "pg_has_role" && !grants {
			plain, grants = strings.CutSuffix(plain, " WITH ADMIN OPTION")
		}
		if !slices.Contains(privilegesOn[function], plain) {
			return nil, sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized privilege type: \"%s\"", word)
		}
		has = has || privileges[plain] && !grants
	}
	return has, nil
}
