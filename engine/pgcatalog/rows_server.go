package pgcatalog

import (
	"strings"
)

// The access methods that pg_class names.
const (
	heapOID  = 2
	btreeOID = 403
)

const utf8Encoding = 6 // PG_UTF8

func amRows(_ *World, f *filler) {
	f.columns("oid amname amhandler amtype")
	f.add(int64(heapOID), "heap", "heap_tableam_handler", "t")
	f.add(int64(btreeOID), "btree", "bthandler", "i")
}

func databaseRows(w *World, f *filler) {
	f.columns("oid datname datdba encoding datlocprovider datallowconn datconnlimit dattablespace datcollate datctype")
	for _, name := range w.Catalogs {
		f.add(w.OIDs.DatabaseOID(name), name, int64(OwnerOID), int64(utf8Encoding), "c", true, int64(-1), int64(1663), "C", "C.UTF-8")
	}
}

// roles are the owner of everything and the session's own.
func (w *World) roles() []string {
	if w.Role == Owner || w.Role == "" {
		return []string{Owner}
	}
	return []string{Owner, w.Role}
}

// roleRows fills pg_roles and pg_authid, which differ in columns that stay empty.
func roleRows(w *World, f *filler) {
	f.columns("oid rolname rolsuper rolinherit rolcreaterole rolcreatedb rolcanlogin rolreplication rolconnlimit rolbypassrls")
	for _, r := range w.roles() {
		f.add(w.OIDs.RoleOID(r), r, false, true, false, false, r == w.Role, false, int64(-1), false)
	}
}

func userRows(w *World, f *filler) {
	f.columns("usename usesysid usecreatedb usesuper userepl usebypassrls passwd")
	for _, r := range w.roles() {
		f.add(r, w.OIDs.RoleOID(r), false, false, false, false, "********")
	}
}

func settingRows(w *World, f *filler) {
	f.columns("name setting category short_desc context vartype source boot_val reset_val pending_restart")
	for _, s := range w.Settings {
		context, source := "user", "default"
		if s.ReadOnly {
			context = "internal"
		}
		if s.Value != s.Initial {
			source = "session"
		}
		f.add(s.Name, s.Value, "Skein", s.About, context, "string", source, s.Initial, s.Initial, false)
	}
}

// states are pg_stat_activity's words; a statement whose client does not take rows waits for it.
func activityRows(w *World, f *filler) {
	f.columns("datid datname pid usesysid usename application_name backend_start xact_start query_start state_change" +
		" wait_event_type wait_event state query backend_type")
	for _, a := range w.Activity {
		var waitType, wait any
		switch a.State {
		case "waiting":
			waitType, wait = "Lock", "connections"
		case "fetching":
			waitType, wait = "Client", "ClientWrite"
		}
		started := a.Started.UnixMicro()
		f.add(w.OIDs.DatabaseOID(w.Current), w.Current, int64(a.PID), w.OIDs.RoleOID(a.Role), a.Role, a.Label, started, started, started,
			started, waitType, wait, "active", a.Text, "client backend")
	}
}

func collationRows(_ *World, f *filler) {
	f.columns("oid collname collnamespace collowner collprovider collisdeterministic collencoding collcollate collctype")
	f.add(int64(100), "default", int64(CatalogOID), int64(OwnerOID), "d", true, int64(-1), nil, nil)
	for oid, name := range []string{"C", "POSIX"} {
		f.add(int64(950+oid), name, int64(CatalogOID), int64(OwnerOID), "c", true, int64(-1), name, name)
	}
}

func languageRows(_ *World, f *filler) {
	f.columns("oid lanname lanowner lanispl lanpltrusted")
	f.add(int64(12), "internal", int64(OwnerOID), false, false)
	f.add(int64(14), "sql", int64(OwnerOID), false, true)
}

func tablespaceRows(_ *World, f *filler) {
	f.columns("oid spcname spcowner")
	f.add(int64(1663), "pg_default", int64(OwnerOID))
}

func wrapperRows(w *World, f *filler) {
	f.columns("oid fdwname fdwowner")
	seen := map[string]bool{}
	for _, name := range w.Catalogs {
		if kind := w.Kinds[name]; kind != "" && !seen[kind] {
			seen[kind] = true
			f.add(w.wrapperOID(kind), kind, int64(OwnerOID))
		}
	}
}

func (w *World) wrapperOID(kind string) int64 { return w.OIDs.Of(Object{Kind: Wrapper, Name: kind}) }

// foreignServerRows leaves options out: skein_catalog.servers is where a server is described.
func foreignServerRows(w *World, f *filler) {
	f.columns("oid srvname srvowner srvfdw srvtype")
	for _, name := range w.Catalogs {
		if kind := w.Kinds[name]; kind != "" {
			f.add(w.OIDs.Of(Object{Kind: ForeignServer, Name: name}), name, int64(OwnerOID), w.wrapperOID(kind), kind)
		}
	}
}

func quoted(name string) string {
	for i, r := range name {
		if r == '_' || r >= 'a' && r <= 'z' || i > 0 && r >= '0' && r <= '9' {
			continue
		}
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

func quotedList(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = quoted(n)
	}
	return strings.Join(out, ", ")
}
