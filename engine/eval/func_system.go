package eval

import (
	"strings"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// serverVersion is what version() says: the PostgreSQL whose dialect this is.
const serverVersion = "PostgreSQL 15.0 (Skein)"

func init() {
	user := fixed(clock(func(c *call) any { return nonEmpty(c.env.User) }))
	catalog := fixed(clock(func(c *call) any { return nonEmpty(c.env.Catalog) }))
	register(implementations{
		"current_user": user, "session_user": user, "user": user, "current_role": user,
		"current_catalog": catalog, "current_database": catalog,
		"current_schema":      fixed(clock(func(c *call) any { return nonEmpty(c.env.Schema) })),
		"version":             fixed(clock(func(*call) any { return serverVersion })),
		"show_config_by_name": byDatum(currentSetting), "show_config_by_name_missing_ok": byDatum(currentSetting),
		"pg_cancel_backend": byDatum(cancelBackend),
		"pg_typeof":         fixed(clock(typeIdentifier)),
		"domain_violation":  byDatum(domainViolation),
	})
}

// nonEmpty is s, or NULL when the session has none.
func nonEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// typeIdentifier is pg_typeof's answer.
func typeIdentifier(c *call) any {
	t := c.args[0]
	if t.BuiltIn() || c.env.Objects == nil {
		return int64(t.OID)
	}
	return c.env.Objects.TypeOID(t)
}

// domainViolation is the error for a value that a domain refuses; a is the domain's name, and the constraint's or "".
func domainViolation(_ *call, a []any) (any, error) {
	if a[1] == "" {
		return nil, sqlerr.New(sqlerr.NotNullViolation, "domain %s does not allow null values", a[0])
	}
	return nil, sqlerr.New(sqlerr.CheckViolation, "value for domain %s violates check constraint \"%s\"", a[0], a[1])
}

// cancelBackend is pg_cancel_backend(pid): whether there was such a statement.
func cancelBackend(c *call, a []any) (any, error) {
	return c.env.Cancel != nil && c.env.Cancel(int32(a[0].(int64))), nil
}

// currentSetting is current_setting(name [, missing_ok]).
func currentSetting(c *call, a []any) (any, error) {
	name := strings.ToLower(a[0].(string))
	if c.env.Setting != nil {
		if v, ok := c.env.Setting(name); ok {
			return v, nil
		}
	}
	if len(a) == 2 && a[1].(bool) {
		return nil, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "unrecognized configuration parameter \"%s\"", a[0])
}
