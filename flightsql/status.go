package flightsql

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// The trailers of a failed call: ASCII only, so that every client can show them.
const (
	trailerState    = "x-skein-sqlstate"
	trailerPosition = "x-skein-position"
	trailerQuery    = "x-skein-query-id"
	errorDomain     = "skein"
)

// codeOf gives the gRPC code of a SQLSTATE. FailedPrecondition, OutOfRange and Aborted are avoided: ADBC makes
// UNKNOWN of them. What names a thing that does not exist is NotFound, any other fault of the statement
// InvalidArgument; both reach Python as ProgrammingError.
func codeOf(state string) codes.Code {
	switch state {
	case sqlerr.InsufficientPrivilege, sqlerr.ReadOnlyTransaction:
		return codes.PermissionDenied
	case sqlerr.UndefinedTable, sqlerr.UndefinedColumn, sqlerr.UndefinedFunction, sqlerr.UndefinedObject,
		sqlerr.UndefinedSchema, sqlerr.UndefinedCatalog, sqlerr.InvalidStatementName, sqlerr.UndefinedFile:
		return codes.NotFound
	case sqlerr.DuplicateObject, sqlerr.DuplicateTable, sqlerr.DuplicateSchema:
		return codes.AlreadyExists
	case sqlerr.QueryCanceled:
		return codes.Canceled
	case sqlerr.DataCorrupted:
		return codes.DataLoss
	case errProtocol:
		return codes.InvalidArgument
	}
	if len(state) != 5 {
		return codes.Internal
	}
	return codeOfClass(state[:2])
}

func codeOfClass(class string) codes.Code {
	switch class {
	case "0A":
		return codes.Unimplemented
	case "08", "57":
		return codes.Unavailable
	case "28":
		return codes.Unauthenticated
	case "53":
		return codes.ResourceExhausted
	case "21", "22", "23", "24", "25", "26", "2B", "34", "3D", "3F", "42", "44", "54", "55":
		return codes.InvalidArgument
	}
	return codes.Internal
}

// errProtocol is PostgreSQL's protocol_violation: the client's message makes no sense.
const errProtocol = "08P01"

func badRequest(format string, args ...any) *sqlerr.Error {
	return sqlerr.New(errProtocol, format, args...)
}

// explain turns any error into the SQL error that it carries, or into one that gives nothing away. Errors of the
// call's context become what ended the call, its cause.
func explain(err, cause error) *sqlerr.Error {
	if cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		err = cause
	}
	var e *sqlerr.Error
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, context.Canceled):
		return sqlerr.New(sqlerr.QueryCanceled, "the client canceled the request")
	case errors.Is(err, context.DeadlineExceeded):
		return sqlerr.New(sqlerr.QueryCanceled, "the client's deadline has passed: %w", err)
	}
	var transport interface{ GRPCStatus() *status.Status }
	if errors.As(err, &transport) {
		return explainTransport(transport.GRPCStatus())
	}
	return sqlerr.New(sqlerr.InternalError, "internal error: %w", errHidden{err})
}

// explainTransport translates what gRPC itself says of a stream.
func explainTransport(st *status.Status) *sqlerr.Error {
	state := sqlerr.InternalError
	switch st.Code() {
	case codes.Unimplemented:
		state = sqlerr.FeatureNotSupported
	case codes.Canceled, codes.DeadlineExceeded:
		state = sqlerr.QueryCanceled
	case codes.ResourceExhausted: // a message above the limit
		state = sqlerr.ProgramLimit
	case codes.Unavailable:
		state = sqlerr.ConnectionFailure
	case codes.InvalidArgument:
		state = errProtocol
	}
	return sqlerr.New(state, "%s", st.Message())
}

// statusOf gives the gRPC status of a call's error: SQLSTATE, position, detail and hint are in the text, which is
// all that most clients show, and as an ErrorInfo.
func statusOf(e *sqlerr.Error, queryID string) *status.Status {
	code := codeOf(e.Code)
	if e.Code == sqlerr.QueryCanceled && errors.Is(e, context.DeadlineExceeded) {
		code = codes.DeadlineExceeded
	}
	st := status.New(code, text(e))
	if with, err := st.WithDetails(&errdetails.ErrorInfo{Reason: e.Code, Domain: errorDomain, Metadata: fields(e, queryID)}); err == nil {
		return with
	}
	return st
}

// text is the error as psql would print it. It must be UTF-8, or protobuf would drop it.
func text(e *sqlerr.Error) string {
	var b strings.Builder
	if e.Source != "" {
		fmt.Fprintf(&b, "source %s: ", e.Source)
	}
	b.WriteString(e.Message)
	if e.Position > 0 {
		fmt.Fprintf(&b, " at character %d", e.Position)
	}
	fmt.Fprintf(&b, " (SQLSTATE %s)", e.Code)
	if e.Detail != "" {
		b.WriteString("\nDETAIL: " + e.Detail)
	}
	if e.Hint != "" {
		b.WriteString("\nHINT: " + e.Hint)
	}
	return strings.ToValidUTF8(b.String(), "�")
}

func fields(e *sqlerr.Error, queryID string) map[string]string {
	m := map[string]string{"sqlstate": e.Code, "message": e.Message}
	for k, v := range map[string]string{"detail": e.Detail, "hint": e.Hint, "source": e.Source, "query_id": queryID} {
		if v != "" {
			m[k] = v
		}
	}
	if e.Position > 0 {
		m["position"] = strconv.Itoa(e.Position)
	}
	for k, v := range m {
		m[k] = strings.ToValidUTF8(v, "�")
	}
	return m
}

func trailerOf(e *sqlerr.Error, queryID string) metadata.MD {
	md := metadata.Pairs(trailerState, e.Code)
	if e.Position > 0 {
		md.Set(trailerPosition, strconv.Itoa(e.Position))
	}
	if queryID != "" {
		md.Set(trailerQuery, queryID)
	}
	return md
}
