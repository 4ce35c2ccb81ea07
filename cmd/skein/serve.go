package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/flightsql"
)

const (
	defaultPort   = "31337"
	defaultListen = "127.0.0.1:" + defaultPort
)

// serveCmd is `skein serve`.
type serveCmd struct {
	sourceFlags
	Listen      string   `placeholder:"ADDR" help:"Address of Flight SQL (default: 127.0.0.1:31337)."`
	AdminListen string   `placeholder:"ADDR" help:"Address of /healthz, /readyz and /metrics (default: none)."`
	Token       string   `placeholder:"TOKEN" help:"The token that clients present (default: made and printed)."`
	TokenFile   string   `placeholder:"FILE" help:"A file that holds the token."`
	NoAuth      bool     `help:"Ask for no token; on loopback only."`
	TLS         string   `name:"tls" enum:",self-signed" default:"" help:"self-signed: make a certificate for this run."`
	TLSCert     string   `name:"tls-cert" placeholder:"FILE" help:"Certificate chain (PEM)."`
	TLSKey      string   `name:"tls-key" placeholder:"FILE" help:"Private key (PEM)."`
	Insecure    bool     `help:"Allow addresses off loopback without token or TLS."`
	TicketKey   []string `placeholder:"FILE" help:"A file of at least 32 bytes that tickets are sealed with; a second one is accepted too."`

	StallTimeout  time.Duration `help:"A client that takes nothing for so long loses its statement (default: 1m)."`
	DrainTimeout  time.Duration `help:"How long streams may go on after SIGTERM (default: 30s)."`
	Sessions      int           `help:"Most sessions at a time (default: 10000)."`
	SessionIdle   time.Duration `help:"Sessions that nobody uses for so long end (default: 1h)."`
	LogStatements bool          `help:"Write the texts of statements to the log, literals included."`
}

// Run serves until SIGTERM or SIGINT.
func (c *serveCmd) Run(ctx context.Context) error {
	file, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	log, err := c.logger(file, slog.LevelInfo)
	if err != nil {
		return err
	}
	sec, err := c.security(file)
	if err != nil {
		return err
	}
	opts, err := c.options(file, log)
	if err != nil {
		return err
	}
	opts = append(opts, skein.Sessions(or(c.Sessions, file.Limits.Sessions), or(c.SessionIdle, file.Limits.SessionIdle)))
	tuneRuntime()
	db, err := skein.Open(ctx, opts...)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return c.serve(ctx, db, file, sec, log)
}

// tuneRuntime trades memory for fewer collections, up to most of the machine's memory: engines allocate batches
// quickly and drop them as quickly. GOGC and GOMEMLIMIT in the environment win.
func tuneRuntime() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	if total := machineMemory(); total > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(total / 10 * 9)
	}
}

// listen opens the address of Flight SQL.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("listening for Flight SQL: %w\nhint: another server has the address: end it, or choose a port by --listen 127.0.0.1:31338 (0 for any free one)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("listening for Flight SQL: %w", err)
	}
	return l, nil
}

func (c *serveCmd) serve(ctx context.Context, db *skein.DB, file *fileConfig, sec *security, log *slog.Logger) error {
	srv, err := db.Server(skein.Auth(sec.auth), skein.TLS(sec.tls), skein.FlightConfig(func(f *flightsql.Config) {
		f.TicketKeys = sec.keys
		f.StallTimeout = or(c.StallTimeout, file.Limits.StallTimeout)
		f.Log, f.LogStatements = log, c.LogStatements || file.Log.Statements
		f.Version = buildVersion()
	}))
	if err != nil {
		return err
	}
	defer srv.Close()
	listener, err := listen(sec.address)
	if err != nil {
		return err
	}
	admin, err := startAdmin(or(c.AdminListen, file.AdminListen), db, srv, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer admin.close(ctx)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	admin.ready.Store(true)
	sec.announce(listener.Addr())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	admin.ready.Store(false)
	wait := or(c.DrainTimeout, file.Limits.DrainTimeout, 30*time.Second)
	log.Info("draining", "timeout", wait)
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer cancel()
	srv.Drain(drain)
	srv.Close()
	return <-served
}
