package catalog

import (
	"path/filepath"
	"strings"

	"github.com/skeinsql/skein/engine/parse"
	"github.com/skeinsql/skein/engine/sqlerr"
)

var reservedNames = map[string]bool{Home: true, System: true, "pg_catalog": true, "information_schema": true}

// credentialOptions may stand in a user mapping only: servers are listed, mappings are not.
var credentialOptions = map[string]bool{"user": true, "password": true, "password_file": true, "username": true}

// AddServer declares a server. Options are taken as they are, and hold no credentials.
func (b *Builder) AddServer(name, kind string, options map[string]string, origin string) error {
	if reservedNames[name] {
		return sqlerr.New(sqlerr.DuplicateObject, "the name %q is reserved", name).WithHint("give the server another name")
	}
	if name == "" || strings.ContainsAny(name, `."`) {
		return sqlerr.New("42602", "%q cannot be the name of a server", name).WithHint("use letters, digits and underscores")
	}
	if b.defs.Servers[name] != nil {
		return sqlerr.New(sqlerr.DuplicateObject, "server %q already exists, declared at %s", name, b.defs.Servers[name].Origin)
	}
	b.defs.Servers[name] = &Server{
		Name: name, Kind: kind, Options: options, Altered: map[string]*Alteration{}, Origin: origin,
	}
	return nil
}

// SetCredentials sets PUBLIC's user mapping of a server.
func (b *Builder) SetCredentials(server, user, secret string) error {
	s, err := b.server(server)
	if err != nil {
		return err
	}
	s.User, s.Secret, s.mapped = user, secret, user != "" || secret != ""
	return nil
}

func (b *Builder) server(name string) (*Server, error) {
	if s := b.defs.Servers[name]; s != nil {
		return s, nil
	}
	return nil, sqlerr.New(sqlerr.UndefinedObject, "server %q does not exist", name).
		WithHint("declare it first: CREATE SERVER %s FOREIGN DATA WRAPPER … OPTIONS (…)", name)
}

func (b *Builder) createServer(s *parse.Statement, n *parse.CreateForeignServerStmt) error {
	if n.IfNotExists && b.defs.Servers[n.Servername] != nil {
		return nil
	}
	options, err := b.options(s, nil, n.Options)
	if err != nil {
		return err
	}
	for name := range options {
		if credentialOptions[name] {
			return sqlerr.New("HV00D", "option %q of server %q is a credential", name, n.Servername).
				WithHint("put it into a user mapping: CREATE USER MAPPING FOR PUBLIC SERVER %s OPTIONS (user '…', password_file '…')", n.Servername)
		}
	}
	if holdsPassword(options["url"]) {
		return sqlerr.New("HV00D", "option \"url\" of server %q holds a password", n.Servername).
			WithHint("put it into a user mapping: CREATE USER MAPPING FOR PUBLIC SERVER %s OPTIONS (user '…', password_file '…')", n.Servername)
	}
	return b.AddServer(n.Servername, n.Fdwname, options, b.originOf(s))
}

func (b *Builder) alterServer(s *parse.Statement, n *parse.AlterForeignServerStmt) error {
	srv, err := b.server(n.Servername)
	if err != nil {
		return err
	}
	srv.Options, err = b.options(s, srv.Options, n.Options)
	return err
}

// options applies an OPTIONS list to a set of options: ADD, SET and DROP as PostgreSQL does.
func (b *Builder) options(s *parse.Statement, old map[string]string, list []*parse.Node) (map[string]string, error) {
	out := map[string]string{}
	for k, v := range old {
		out[k] = v
	}
	for _, o := range s.Options(list) {
		_, have := out[o.Name]
		switch {
		case o.Action == parse.DefelemDrop || o.Action == parse.DefelemSet:
			if !have {
				return nil, sqlerr.New(sqlerr.UndefinedObject, "option %q not found", o.Name).At(o.Position)
			}
		case have:
			return nil, sqlerr.New(sqlerr.DuplicateObject, "option %q provided more than once", o.Name).At(o.Position)
		}
		if o.Action == parse.DefelemDrop {
			delete(out, o.Name)
			continue
		}
		v, err := b.expandVars(o.Value)
		if err != nil {
			return nil, err
		}
		out[o.Name] = b.located(o.Name, v)
	}
	return out, nil
}

// located makes a relative path start from the script's folder: options called path or …_file are paths.
func (b *Builder) located(option, value string) string {
	isPath := option == "path" || strings.HasSuffix(option, "_file")
	if !isPath || value == "" || filepath.IsAbs(value) {
		return value
	}
	return filepath.Join(b.dir, value)
}

func (b *Builder) createMapping(s *parse.Statement, n *parse.CreateUserMappingStmt) error {
	srv, err := b.mapped(n.User, n.Servername)
	if err != nil {
		return err
	}
	if srv.mapped {
		if n.IfNotExists {
			return nil
		}
		return sqlerr.New(sqlerr.DuplicateObject, "user mapping for PUBLIC already exists for server %q", srv.Name).
			WithHint("ALTER USER MAPPING changes it")
	}
	return b.mapping(s, srv, n.Options)
}

func (b *Builder) alterMapping(s *parse.Statement, n *parse.AlterUserMappingStmt) error {
	srv, err := b.mapped(n.User, n.Servername)
	if err != nil {
		return err
	}
	if !srv.mapped {
		return sqlerr.New(sqlerr.UndefinedObject, "user mapping for PUBLIC does not exist for server %q", srv.Name)
	}
	return b.mapping(s, srv, n.Options)
}

// mapped is the server of a user mapping, which is PUBLIC's.
func (b *Builder) mapped(user *parse.RoleSpec, server string) (*Server, error) {
	if user != nil && user.Roletype != parse.RolespecPublic {
		return nil, sqlerr.Unsupported("a user mapping for a role other than PUBLIC")
	}
	return b.server(server)
}

func (b *Builder) mapping(s *parse.Statement, srv *Server, list []*parse.Node) error {
	for _, o := range s.Options(list) {
		v, err := b.expandVars(o.Value)
		if err != nil {
			return err
		}
		drop := o.Action == parse.DefelemDrop
		switch o.Name {
		case "user", "username":
			srv.User = v
		case "password":
			srv.Secret = v
		case "password_file":
			if srv.Secret = ""; !drop {
				srv.Secret, err = b.secretFile(v)
			}
			if err != nil {
				return err
			}
		default:
			return sqlerr.New("HV00D", "invalid option %q of a user mapping", o.Name).At(o.Position).
				WithHint("the options are user, password and password_file")
		}
	}
	srv.mapped = true
	return nil
}

func (b *Builder) dropMapping(n *parse.DropUserMappingStmt) error {
	srv, err := b.mapped(n.User, n.Servername)
	if err != nil {
		if n.MissingOk && sqlerr.Code(err) == sqlerr.UndefinedObject {
			return nil
		}
		return err
	}
	if !srv.mapped && !n.MissingOk {
		return sqlerr.New(sqlerr.UndefinedObject, "user mapping for PUBLIC does not exist for server %q", srv.Name)
	}
	srv.User, srv.Secret, srv.mapped = "", "", false
	return nil
}
