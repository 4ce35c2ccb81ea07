package flightsql

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func TestErrorsCarryTheirState(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	var trailer metadata.MD
	_, err := c.Client.GetFlightInfo(t.Context(), describe(t, &pb.CommandStatementQuery{Query: "tafel"}), grpc.Trailer(&trailer))
	st := status.Convert(err)
	require.Equal(t, codes.NotFound, st.Code())
	require.Equal(t, "relation \"tafel\" does not exist at character 15 (SQLSTATE 42P01)\nHINT: did you mean \"süd\"?", st.Message())
	require.Equal(t, []string{"42P01"}, trailer.Get(trailerState))
	require.Equal(t, []string{"15"}, trailer.Get(trailerPosition))
	require.Len(t, st.Details(), 1)
	info := st.Details()[0].(*errdetails.ErrorInfo)
	require.Equal(t, "42P01", info.Reason)
	require.Equal(t, "15", info.Metadata["position"])
	require.Equal(t, "did you mean \"süd\"?", info.Metadata["hint"])
}

func TestCodes(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	for state, want := range map[string]codes.Code{
		sqlerr.SyntaxError: codes.InvalidArgument, sqlerr.DatatypeMismatch: codes.InvalidArgument, sqlerr.UndefinedColumn: codes.NotFound,
		sqlerr.DivisionByZero: codes.InvalidArgument, sqlerr.NumericOutOfRange: codes.InvalidArgument, sqlerr.StatementTooComplex: codes.InvalidArgument,
		sqlerr.InsufficientPrivilege: codes.PermissionDenied, sqlerr.InvalidPassword: codes.Unauthenticated, sqlerr.OutOfMemory: codes.ResourceExhausted,
		sqlerr.QueryCanceled: codes.Canceled, sqlerr.FeatureNotSupported: codes.Unimplemented, sqlerr.ConnectionFailure: codes.Unavailable,
		sqlerr.AdminShutdown: codes.Unavailable, sqlerr.InternalError: codes.Internal, sqlerr.FDWError: codes.Internal, "": codes.Internal,
		sqlerr.ObjectNotInPrerequisite: codes.InvalidArgument, sqlerr.DataCorrupted: codes.DataLoss,
	} {
		f.engine.fails("FAIL", fmt.Errorf("running it: %w", sqlerr.New(state, "it failed")))
		_, err := c.Execute(t.Context(), "FAIL")
		require.Equal(t, want, status.Code(err), state)
		_, err = c.Prepare(t.Context(), "FAIL")
		require.Equal(t, want, status.Code(err), state)
	}
	// ADBC turns these into UNKNOWN.
	for class := range 100 {
		code := codeOf(fmt.Sprintf("%02d000", class))
		require.NotContains(t, []codes.Code{codes.FailedPrecondition, codes.OutOfRange, codes.Aborted, codes.Unknown}, code)
	}
}

func TestUnknownErrorsGiveNothingAway(t *testing.T) {
	f := serve(t, nil)
	c := f.client(t)
	f.engine.fails("FAIL", errors.New("password=hunter2"))
	_, err := c.Execute(t.Context(), "FAIL")
	require.Equal(t, codes.Internal, status.Code(err))
	require.NotContains(t, fmt.Sprint(status.Convert(err).Proto()), "hunter2")
	f.engine.fails("FAIL", sqlerr.New(sqlerr.ConnectionFailure, "the server is down: %w", errors.New("x")))
	_, err = c.Execute(t.Context(), "FAIL")
	require.ErrorContains(t, err, "the server is down")
	f.engine.fails("FAIL", sqlerr.New(sqlerr.DataCorrupted, "bad text \xff\xfe").WithHint("\xff"))
	_, err = c.Execute(t.Context(), "FAIL")
	require.ErrorContains(t, err, "bad text")
}
