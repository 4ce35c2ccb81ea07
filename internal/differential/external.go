package differential

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// External runs files of statements that are not this package's own: statements without rows (DDL, INSERT, SET) on
// PostgreSQL alone, queries on both, over the tables of schema public, where bare names resolve unless the file sets
// search_path. Transaction blocks and temporary tables are taken off, as nobody else sees what is in them. Not for
// concurrent use; Close it.
type External struct {
	d        *Dataset
	oracle   *oracle
	options  ExternalOptions
	builtins *builtins
	vars     *variables
	// settings are those of the sessions of Skein that the file's SET statements reached.
	settings map[string]string
	// local are values from before SET LOCAL, until the block ends that the script has there.
	local  map[string]string
	copied map[string]bool // tables whose shuffled copies are fresh
	left   map[string]int
}

// ExternalOptions say how files run.
type ExternalOptions struct {
	// Settings are set on both sides before each file, as by SET.
	Settings map[string]string
	// Fresh drops schema public with all in it before each file.
	Fresh bool
	// Timeout bounds a statement on either side; 0 is 20 seconds.
	Timeout time.Duration
}

// OpenExternal connects to a database whose schema public has the tables; statements may make them too.
func OpenExternal(ctx context.Context, url string, options ExternalOptions) (*External, error) {
	if options.Timeout == 0 {
		options.Timeout = 20 * time.Second
	}
	db, err := skein.Open(ctx, skein.Source("pg", url), skein.Setting("skein.numeric", "text"), skein.Setting("search_path", "pg.public"))
	if err != nil {
		return nil, err
	}
	o, err := newOracle(ctx, url)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	x := &External{d: &Dataset{URL: url, DB: db}, oracle: o, options: options, left: map[string]int{}}
	if x.builtins, err = readBuiltins(ctx, o.conn); err != nil {
		_ = o.close(ctx)
		_ = db.Close()
		return nil, err
	}
	return x, nil
}

// Close ends the connections.
func (x *External) Close(ctx context.Context) error {
	if err := x.oracle.close(ctx); err != nil {
		return err
	}
	return x.d.Close()
}

// LeftOut counts the queries that were not compared, by reason.
func (x *External) LeftOut() map[string]int { return maps.Clone(x.left) }

// Run runs the statements of a script of psql; the results are those of its queries. feature is their name in reports.
// Variables, \gset and conditions work as in psql; other backslash commands do nothing.
func (x *External) Run(ctx context.Context, feature, text string) ([]Result, error) {
	return x.run(ctx, feature, steps(text))
}

// RunRecords is Run for sqllogictest's records. What they expect is not looked at: PostgreSQL says what is right.
func (x *External) RunRecords(ctx context.Context, feature, text string) ([]Result, error) {
	return x.run(ctx, feature, records(text))
}

func (x *External) run(ctx context.Context, feature string, steps []step) ([]Result, error) {
	if err := x.begin(ctx); err != nil {
		return nil, err
	}
	var out []Result
	for _, s := range steps {
		r, err := x.step(ctx, feature, s)
		if err != nil {
			return out, fmt.Errorf("%.80s: %w", s.sql, err)
		}
		if r != nil {
			out = append(out, *r)
		}
	}
	return out, nil
}

// begin brings both sides to the state that files start in.
func (x *External) begin(ctx context.Context) error {
	x.vars, x.settings, x.local, x.copied = newVariables(), map[string]string{}, map[string]string{}, map[string]bool{}
	x.oracle.bare, x.oracle.session = schemaFull, map[string]string{"statement_timeout": fmt.Sprintf("SET statement_timeout = %d", x.options.Timeout.Milliseconds())}
	for name, value := range x.options.Settings {
		x.settings[name] = value
		x.oracle.session[name] = fmt.Sprintf("SET %s = '%s'", name, value)
	}
	if err := x.oracle.reset(ctx); err != nil {
		return err
	}
	if x.options.Fresh {
		if _, err := x.oracle.conn.Exec(ctx, "DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public"); err != nil {
			return err
		}
	}
	return nil
}

func (x *External) step(ctx context.Context, feature string, s step) (*Result, error) {
	command, _, _ := strings.Cut(s.meta, " ")
	if s.sql == "" || x.vars.skipping() {
		x.vars.command(s.meta)
		return nil, nil
	}
	sql := permanent(x.vars.expand(s.sql))
	if !isQuery(sql) {
		return nil, x.change(ctx, sql, s.data)
	}
	if why, err := x.unusable(ctx, sql); err != nil || why != "" {
		x.left[why]++
		if err == nil && why != leftParser {
			_, err = x.tell(ctx, sql, command, s.meta)
		}
		return nil, err
	}
	c := x.comparison(ctx, Statement{SQL: sql, Feature: feature})
	want, err := c.want(ctx, schemaFull)
	if err != nil {
		return nil, err
	}
	if want.Code == readOnlyTransaction {
		x.left["writes"]++
		_, err := x.tell(ctx, sql, command, s.meta)
		return nil, err
	}
	if command == "gset" && want.Err == nil {
		x.vars.gset(strings.TrimSpace(strings.TrimPrefix(s.meta, "gset")), want)
	}
	r, err := c.run(ctx)
	return &r, err
}

// readOnlyTransaction is the SQLSTATE of a change where none is allowed.
const readOnlyTransaction = "25006"

// tell runs a query on PostgreSQL alone.
func (x *External) tell(ctx context.Context, sql, command, meta string) (*Answer, error) {
	a, err := x.oracle.ask(ctx, x.oracle.path(schemaFull, 0), sql)
	if err != nil {
		return nil, err
	}
	if command == "gset" && a.Err == nil {
		x.vars.gset(strings.TrimSpace(strings.TrimPrefix(meta, "gset")), a)
	}
	clear(x.copied)
	return a, x.follow(ctx, sql)
}

// change runs a statement that gives no rows on PostgreSQL, with COPY's lines.
func (x *External) change(ctx context.Context, sql, data string) error {
	if s := settingOf(sql); s != nil {
		return x.set(ctx, sql, s)
	}
	if blockEnd.MatchString(sql) {
		return x.endLocal(ctx)
	}
	if !runsHere(sql) {
		return nil
	}
	clear(x.copied)
	if data != "" {
		if err := x.oracle.live(ctx); err != nil {
			return err
		}
		_, err := x.oracle.conn.PgConn().CopyFrom(ctx, strings.NewReader(data), sql)
		if err != nil && ctx.Err() != nil {
			return err
		}
		return nil // an error in the data is one that the script has
	}
	if copies := strings.ToUpper(sql); strings.HasPrefix(copies, "COPY") && strings.Contains(copies, "STDIN") {
		return nil
	}
	_, err := x.tell(ctx, sql, "", "")
	return err
}

func (x *External) comparison(ctx context.Context, s Statement) *comparison {
	c := newComparison(x.d, x.oracle, Options{Placements: []Placement{Unpushed, Pushed}, Timeout: x.options.Timeout}, s)
	c.settings = x.settings
	c.shuffle = func() error { return x.copyTables(ctx, s.SQL) }
	return c
}

// copyTables makes fresh shuffled copies of the tables that a statement names; what cannot be copied is left.
func (x *External) copyTables(ctx context.Context, sql string) error {
	for _, name := range relationsOf(sql) {
		if x.copied[name] {
			continue
		}
		x.copied[name] = true
		for n := 1; n <= copies; n++ {
			if err := copyTable(ctx, x.oracle.conn, name, shuffled(schemaFull, n)); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyTable copies a table of schema public that has only rows of its own, in random order.
func copyTable(ctx context.Context, conn *pgx.Conn, name, to string) error {
	columns, err := queryNames(ctx, conn, `SELECT quote_ident(a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relname = $1 AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`, name)
	if err != nil {
		return err
	}
	schema := pgx.Identifier{to}.Sanitize()
	a, z := pgx.Identifier{schemaFull, name}.Sanitize(), pgx.Identifier{to, name}.Sanitize()
	list := strings.Join(columns, ", ")
	sql := fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %s; DROP TABLE IF EXISTS %s CASCADE;", schema, z)
	if len(columns) > 0 {
		sql += fmt.Sprintf("CREATE TABLE %s (LIKE %s INCLUDING ALL); INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s ORDER BY random(); ANALYZE %s", z, a, z, list, list, a, z)
	}
	if _, err := conn.Exec(ctx, sql); err != nil {
		_, err = conn.Exec(ctx, fmt.Sprintf("DROP TABLE IF EXISTS %s CASCADE", z))
		return err
	}
	return ctx.Err()
}

// set runs SET and RESET: planner's and the like on PostgreSQL, what answers depend on where both sides take it.
func (x *External) set(ctx context.Context, sql string, s *setting) error {
	switch {
	case s.name == "" || slices.Contains(privateSettings, s.name):
		return nil
	case slices.Contains(textSettings, s.name):
		if s.value == "" || !x.accepts(ctx, s.name, s.value) {
			return nil
		}
	}
	if s.local {
		sql = localWord.ReplaceAllString(sql, "${1}SESSION ")
		if _, ok := x.local[s.name]; !ok {
			old, err := x.oracle.ask(ctx, x.oracle.path(schemaFull, 0), "SELECT current_setting('"+s.name+"')")
			if err != nil || old.Err != nil {
				return err
			}
			x.local[s.name] = old.Rows[0][0].Text
		}
	}
	return x.apply(ctx, s, sql)
}

// apply runs a SET that both sides take.
func (x *External) apply(ctx context.Context, s *setting, sql string) error {
	a, err := x.oracle.ask(ctx, x.oracle.path(schemaFull, 0), sql)
	if err != nil || a.Err != nil {
		return err
	}
	x.oracle.session[s.name] = sql
	if slices.Contains(textSettings, s.name) {
		x.settings[s.name] = s.value
	}
	return x.follow(ctx, sql)
}

// endLocal takes SET LOCAL back.
func (x *External) endLocal(ctx context.Context) error {
	for name, value := range x.local {
		sql := fmt.Sprintf("SET %s = '%s'", name, strings.ReplaceAll(value, "'", "''"))
		if name == "search_path" {
			sql = "SET search_path = " + value
		}
		if err := x.apply(ctx, &setting{name: name, value: value}, sql); err != nil {
			return err
		}
	}
	clear(x.local)
	return nil
}

func (x *External) accepts(ctx context.Context, name, value string) bool {
	a := askSkein(ctx, x.d.DB.Engine(), map[string]string{name: value}, "SELECT 1")
	return a.Code != sqlerr.InvalidParameterValue && a.Code != sqlerr.UndefinedObject && a.Code != sqlerr.FeatureNotSupported
}

// follow gives Skein's sessions the search path and the time zone that PostgreSQL's has after a statement that may set them.
func (x *External) follow(ctx context.Context, sql string) error {
	lower := strings.ToLower(sql)
	if !strings.Contains(lower, "search_path") && !strings.Contains(lower, "zone") && !strings.Contains(lower, "set_config") && !strings.Contains(lower, "reset all") {
		return nil
	}
	a := askPostgres(ctx, x.oracle.conn.PgConn(), "SELECT current_setting('search_path'), current_setting('TimeZone')")
	if a.Err != nil || len(a.Rows) != 1 {
		return a.Err
	}
	path, zone := strings.TrimSpace(a.Rows[0][0].Text), a.Rows[0][1].Text
	x.oracle.bare = path
	if zone != x.settings["timezone"] && !x.accepts(ctx, "timezone", zone) {
		zone = x.settings["timezone"]
		x.oracle.session["timezone"] = "SET timezone = '" + zone + "'"
		if b := askPostgres(ctx, x.oracle.conn.PgConn(), x.oracle.session["timezone"]); b.Err != nil {
			return b.Err
		}
	}
	if zone != "" {
		x.settings["timezone"] = zone
	}
	var schemas []string
	for _, p := range strings.Split(path, ",") {
		if p = strings.TrimSpace(p); p != `"$user"` && p != "pg_temp" && p != "pg_catalog" && p != "" && p != `""` {
			schemas = append(schemas, "pg."+p)
		}
	}
	x.settings["search_path"] = strings.Join(schemas, ", ")
	if x.oracle.bare == "" {
		x.oracle.bare = `""`
	}
	return nil
}
