package eval

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/skeinsql/skein/engine/expr"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

func init() {
	viewDefinition := byDatum(func(c *call, a []any) (any, error) {
		if o := c.env.Objects; o != nil {
			return known(o.ViewDefinition(a[0].(int64)))
		}
		return nil, nil
	})
	constraint := byDatum(func(c *call, a []any) (any, error) {
		if o := c.env.Objects; o != nil {
			return known(o.ConstraintDefinition(a[0].(int64)))
		}
		return nil, nil
	})
	comment := byDatum(comment)
	expression := byDatum(func(_ *call, a []any) (any, error) { return a[0], nil })
	always := byDatum(func(*call, []any) (any, error) { return true, nil })
	never := byDatum(func(*call, []any) (any, error) { return false, nil })
	null := byDatum(func(*call, []any) (any, error) { return nil, nil })
	encoding := fixed(clock(func(*call) any { return "UTF8" }))
	register(implementations{
		"current_schemas": byDatum(currentSchemas), "format_type": byDatum(formatType),
		"pg_get_viewdef": viewDefinition, "pg_get_viewdef_ext": viewDefinition, "pg_get_viewdef_wrap": viewDefinition,
		"pg_get_userbyid": byDatum(userByID), "pg_table_is_visible": byDatum(tableIsVisible),
		"pg_type_is_visible": always, "pg_function_is_visible": always, "pg_operator_is_visible": always, "pg_collation_is_visible": always,
		"pg_get_expr": expression, "pg_get_expr_ext": expression,
		"pg_get_constraintdef": constraint, "pg_get_constraintdef_ext": constraint,
		"pg_get_indexdef": byDatum(indexDefinition), "pg_get_indexdef_ext": byDatum(indexDefinition),
		"pg_get_partkeydef": null, "pg_get_serial_sequence": null, "col_description": null, "shobj_description": null,
		"obj_description": comment, "obj_description_any": comment,
		"to_regclass": byDatum(toRegclass), "to_regtype": byDatum(toRegtype),
		"to_regnamespace": byDatum(toRegnamespace),
		"regclassin":      byDatum(registered(toRegclass, sqlerr.UndefinedTable, "relation")), "regclassout": byDatum(nameOf(inSession(Objects.RelationName))),
		"regtypein":      byDatum(registered(toRegtype, sqlerr.UndefinedObject, "type")),
		"regtypeout":     byDatum(nameOf(typeName)),
		"regnamespacein": byDatum(registered(toRegnamespace, sqlerr.UndefinedSchema, "schema")), "regnamespaceout": byDatum(nameOf(inSession(Objects.NamespaceName))),
		"pg_encoding_to_char": byDatum(encodingName), "pg_char_to_encoding": byDatum(encodingNumber),
		"pg_client_encoding": encoding, "getdatabaseencoding": encoding,
		"set_config_by_name": byDatum(setConfig), "pg_backend_pid": fixed(clock(backendPID)),
		"inet_server_addr": fixed(clock(unknown)), "inet_server_port": fixed(clock(unknown)),
		"inet_client_addr": fixed(clock(unknown)), "inet_client_port": fixed(clock(unknown)),
		"pg_is_in_recovery": fixed(clock(func(*call) any { return false })),
		"pg_my_temp_schema": fixed(clock(func(*call) any { return int64(0) })), "pg_is_other_temp_schema": never,
	})
	for _, f := range expr.AllFunctions() {
		if strings.HasPrefix(f.Name, "has_") && strings.HasSuffix(f.Name, "_privilege") || f.Name == "pg_has_role" {
			register(implementations{f.ID: byDatum(privilegeOn(f))})
		}
	}
}

// unknown is what the addresses of a connection are: they belong to the protocol's server.
func unknown(*call) any { return nil }

// known is a name that may not be there.
func known(s string, ok bool) (any, error) {
	if !ok {
		return nil, nil
	}
	return s, nil
}

func currentSchemas(c *call, a []any) (any, error) {
	if c.env.Objects == nil {
		return []any{}, nil
	}
	var out []any
	for _, s := range c.env.Objects.Schemas(a[0].(bool)) {
		out = append(out, s)
	}
	return out, nil
}

// formatType is format_type(type, modifier): "???" for an identifier that no type has, as in PostgreSQL.
func formatType(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	oid, mod := a[0].(int64), int32(-1)
	if m, ok := a[1].(int64); ok {
		mod = int32(m)
	}
	if oid == 0 {
		return "-", nil
	}
	if c.env.Objects != nil {
		if name, ok := c.env.Objects.TypeName(oid, mod); ok {
			return name, nil
		}
	}
	return "???", nil
}

func userByID(c *call, a []any) (any, error) {
	if c.env.Objects != nil {
		if name, ok := c.env.Objects.RoleName(a[0].(int64)); ok {
			return name, nil
		}
	}
	return fmt.Sprintf("unknown (OID=%d)", a[0]), nil
}

// tableIsVisible is NULL for what is no relation, as in PostgreSQL.
func tableIsVisible(c *call, a []any) (any, error) {
	o, oid := c.env.Objects, a[0].(int64)
	if o == nil {
		return nil, nil
	}
	if _, ok := o.RelationName(oid); !ok {
		return nil, nil
	}
	return o.Visible(oid), nil
}

func comment(c *call, a []any) (any, error) {
	if c.env.Objects == nil || len(a) == 2 && a[1].(string) != "pg_class" {
		return nil, nil
	}
	return known(c.env.Objects.Comment(a[0].(int64)))
}

func indexDefinition(c *call, a []any) (any, error) {
	column, pretty := 0, false
	if len(a) == 3 {
		column, pretty = int(a[1].(int64)), a[2].(bool)
	}
	if c.env.Objects == nil {
		return nil, nil
	}
	return known(c.env.Objects.IndexDefinition(a[0].(int64), column, pretty))
}

func toRegclass(c *call, a []any) (any, error) {
	if c.env.Objects == nil {
		return nil, nil
	}
	return found(c.env.Objects.Relation(context.Background(), a[0].(string)))
}

func toRegtype(c *call, a []any) (any, error) {
	if c.env.Objects == nil {
		return nil, nil
	}
	return found(c.env.Objects.Type(context.Background(), a[0].(string)))
}

func toRegnamespace(c *call, a []any) (any, error) {
	if c.env.Objects == nil {
		return nil, nil
	}
	return found(c.env.Objects.Namespace(a[0].(string)), nil)
}

// registered is the input function of a type that is written as a name, or as a number.
func registered(look func(c *call, a []any) (any, error), code, what string) func(c *call, a []any) (any, error) {
	return func(c *call, a []any) (any, error) {
		s := a[0].(string)
		if s == "-" {
			return int64(0), nil
		}
		if n, err := strconv.ParseUint(s, 10, 32); err == nil {
			return int64(n), nil
		}
		oid, err := look(c, a)
		if oid == nil && err == nil {
			err = sqlerr.New(code, "%s \"%s\" does not exist", what, s)
		}
		return oid, err
	}
}

// nameOf is the output function: the number where no name is known.
func nameOf(look func(o Objects, oid int64) (string, bool)) func(c *call, a []any) (any, error) {
	return func(c *call, a []any) (any, error) {
		oid := a[0].(int64)
		if oid == 0 {
			return "-", nil
		}
		if name, ok := look(c.env.Objects, oid); ok {
			return name, nil
		}
		return strconv.FormatInt(oid, 10), nil
	}
}

// inSession is a look-up that finds nothing outside of a session.
func inSession(look func(o Objects, oid int64) (string, bool)) func(o Objects, oid int64) (string, bool) {
	return func(o Objects, oid int64) (string, bool) {
		if o == nil {
			return "", false
		}
		return look(o, oid)
	}
}

// typeName is a type's name, also outside of a session.
func typeName(o Objects, oid int64) (string, bool) {
	if o != nil {
		return o.TypeName(oid, -1)
	}
	t := types.ByOID(uint32(oid), -1)
	if t == nil {
		return "", false
	}
	return t.String(), true
}

func found(oid int64, err error) (any, error) {
	if oid == 0 || err != nil {
		return nil, err
	}
	return oid, nil
}

// encodings are the numbers of PostgreSQL's encodings (pg_enc) that clients meet.
var encodings = map[string]int64{"SQL_ASCII": 0, "UTF8": 6, "LATIN1": 8}

func encodingName(_ *call, a []any) (any, error) {
	for name, n := range encodings {
		if n == a[0].(int64) {
			return name, nil
		}
	}
	return "", nil
}

func encodingNumber(_ *call, a []any) (any, error) {
	name := strings.ReplaceAll(strings.ToUpper(a[0].(string)), "-", "")
	if n, ok := encodings[name]; ok {
		return n, nil
	}
	return int64(-1), nil
}

// setConfig is set_config(name, value, is_local).
func setConfig(c *call, a []any) (any, error) {
	if a[0] == nil {
		return nil, sqlerr.New("22004", "SET requires parameter name")
	}
	value, _ := a[1].(string)
	local, _ := a[2].(bool)
	if c.env.Objects == nil {
		return nil, sqlerr.Unsupported("set_config outside of a session")
	}
	return c.env.Objects.Set(a[0].(string), value, local)
}

func backendPID(c *call) any {
	if c.env.Objects == nil {
		return nil
	}
	return int64(c.env.Objects.PID())
}

// privileges are the words of GRANT: whether a role has it. Everything may be read and nothing written.
var privileges = map[string]bool{
	"SELECT": true, "USAGE": true, "EXECUTE": true, "CONNECT": true, "MEMBER": true, "SET": true,
	"INSERT": false, "UPDATE": false, "DELETE": false, "TRUNCATE": false, "REFERENCES": false, "TRIGGER": false, "CREATE": false,
	"TEMPORARY": false, "TEMP": false,
}
