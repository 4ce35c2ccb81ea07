package numeric_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/numeric"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// TestParseBoundsExponents: an exponent that decides alone is never raised to a power, which would take for ever.
func TestParseBoundsExponents(t *testing.T) {
	for _, s := range []string{
		"1e-100000", "1e-1000000000", "1e1073741823", "-1e1073741822", "0e99999999999999999999", "1e131072", "1e200000", "1.5e-16384", "0e-20000",
		"1e99999999999999999999", "1e1000000000000000000",
	} {
		_, err := numeric.Parse(s)
		require.Equal(t, sqlerr.NumericOutOfRange, sqlerr.Code(err), s)
	}
	for s, want := range map[string]string{"0e1000000000": "0", "0.00e1": "0.0", "1e3": "1000", "1.50e-2": "0.0150", "12e-1": "1.2"} {
		n, err := numeric.Parse(s)
		require.NoError(t, err, s)
		require.Equal(t, want, string(n.AppendText(nil)))
	}
	for _, s := range []string{"1e", "1e+", "e1", "1e5x", ""} {
		_, err := numeric.Parse(s)
		var e *sqlerr.Error
		require.True(t, errors.As(err, &e), s)
		require.Equal(t, sqlerr.InvalidText, e.Code, s)
	}
}
