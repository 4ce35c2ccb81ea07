package mongo

import (
	"context"
	"errors"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/auth"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Codes of MongoDB's errors (error_codes.yml).
const (
	codeUnauthorized       = 13
	codeAuthFailed         = 18
	codeNamespaceNotFound  = 26
	codeCursorNotFound     = 43
	codeMaxTimeExpired     = 50
	codeSnapshotTooOld     = 239
	codeSnapshotGone       = 246
	codeNoSuchTransaction  = 251
	codeTransactionTooOld  = 225
	codeInterrupted        = 11601
	codeCommandUnsupported = 115
)

// translate turns a driver's error into one with a SQLSTATE. Neither credentials nor the connection string are in what
// it says: the driver's own text is kept for the log only, but for the message of a command that the server refused.
func (s *settings) translate(ctx context.Context, doing string, err error) error {
	if err == nil {
		return nil
	}
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return err
	}
	if ctx.Err() != nil {
		return canceled(ctx)
	}
	var command mongo.CommandError
	switch {
	case authFailed(err):
		e = sqlerr.New(sqlerr.InvalidPassword, "%s: the server did not accept the user's credentials", doing).
			WithHint("check CREATE USER MAPPING … SERVER %s, and the option auth_source", s.server)
	case mongo.IsTimeout(err) && !errors.As(err, &command), errors.As(err, &topology.ServerSelectionError{}):
		e = s.unreachable(doing, err)
	case networkError(err):
		e = sqlerr.New(sqlerr.ConnectionFailure, "%s: the connection to the server broke", doing)
	case errors.As(err, &command):
		e = fromCommand(doing, &command)
	default:
		e = sqlerr.New(sqlerr.FDWError, "%s: the driver failed", doing)
	}
	e.Err = err
	return e.From(s.server)
}

// canceled is why a context ended: the cause where it carries a SQLSTATE, else 57014.
func canceled(ctx context.Context) error {
	cause := context.Cause(ctx)
	if sqlerr.Code(cause) != "" {
		return cause
	}
	e := sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	if errors.Is(cause, context.DeadlineExceeded) {
		e = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout")
	}
	e.Err = cause
	return e
}

func fromCommand(doing string, c *mongo.CommandError) *sqlerr.Error {
	code, hint := sqlerr.FDWError, ""
	switch c.Code {
	case codeUnauthorized:
		code = sqlerr.InsufficientPrivilege
	case codeNamespaceNotFound:
		code = sqlerr.UndefinedTable
	case codeMaxTimeExpired, codeInterrupted:
		code = sqlerr.QueryCanceled
	case codeCursorNotFound, codeNoSuchTransaction, codeTransactionTooOld:
		code = sqlerr.ConnectionFailure
		hint = "the server ended the statement's transaction, which it does after transactionLifetimeLimitSeconds " +
			"(60 by default); option snapshot 'session' reads longer, from one point in time of the server's history"
	case codeSnapshotTooOld, codeSnapshotGone:
		code = sqlerr.ConnectionFailure
		hint = "the server keeps its history for minSnapshotHistoryWindowInSeconds (300 by default)"
	case codeCommandUnsupported:
		code = sqlerr.FeatureNotSupported
	}
	e := sqlerr.New(code, "%s: %s", doing, c.Message)
	if hint != "" {
		e = e.WithHint("%s", hint)
	}
	return e
}

// networkError says whether a connection broke, also while it was made, or waited in a pool that was cleared.
func networkError(err error) bool {
	var cleared driver.RetryablePoolError
	return mongo.IsNetworkError(err) || errors.As(err, &topology.ConnectionError{}) || errors.As(err, &cleared)
}

// authFailed says whether credentials were refused, by a command or while a connection was made.
func authFailed(err error) bool {
	var c mongo.CommandError
	var handshake *auth.Error
	return errors.As(err, &c) && c.Code == codeAuthFailed || errors.As(err, &handshake)
}

// unreachable is 08001 with what the driver last saw of each server: addresses and network errors, no credentials.
func (s *settings) unreachable(doing string, err error) *sqlerr.Error {
	e := sqlerr.New(sqlerr.SourceUnable, "%s: no server answered within %v", doing, s.connect).
		WithHint("check the options url or host and port of server %s, its TLS options, and whether the server is up", s.server)
	var selection topology.ServerSelectionError
	if errors.As(err, &selection) {
		for _, server := range selection.Desc.Servers {
			if server.LastError != nil {
				return e.WithDetail("%s: %s", server.Addr, lastReason(server.LastError))
			}
		}
	}
	return e
}

// lastReason is the innermost error, without the driver's numbering of connections.
func lastReason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
