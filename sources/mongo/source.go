package mongo

import (
	"context"
	"log/slog"
	"sync"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// Kind is the name of the foreign data wrapper.
const Kind = "mongo"

// Source is one MongoDB deployment. Safe for concurrent use.
type Source struct {
	settings *settings
	budget   *sources.Connections
	log      *slog.Logger

	mu      sync.Mutex
	clients map[string]*deployment // by identity key
	closed  bool
}

var _ sources.Source = (*Source)(nil)

// deployment is a client for one identity, and what its server said of itself.
type deployment struct {
	client *mongo.Client

	mu    sync.Mutex
	known bool
	hello hello
}

// hello is what decides how a snapshot is had.
type hello struct {
	// transactions: a replica set or a router, so that there is a history to read from.
	transactions bool
	// wire is the protocol's version; 13 is MongoDB 5.0, which reads snapshots outside transactions.
	wire int
}

// Open checks the options of a server. It does no I/O: the first statement connects.
func Open(_ context.Context, c sources.Config) (sources.Source, error) {
	s, err := readSettings(c)
	if err != nil {
		return nil, err
	}
	if err := checkDeclared(c.Name, c.Declared); err != nil {
		return nil, err
	}
	log := c.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Source{settings: s, budget: c.Connections, log: log, clients: map[string]*deployment{}}, nil
}

// Close disconnects every client. Idempotent.
func (s *Source) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	var err error
	for key, d := range s.clients {
		ctx, cancel := brief(context.Background())
		if e := d.client.Disconnect(ctx); e != nil && err == nil {
			err = s.settings.translate(context.Background(), "disconnecting", e)
		}
		cancel()
		delete(s.clients, key)
	}
	return err
}

// deployment is the client of an identity, made on first use.
func (s *Source) deployment(id sources.Identity) (*deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, sqlerr.New(sqlerr.ConnectionFailure, "the server was closed").From(s.settings.server)
	}
	key, user, secret := "", s.settings.user, s.settings.secret
	if id.User != "" {
		key, user, secret = id.Key+"\x00"+id.User+"\x00"+id.Secret, id.User, id.Secret
	}
	if d := s.clients[key]; d != nil {
		return d, nil
	}
	client, err := mongo.Connect(s.settings.client(user, secret))
	if err != nil {
		return nil, s.settings.translate(context.Background(), "connecting", err)
	}
	d := &deployment{client: client}
	s.clients[key] = d
	return d, nil
}

// describe asks the server once what it is.
func (d *deployment) describe(ctx context.Context, s *settings) (hello, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known {
		return d.hello, nil
	}
	raw, err := d.command(ctx, s, "admin", bson.D{{Key: "hello", Value: 1}})
	if err != nil {
		return hello{}, s.translate(ctx, "asking the server what it is", err)
	}
	set, _ := raw.Lookup("setName").StringValueOK()
	msg, _ := raw.Lookup("msg").StringValueOK()
	wire, _ := raw.Lookup("maxWireVersion").AsInt64OK()
	d.hello = hello{transactions: set != "" || msg == "isdbgrid", wire: int(wire)}
	d.known = true
	return d.hello, nil
}

// command runs one command outside any session. The driver would add maxTimeMS for a deadline, so ctx keeps its
// cancellation only.
func (d *deployment) command(ctx context.Context, s *settings, database string, cmd bson.D) (bson.Raw, error) {
	ctx, cancel := undated(ctx)
	defer cancel()
	return again(ctx, func() (bson.Raw, error) {
		return d.client.Database(database).RunCommand(ctx, cmd, runOptions(s)).Raw()
	})
}

// again asks a second time when the connection broke: one that lay idle may have been dropped on its way, and the driver
// repeats no commands that it is given as documents. Only for reads of which nothing was seen yet. After the first
// failure the driver has closed the other connections of its pool.
func again[T any](ctx context.Context, ask func() (T, error)) (T, error) {
	out, err := ask()
	if err != nil && broken(ctx, err) {
		return ask()
	}
	return out, err
}

// broken says whether an error is a connection that broke, not one that timed out or that its user ended.
func broken(ctx context.Context, err error) bool {
	return networkError(err) && !mongo.IsTimeout(err) && !authFailed(err) && ctx.Err() == nil
}

// Capabilities takes filters, projections of columns, limits, and lookups.
func (s *Source) Capabilities() sources.Capabilities {
	return sources.Capabilities{
		Filter: true, Project: true, Limit: true, Lookup: true, LookupBatch: lookupBatch, DynamicFilter: true,
		Functions: pushableFunctions(), RoundTrip: 0.0005, RowCost: 1e-6,
	}
}

// databaseNames are the databases that are schemas.
func (s *Source) databaseNames(ctx context.Context, d *deployment) ([]string, error) {
	if len(s.settings.databases) > 0 {
		return s.settings.databases, nil
	}
	raw, err := d.command(ctx, s.settings, "admin", bson.D{
		{Key: "listDatabases", Value: 1}, {Key: "nameOnly", Value: true}, {Key: "authorizedDatabases", Value: true},
	})
	if err != nil {
		return nil, s.settings.translate(ctx, "listing databases", err)
	}
	values, _ := raw.Lookup("databases").Array().Values()
	var out []string
	for _, v := range values {
		name, _ := v.Document().Lookup("name").StringValueOK()
		if name != "admin" && name != "local" && name != "config" {
			out = append(out, name)
		}
	}
	return out, nil
}
