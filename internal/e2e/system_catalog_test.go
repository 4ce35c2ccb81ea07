package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/pgcatalog"
	"github.com/skeinsql/skein/internal/fixture"
)

// standIns are the types of PostgreSQL that the engine reads as others.
var standIns = map[string]string{
	"regproc": "text", "regtype": "text", "regtype[]": "text[]", "pg_node_tree": "text", "anyarray": "text", "pg_lsn": "text",
	"xid": "bigint", "aclitem[]": "text[]", "int2vector": "smallint[]", "oidvector": "oid[]",
}

// Every system relation has PostgreSQL's columns, in its order and of its types, domains being their base types.
func TestSystemRelationsHaveTheShapesOfPostgreSQL(t *testing.T) {
	conn := connect(t, fixture.PostgresURL(t))
	for _, r := range pgcatalog.All() {
		var want, got []string
		found, err := conn.Query(t.Context(), `SELECT a.attname, format_type(CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END,
				CASE t.typtype WHEN 'd' THEN t.typtypmod ELSE a.atttypmod END)
			FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
			WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, r.Schema+"."+r.Name)
		require.NoError(t, err)
		for found.Next() {
			var name, typ string
			require.NoError(t, found.Scan(&name, &typ))
			if s := standIns[typ]; s != "" {
				typ = s
			}
			want = append(want, name+" "+typ)
		}
		require.NoError(t, found.Err())
		for _, c := range r.Columns {
			got = append(got, c.Name+" "+c.Type.String())
		}
		require.Equal(t, want, got, "%s.%s", r.Schema, r.Name)
	}
}

const systemTables = `CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE person (id int PRIMARY KEY, name varchar(40) NOT NULL, code char(3) UNIQUE, feels mood, tags text[], paid numeric(12,2),
	born date, seen timestamptz(3), big bigint, ratio double precision, data jsonb, key uuid);
CREATE TABLE pet (owner int NOT NULL REFERENCES person ON DELETE CASCADE, nr smallint, name text, PRIMARY KEY (owner, nr));
CREATE TABLE "Odd Name" ("Column" boolean);
CREATE VIEW grown AS SELECT id, name FROM person;
COMMENT ON TABLE person IS 'people'`

// information_schema says of a PostgreSQL server's tables what that server's own says.
func TestInformationSchemaSaysWhatPostgreSQLSays(t *testing.T) {
	url := fixture.PostgresURL(t)
	conn := connect(t, url)
	_, err := conn.Exec(t.Context(), systemTables)
	require.NoError(t, err)
	db, err := skein.Open(t.Context(), skein.Source("crm", url), skein.Setting("search_path", "crm.public"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, sql := range []string{
		`SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1, 2`,
		`SELECT table_name, column_name, ordinal_position, is_nullable, data_type, character_maximum_length, character_octet_length,
			numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision, udt_schema, udt_name, dtd_identifier
			FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position`,
		`SELECT table_name, constraint_name, constraint_type, is_deferrable, enforced FROM information_schema.table_constraints
			WHERE table_schema = 'public' AND constraint_type <> 'CHECK' ORDER BY 1, 2`,
		`SELECT table_name, constraint_name, column_name, ordinal_position, position_in_unique_constraint
			FROM information_schema.key_column_usage WHERE table_schema = 'public' ORDER BY 1, 2, 4`,
		`SELECT constraint_name, unique_constraint_name, match_option, update_rule, delete_rule
			FROM information_schema.referential_constraints WHERE constraint_schema = 'public' ORDER BY 1`,
		`SELECT table_name, column_name, constraint_name FROM information_schema.constraint_column_usage
			WHERE table_schema = 'public' ORDER BY 1, 2, 3`,
		`SELECT object_name, collection_type_identifier, data_type, udt_name FROM information_schema.element_types WHERE object_schema = 'public'`,
		`SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '%\_%' AND schema_name NOT IN ('pg_toast', 'skein_catalog') ORDER BY 1`,
		`SELECT schemaname, tablename, hasindexes FROM pg_tables WHERE schemaname = 'public' ORDER BY 2`,
		`SELECT schemaname, viewname FROM pg_views WHERE schemaname = 'public' ORDER BY 2`,
		`SELECT c.relname, c.relkind, c.relnatts, c.relhasindex, c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = 'public' AND relkind <> 'c' ORDER BY 1`,
		`SELECT a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atttypmod, a.attlen, a.attndims, a.attalign, a.attstorage
			FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass('person') AND a.attnum > 0 AND NOT a.attisdropped
			AND a.attname <> 'feels' ORDER BY a.attnum`,
		`SELECT conname, contype, conkey, confkey, confupdtype, confdeltype, confmatchtype FROM pg_constraint WHERE contype <> 'c'
			AND conrelid IN (to_regclass('person'), to_regclass('pet')) ORDER BY 1`,
		`SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass('person') ORDER BY 1`,
		`SELECT i.relname, x.indisunique, x.indisprimary, x.indnkeyatts, pg_get_indexdef(i.oid) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
			JOIN pg_class t ON t.oid = x.indrelid WHERE t.relname = 'pet'`,
		`SELECT t.typname, e.enumlabel, e.enumsortorder FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid ORDER BY 1, 3`,
		`SELECT c.relname, d.description, obj_description(c.oid, 'pg_class') FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
			WHERE d.classoid = 1259 AND c.relname = 'person'`,
		`SELECT oid, typname, typlen, typbyval, typtype, typcategory, typispreferred, typelem, typarray, typinput::text, typalign, typstorage
			FROM pg_type WHERE oid IN (16, 20, 21, 23, 25, 26, 700, 701, 1043, 1042, 1114, 1184, 1700, 2950, 3802, 1007, 1009) ORDER BY 1`,
		`SELECT * FROM pg_am WHERE amname IN ('heap', 'btree')`,
		`SELECT rngtypid, rngsubtype, rngcanonical::text, rngsubdiff::text FROM pg_range WHERE rngtypid < 4000 ORDER BY 1`,
		`SELECT format_type(t, m) FROM (VALUES (23, -1), (1043, 14), (1700, 983046), (1042, 7), (1184, 3), (1007, -1), (1015, 24), (18, -1), (0, 0), (99999999, 1)) v (t, m)`,
		`SELECT has_table_privilege('person', 'select'), has_schema_privilege('public', 'USAGE'), has_column_privilege('person', 'name', 'SELECT')`,
		`SELECT count(*) FROM pg_extension WHERE extname = 'nothing'`,
		`SELECT pg_table_is_visible(oid) FROM pg_class WHERE relname = 'person'`,
		`SELECT 'pg_class'::regclass, 'pg_class'::regclass::oid, 1259::regclass, 'person'::regclass::text, '"Odd Name"'::regclass, 0::regclass`,
		`SELECT conrelid::regclass, confrelid::regclass::text FROM pg_constraint WHERE conrelid = 'pet'::regclass ORDER BY conname`,
		`SELECT relname FROM pg_class WHERE oid = 'public.person'::regclass`,
		`SELECT 'int4'::regtype, 'varchar(3)'::regtype, 1007::regtype, 'timestamptz'::regtype::oid, 'int[]'::regtype`,
		`SELECT oid::regtype FROM pg_type WHERE oid IN (23, 1043, 1114, 16) ORDER BY oid`,
		`SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname IN ('person', 'pg_class') ORDER BY 1`,
		`SELECT 'nobody'::regclass`, `SELECT 'nobody'::regtype`, `SELECT 'nobody'::regnamespace`, `SELECT to_regclass('nobody'), to_regtype('nobody')`,
		`SELECT concat('x', 'person'::regclass), pg_typeof('person'::regclass) IS NULL`,
	} {
		if compare(t, conn, db, sql) {
			t.Errorf("%s: not supported", sql)
		}
	}
}

// toolStatements are of the kinds that SQLAlchemy's inspector, PostgreSQL's JDBC driver and DBeaver send.
var toolStatements = []string{
	`SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
		WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_class.relpersistence != 't'
		AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog' ORDER BY 1`,
	`SELECT nspname FROM pg_catalog.pg_namespace WHERE lower(nspname) = 'public'`,
	`SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS format_type, (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
		FROM pg_catalog.pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef) AS "default", a.attnotnull AS not_null,
		c.relname AS table_name, pgd.description AS comment FROM pg_catalog.pg_class c
		LEFT JOIN pg_catalog.pg_attribute a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_catalog.pg_description pgd ON pgd.objoid = a.attrelid AND pgd.objsubid = a.attnum
		JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND c.relname IN ('person', 'pet') AND n.nspname = 'public' ORDER BY c.relname, a.attnum`,
	`SELECT con.conname, a.attname, con.ord FROM (SELECT conname, conrelid, unnest(conkey) AS attnum, generate_subscripts(conkey, 1) AS ord
		FROM pg_catalog.pg_constraint WHERE contype = 'p' AND conrelid = 'pet'::regclass) con
		JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = con.attnum ORDER BY con.ord`,
	`SELECT NULL AS table_cat, n.nspname AS table_schem, c.relname AS table_name,
		CASE n.nspname ~ '^pg_' OR n.nspname = 'information_schema' WHEN true THEN 'SYSTEM' WHEN false THEN
		CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'i' THEN 'INDEX' WHEN 'v' THEN 'VIEW' ELSE NULL END END AS table_type, d.description AS remarks
		FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c
		LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass)
		WHERE c.relnamespace = n.oid AND n.nspname LIKE 'public' AND c.relkind IN ('r', 'v') ORDER BY table_type, table_schem, table_name`,
	`SELECT * FROM (SELECT n.nspname, c.relname, a.attname, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, a.atttypmod, a.attlen, t.typtypmod,
		row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, NULLIF(a.attidentity, '') AS attidentity,
		NULLIF(a.attgenerated, '') AS attgenerated, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description, t.typbasetype, t.typtype
		FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (a.attrelid = c.oid)
		JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum)
		LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid)
		LEFT JOIN pg_catalog.pg_class dc ON (dc.oid = dsc.classoid AND dc.relname = 'pg_class')
		LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace = dn.oid AND dn.nspname = 'pg_catalog')
		WHERE c.relkind IN ('r', 'p', 'v', 'f', 'm') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'public') c
		WHERE true ORDER BY nspname, c.relname, attnum`,
	`SELECT tc.table_name, kcu.column_name, ccu.table_name AS foreign_table_name, ccu.column_name AS foreign_column_name
		FROM information_schema.table_constraints tc JOIN information_schema.key_column_usage kcu ON tc.constraint_name = kcu.constraint_name
		AND tc.table_schema = kcu.table_schema JOIN information_schema.constraint_column_usage ccu ON ccu.constraint_name = tc.constraint_name
		WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'pet'`,
	`SELECT set_config('timezone', 'UTC', false), current_setting('server_version_num')::int >= 150000, 'public' = ANY (current_schemas(false))`,
	`SELECT t.oid, t.typname, t.typtype, t.typelem FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON t.typnamespace = n.oid
		WHERE t.typname IN ('int4', 'json', 'uuid', '_text') AND n.nspname = ANY (current_schemas(true)) ORDER BY 1`,
}

// The whole catalog is one: three kinds of servers, of which one is down, the house's views, and names that can be used.
func TestSystemCatalogsCoverAllServers(t *testing.T) {
	h := openHouse(t)
	s := serve(t, nil, append(h.sources(), skein.Source("gone", "postgres://nobody@127.0.0.1:1/none"),
		skein.CatalogSQL("CREATE VIEW people AS SELECT id FROM crm.public.customers"))...)
	run := func(sql string, args ...any) [][]string {
		a, err := ask(t.Context(), s.db, sql, args...)
		require.NoError(t, err, sql)
		return a.rows
	}
	require.Equal(t, [][]string{{"crm"}, {"lake"}, {"pay"}, {"skein"}},
		run("SELECT DISTINCT table_catalog FROM information_schema.tables ORDER BY 1"))
	require.Contains(t, s.log.text(), "a server was left out")
	require.Equal(t, [][]string{{"crm"}, {"gone"}, {"lake"}, {"memory"}, {"pay"}, {"skein"}}, run("SELECT datname FROM pg_database ORDER BY 1"))
	before := strings.Count(s.log.text(), "a server was left out")
	require.NotEmpty(t, run("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'lake'"))
	require.NotEmpty(t, run("SELECT tablename FROM pg_tables WHERE schemaname IN ('lake.main')"))
	require.NotEmpty(t, run("SELECT table_name FROM information_schema.columns WHERE table_catalog = $1", "lake"))
	require.Equal(t, before, strings.Count(s.log.text(), "a server was left out"), "only the servers that conditions name are asked")
	for _, r := range run("SELECT schemaname, tablename FROM pg_tables") {
		run(fmt.Sprintf("SELECT * FROM %q.%q LIMIT 1", r[0], r[1]))
	}
	require.Equal(t, [][]string{{"people", "public", "id"}}, run(`SELECT c.relname, n.nspname, a.attname FROM pg_attribute a JOIN pg_class c
		ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relname = 'people'`))
	all := run("SELECT oid FROM pg_class UNION ALL SELECT oid FROM pg_namespace UNION ALL SELECT oid FROM pg_constraint UNION ALL SELECT oid FROM pg_type")
	seen := map[string]bool{}
	for _, r := range all {
		require.False(t, seen[r[0]], "identifier %s is used twice", r[0])
		seen[r[0]] = true
	}
}

// The statements that tools and psql's commands send give what PostgreSQL gives, where the engine has what they ask for.
func TestStatementsOfTools(t *testing.T) {
	url := fixture.PostgresURL(t)
	conn := connect(t, url)
	_, err := conn.Exec(t.Context(), systemTables)
	require.NoError(t, err)
	db, err := skein.Open(t.Context(), skein.Source("crm", url), skein.Setting("search_path", "crm.public"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	for _, sql := range toolStatements {
		if compare(t, conn, db, sql) {
			t.Errorf("%s: not supported", sql)
		}
	}
	text, err := os.ReadFile("testdata/psql.sql")
	require.NoError(t, err)
	for sql := range strings.SplitSeq(string(text), ";\n") {
		for _, table := range []string{"person", "pet", "grown"} {
			if sql = strings.TrimSpace(sql); sql != "" {
				one := strings.ReplaceAll(strings.ReplaceAll(sql, "$OID", "'"+table+"'::regclass"), "$NAME", table)
				if compare(t, conn, db, one) {
					t.Errorf("%s: not supported", one)
				}
			}
		}
	}
}
