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
		"pg_typeof":         byDatum(func(c *call, _ []any) (any, error) { return c.args[0].WithMod(-1).String(), nil }),
	})
}

// nonEmpty is s, or NULL when the session has none.
func nonEmpty(s string) any {
	if s == "" {
		return nil
	}
	return s
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
