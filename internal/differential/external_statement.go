package differential

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/skeinsql/skein/engine/parse"
)

// isQuery says whether a statement gives rows and changes nothing; text that does not parse is one, as PostgreSQL and
// Skein must refuse it alike.
func isQuery(sql string) bool {
	stmts, err := parse.ParseScript(sql)
	if err != nil {
		word, _, _ := strings.Cut(strings.ToUpper(strings.TrimLeft(sql, "( \n\t")), " ")
		word, _, _ = strings.Cut(word, "\n")
		return word == "SELECT" || word == "VALUES" || word == "WITH" || word == "TABLE"
	}
	if len(stmts) != 1 || stmts[0].Root.GetSelectStmt() == nil {
		return false
	}
	changes := stmts[0].Root.GetSelectStmt().GetIntoClause() != nil
	parse.Visit(stmts[0].Root, func(node any) bool {
		switch n := node.(type) {
		case *parse.InsertStmt, *parse.UpdateStmt, *parse.DeleteStmt:
			changes = true
		case *parse.SelectStmt:
			changes = changes || n.GetIntoClause() != nil
		}
		return !changes
	})
	return !changes
}

var (
	temporary     = regexp.MustCompile(`(?i)^(CREATE\s+(?:OR\s+REPLACE\s+)?)(?:LOCAL\s+|GLOBAL\s+)?TEMP(?:ORARY)?\s+`)
	intoTemporary = regexp.MustCompile(`(?i)\bINTO\s+(?:LOCAL\s+)?TEMP(?:ORARY)?\s+(?:TABLE\s+)?`)
	onCommit      = regexp.MustCompile(`(?i)\s+ON\s+COMMIT\s+(?:DROP|DELETE\s+ROWS|PRESERVE\s+ROWS)\b`)
	localWord     = regexp.MustCompile(`(?i)^(SET\s+)LOCAL\s+`)
	isolated      = regexp.MustCompile(`(?i)^(BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|PREPARE\s+TRANSACTION|DECLARE|FETCH|MOVE|CLOSE|COPY|LISTEN|NOTIFY|` +
		`(?:CREATE|DROP|ALTER)\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION|SYSTEM|EVENT\s+TRIGGER)|SET\s+(?:SESSION\s+|LOCAL\s+)?(?:ROLE|SESSION\s+AUTHORIZATION|TRANSACTION|CONSTRAINTS)|RESET\s+(?:ROLE|SESSION\s+AUTHORIZATION)|SET\s+SESSION\s+CHARACTERISTICS)\b`)
	blockEnd = regexp.MustCompile(`(?i)^(COMMIT|END|ROLLBACK|ABORT)\b(?:\s+(?:WORK|TRANSACTION))?\s*$`)
	copyFile = regexp.MustCompile(`(?i)^COPY\b[^$]*\bFROM\s+(?:'|STDIN)`)
)

// permanent takes TEMP from a statement that makes a table: only the connection that made one sees a temporary table.
func permanent(sql string) string {
	if made := temporary.ReplaceAllString(sql, "$1"); made != sql {
		return onCommit.ReplaceAllString(made, "")
	}
	return intoTemporary.ReplaceAllString(sql, "INTO ")
}

// runsHere says whether PostgreSQL can run a statement for both sides: neither transaction blocks, nor cursors, nor roles.
func runsHere(sql string) bool {
	sql = strings.TrimSpace(sql)
	return copyFile.MatchString(sql) || !isolated.MatchString(sql)
}

// setting is what SET or RESET does; an empty value is the default.
type setting struct {
	name, value string
	local       bool
}

// textSettings decide what values look like as text, or what text means: they go to both sides or to none.
var textSettings = []string{"datestyle", "intervalstyle", "extra_float_digits", "bytea_output", "standard_conforming_strings", "lc_monetary", "lc_time", "lc_numeric", "backslash_quote", "xmloption", "xmlbinary", "timezone_abbreviations", "array_nulls", "quote_all_identifiers", "transform_null_equals", "default_text_search_config"}

// privateSettings are those of the run itself.
var privateSettings = []string{"statement_timeout", "client_encoding", "default_transaction_read_only", "default_transaction_isolation", "transaction_isolation", "transaction_read_only", "role", "session_authorization", "client_min_messages"}

func settingOf(sql string) *setting {
	stmts, err := parse.ParseScript(sql)
	if err != nil || len(stmts) != 1 {
		return nil
	}
	v := stmts[0].Root.GetVariableSetStmt()
	if v == nil {
		return nil
	}
	s := &setting{name: strings.ToLower(v.Name), local: v.IsLocal}
	var values []string
	for _, arg := range v.Args {
		values = append(values, parse.Literal(arg))
	}
	s.value = strings.Join(values, ", ")
	return s
}

// relationsOf lists the names of relations that a statement reads, without schemas.
func relationsOf(sql string) []string {
	var out []string
	stmts, err := parse.ParseScript(sql)
	if err != nil {
		return nil
	}
	for _, s := range stmts {
		parse.Visit(s.Root, func(node any) bool {
			if r, ok := node.(*parse.RangeVar); ok && (r.Schemaname == "" || r.Schemaname == schemaFull) {
				out = append(out, r.Relname)
			}
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// builtins are the names of PostgreSQL's own volatile functions and of its operators.
type builtins struct{ volatile, operators map[string]bool }

func readBuiltins(ctx context.Context, conn *pgx.Conn) (*builtins, error) {
	b := &builtins{}
	for at, sql := range map[*map[string]bool]string{
		&b.volatile:  "SELECT proname::text FROM pg_proc WHERE oid < 16384 GROUP BY 1 HAVING bool_and(provolatile = 'v')",
		&b.operators: "SELECT DISTINCT oprname::text FROM pg_operator WHERE oid < 16384",
	} {
		names, err := queryNames(ctx, conn, sql)
		if err != nil {
			return nil, err
		}
		*at = map[string]bool{}
		for _, n := range names {
			(*at)[n] = true
		}
	}
	return b, nil
}

// leftParser is the reason of statements that reach neither side.
const leftParser = "too large to parse"

// ownToSession are functions whose answer belongs to a session or a server.
var ownToSession = []string{
	"pg_backend_pid", "pg_my_temp_schema", "current_query", "version", "pg_postmaster_start_time", "pg_conf_load_time", "inet_server_port", "inet_client_port", "inet_server_addr", "inet_client_addr",
	"txid_current_snapshot", "pg_current_snapshot", "txid_status", "pg_xact_status", "pg_size_pretty_of", "pg_relation_size", "pg_total_relation_size", "pg_table_size", "pg_indexes_size", "pg_database_size",
	"pg_relation_filenode", "pg_relation_filepath", "pg_prepared_statement", "pg_cursor", "pg_lock_status", "current_database", "current_catalog", "current_user", "pg_listening_channels", "txid_current_if_assigned", "pg_current_xact_id_if_assigned",
}

// unusable says why a query says nothing about Skein: functions of the script's own, volatile ones, those about the session.
func (x *External) unusable(ctx context.Context, sql string) (string, error) {
	stmts, err := parse.ParseScript(sql)
	if err != nil {
		return "", nil //nolint:nilerr // both sides must refuse it alike
	}
	why := ""
	var functions, operators []string
	for _, s := range stmts {
		parse.Visit(s.Root, func(node any) bool {
			switch n := node.(type) {
			case *parse.FuncCall:
				if names := parse.Names(n.Funcname); len(names) > 0 {
					functions = append(functions, names[len(names)-1])
				}
			case *parse.SQLValueFunction:
				if op := n.Op.String(); strings.Contains(op, "USER") || strings.Contains(op, "ROLE") || strings.Contains(op, "CATALOG") {
					functions = append(functions, "current_query")
				}
			case *parse.AExpr:
				if names := parse.Names(n.Name); len(names) > 0 {
					operators = append(operators, names[len(names)-1])
				}
			case *parse.RangeVar:
				if strings.HasPrefix(n.Relname, "pg_stat_") || n.Relname == "pg_locks" || n.Relname == "pg_settings" || n.Relname == "pg_cursors" || n.Relname == "pg_prepared_statements" || n.Schemaname == "pg_temp" || n.Relname == "pg_file_settings" {
					why = "about the server"
				}
			}
			return true
		})
	}
	for _, f := range functions {
		switch {
		case x.builtins.volatile[f] || slices.Contains(ownToSession, f):
			why = "volatile or about the session"
		case strings.HasPrefix(f, "pg_stat_get"):
			why = "about the server"
		}
	}
	if why != "" {
		return why, nil
	}
	return x.made(ctx, functions, operators)
}

// made says that a name is one of the script's own functions or operators.
func (x *External) made(ctx context.Context, functions, operators []string) (string, error) {
	operators = slices.DeleteFunc(operators, func(o string) bool { return x.builtins.operators[o] })
	if len(functions)+len(operators) == 0 {
		return "", nil
	}
	if err := x.oracle.live(ctx); err != nil {
		return "", err
	}
	found, err := queryNames(ctx, x.oracle.conn, "SELECT proname::text FROM pg_proc WHERE oid >= 16384 AND proname = ANY ($1) UNION ALL SELECT oprname FROM pg_operator WHERE oid >= 16384 AND oprname = ANY ($2)", functions, operators)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return "functions of its own", nil
}
