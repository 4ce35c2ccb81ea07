package skein

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"

	"github.com/skeinsql/skein/flightsql"
)

// ServeOption changes how [DB.Serve] serves.
type ServeOption func(*flightsql.Config)

// Token lets in whoever presents it, as bearer or as the password of any user. Without it, and without [Auth], everybody
// is let in: serve on loopback only.
func Token(token string) ServeOption {
	return func(c *flightsql.Config) { c.Auth = flightsql.StaticToken(token, Identity{}) }
}

// Auth asks an authenticator who a caller is.
func Auth(a flightsql.Authenticator) ServeOption { return func(c *flightsql.Config) { c.Auth = a } }

// TLS secures the listener.
func TLS(config *tls.Config) ServeOption { return func(c *flightsql.Config) { c.TLS = config } }

// FlightConfig changes anything else of the server's configuration.
func FlightConfig(change func(*flightsql.Config)) ServeOption { return change }

// Server makes a Flight SQL server over the DB, for those who want to drain or measure it; see [DB.Serve].
func (db *DB) Server(opts ...ServeOption) (*flightsql.Server, error) {
	cfg := flightsql.Config{Engine: flightsql.Adapt(db.engine), Auth: flightsql.NoAuth(Identity{}), Functions: functionGroups()}
	for _, o := range opts {
		o(&cfg)
	}
	return flightsql.New(cfg)
}

// Serve answers Flight SQL on the listener until ctx ends, then closes it and ends what runs. The DB stays open.
func (db *DB) Serve(ctx context.Context, l net.Listener, opts ...ServeOption) error {
	srv, err := db.Server(opts...)
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, srv.Close)
	defer stop()
	if err := srv.Serve(l); err != nil && ctx.Err() == nil {
		return fmt.Errorf("serving Flight SQL on %s: %w", l.Addr(), err)
	}
	return nil
}
