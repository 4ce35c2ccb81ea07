package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// failed is err as a statement's author sees it: the server's own SQLSTATE, message and hint, and the name of the
// source. The server's DETAIL is left out: it may show values of rows.
func (s *Source) failed(doing string, err error) error {
	var stale *sources.Stale
	var own *sqlerr.Error
	var pg *pgconn.PgError
	switch {
	case err == nil || errors.As(err, &stale):
		return err
	case errors.As(err, &own):
		if own.Source == "" {
			return own.From(s.name)
		}
		return err
	case errors.As(err, &pg):
		return &sqlerr.Error{Code: pg.Code, Message: doing + ": " + pg.Message, Hint: pg.Hint, Source: s.name}
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	}
	return sqlerr.New(sqlerr.ConnectionFailure, "%s: the connection failed: %w", doing, err).From(s.name)
}

// failedIn is failed, but what the end of ctx caused is ctx's cause.
func (s *Source) failedIn(ctx context.Context, doing string, err error) error {
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return s.failed(doing, err)
}

// connectFailed tells why there is no connection. pgconn's own text names the user and every address it tried.
func (s *Source) connectFailed(ctx context.Context, cfg *pgconn.Config, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	where := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		e := &sqlerr.Error{Code: pg.Code, Message: "connecting to " + where + ": " + pg.Message, Hint: pg.Hint, Source: s.name}
		if pg.Code == sqlerr.InvalidPassword || pg.Code == sqlerr.InvalidAuthorization {
			return e.WithHint("check the user mapping of server %s", s.name)
		}
		return e
	}
	if why := untrusted(err); why != nil {
		return sqlerr.New(sqlerr.SourceUnable, "connecting to %s: its certificate does not prove who it is: %w", where, why).From(s.name).
			WithHint("check host and sslrootcert; sslmode 'require' without sslrootcert encrypts without this proof")
	}
	reason := "it does not answer"
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		reason = "its name is not known"
	case errors.As(err, &op) && op.Err != nil && !op.Timeout():
		reason = op.Err.Error()
	case !errors.Is(err, context.DeadlineExceeded) && op == nil:
		reason = "it does not speak as expected (TLS, authentication or protocol)"
	}
	return sqlerr.New(sqlerr.SourceUnable, "connecting to %s: %s", where, reason).From(s.name).
		WithHint("check host, port, sslmode and that the server runs and may be reached from here")
}

// untrusted is what is wrong with a server's certificate, nil for any other error.
func untrusted(err error) error {
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		name         x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &verification):
		return verification.Err
	case errors.As(err, &authority):
		return authority
	case errors.As(err, &name):
		return name
	case errors.As(err, &invalid):
		return invalid
	}
	return nil
}

// changed turns what a server says about objects that are no longer what was bound into *sources.Stale.
func changed(err error, tables ...*sources.Table) error {
	var pg *pgconn.PgError
	if !errors.Is(err, errShape) {
		if !errors.As(err, &pg) {
			return err
		}
		switch pg.Code {
		case sqlerr.UndefinedTable, sqlerr.UndefinedColumn, sqlerr.UndefinedSchema, sqlerr.UndefinedObject,
			sqlerr.UndefinedFunction, sqlerr.DatatypeMismatch, sqlerr.CannotCoerce:
		default:
			return err
		}
	}
	reason := errShape.Error()
	if pg != nil {
		reason = pg.Message
	}
	return stale(reason, tables...)
}
