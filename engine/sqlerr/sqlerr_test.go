package sqlerr

import (
	"context"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnErrorIsNotTheEndOfAStream(t *testing.T) {
	broken := fmt.Errorf("connection: %w", io.EOF)
	for _, err := range []error{
		New(ConnectionFailure, "reading: %w", broken), &Error{Code: ConnectionFailure, Err: io.EOF},
		fmt.Errorf("scanning: %w", New(IOError, "reading: %w", io.EOF).From("pay")),
	} {
		require.NotErrorIs(t, err, io.EOF)
	}
	require.ErrorIs(t, New(QueryCanceled, "%w", context.Canceled), context.Canceled)
}
