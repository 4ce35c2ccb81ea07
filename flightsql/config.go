package flightsql

import (
	"crypto/tls"
	"log/slog"
	"time"
)

// Config is what a [Server] is made of. Zero values are the defaults that each field names.
type Config struct {
	// Engine runs the statements. Required.
	Engine Engine
	// Auth says who a caller is. Required: [NoAuth] lets everybody in.
	Auth Authenticator
	// TLS secures the listener; nil serves plain text.
	TLS *tls.Config
	// TicketKeys seal tickets, prepared handles and session tokens: at most two, of 32 bytes or more each. The
	// first seals, both open, so that a key can be rotated. None: a random key of this process.
	TicketKeys [][]byte
	// TicketTTL is how long a ticket may be fetched; 1 hour.
	TicketTTL time.Duration
	// HandleTTL is how long a prepared handle, or bound parameters, may be used; 24 hours.
	HandleTTL time.Duration
	// StoreBytes bounds what is kept here of statements and parameters too long for a sealed ticket; 64 MiB.
	// The oldest go first.
	StoreBytes int
	// StallTimeout is how long a client may take nothing of its stream before it loses its statement; 60 s.
	StallTimeout time.Duration
	// KeepAlive is how long a stream may be silent before an empty batch is sent, for proxies that close silent
	// streams; 20 s. Negative: never.
	KeepAlive time.Duration
	// MessageBytes is the size that a message is aimed at, 1 MiB. Batches are split above twice this size.
	MessageBytes int
	// MaxMessageBytes is the size that no message exceeds, 16 MiB less 64 KiB: what ADBC receives by default. A single
	// row above it is an error.
	MaxMessageBytes int
	// MaxRecvBytes bounds a message from a client; 64 MiB.
	MaxRecvBytes int
	// Log receives one line a statement; slog.Default().
	Log *slog.Logger
	// LogStatements writes statements' texts at the level Info instead of Debug.
	LogStatements bool
	// Version is the server's version as clients see it; "development".
	Version string
	// Functions are the engine's functions as clients are told of them.
	Functions Functions
}

const (
	defaultTicketTTL  = time.Hour
	defaultHandleTTL  = 24 * time.Hour
	defaultStore      = 64 << 20
	defaultStall      = 60 * time.Second
	defaultKeepAlive  = 20 * time.Second
	defaultMessage    = 1 << 20
	defaultMaxMessage = 16<<20 - 64<<10
	defaultMaxRecv    = 64 << 20
)

func (c Config) withDefaults() Config {
	c.TicketTTL = orDefault(c.TicketTTL, defaultTicketTTL)
	c.HandleTTL = orDefault(c.HandleTTL, defaultHandleTTL)
	c.StoreBytes = orDefault(c.StoreBytes, defaultStore)
	c.StallTimeout = orDefault(c.StallTimeout, defaultStall)
	c.KeepAlive = orDefault(c.KeepAlive, defaultKeepAlive)
	c.MessageBytes = orDefault(c.MessageBytes, defaultMessage)
	c.MaxMessageBytes = orDefault(c.MaxMessageBytes, defaultMaxMessage)
	c.MaxRecvBytes = orDefault(c.MaxRecvBytes, defaultMaxRecv)
	c.Log = orDefault(c.Log, slog.Default())
	c.Version = orDefault(c.Version, "development")
	return c
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}
