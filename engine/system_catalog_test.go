package engine

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/pgcatalog"
)

// Every system relation can be read whole, with its rows as its columns say.
func TestEverySystemRelationIsReadable(t *testing.T) {
	_, s := open(t, Config{})
	for _, r := range pgcatalog.All() {
		for _, pushdown := range []string{"on", "off"} {
			require.NoError(t, s.Set(SettingPushdown, pushdown))
			_, err := rows(t.Context(), s, "SELECT * FROM "+r.Schema+"."+r.Name)
			require.NoError(t, err, r.Name)
		}
	}
}

func TestHomeCatalogIsDescribed(t *testing.T) {
	_, s := open(t, Config{})
	for sql, want := range map[string][]string{
		"SELECT table_catalog, table_name, table_type FROM information_schema.tables WHERE table_schema = 'shop'":                         {"skein|numbers|VIEW"},
		"SELECT column_name, data_type, ordinal_position FROM information_schema.columns WHERE table_schema = 'shop'":                     {"n|integer|1"},
		"SELECT c.relname, n.nspname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'": {"broken|public|v"},
		"SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a WHERE attrelid = to_regclass('shop.numbers')":         {"n|integer"},
		"SELECT to_regclass('nope') IS NULL, to_regclass('pg_class'), to_regtype('int')":                                                  {"true|pg_class|integer"},
		"SELECT pg_get_viewdef(oid) FROM pg_catalog.pg_class WHERE relname = 'numbers'":                                                   {"SELECT g AS n FROM generate_series(1, 3) g"},
		"SELECT current_database(), current_schema(), current_schemas(true), current_schemas(false)":                                      {`skein|public|["pg_catalog","public"]|["public"]`},
		"SELECT datname, pg_encoding_to_char(encoding), pg_get_userbyid(datdba) FROM pg_database":                                         {"skein|UTF8|skein"},
		"SELECT count(*) FROM pg_stat_activity WHERE pid = pg_backend_pid()":                                                              {"1"},
		"SELECT has_table_privilege('pg_class', 'SELECT'), has_table_privilege('pg_class', 'INSERT')":                                     {"true|false"},
		"SELECT set_config('timezone', 'Europe/Berlin', false), current_setting('TimeZone')":                                              {"Europe/Berlin|Europe/Berlin"},
		"SELECT typname, typcategory, typelem FROM pg_type WHERE oid = 1007":                                                              {"_int4|A|23"},
		"SELECT nspname FROM pg_namespace ORDER BY 1":                                                                                     {"information_schema", "pg_catalog", "public", "shop", "skein_catalog"},
		"SELECT setting FROM pg_settings WHERE name = 'server_version_num'":                                                               {"150000"},
		"SELECT format_type(1043, 14), format_type(1700, 983046), format_type(26, NULL), format_type(99, -1), format_type(NULL, 1)":       {"character varying(10)|numeric(15,2)|oid|???|(null)"},
		"SELECT count(*) > 300 FROM pg_proc":                                                                                              {"true"},
	} {
		require.Equal(t, want, mustRows(t, s, sql), sql)
	}
	require.Equal(t, "42P01", codeOf(s, "SELECT * FROM pg_catalog.nope"))
	require.Equal(t, "22023", codeOf(s, "SELECT has_table_privilege('pg_class', 'READ')"))
	require.Equal(t, "22023", codeOf(s, "SELECT has_table_privilege('pg_class', 'USAGE')"))
	require.Equal(t, "42P01", codeOf(s, "SELECT has_column_privilege('nosuch', 'a', 'SELECT')"))
	require.Equal(t, "42704", codeOf(s, "SELECT has_type_privilege('nosuch', 'USAGE')"))
}
