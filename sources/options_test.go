package sources

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func TestUnknownOptionsAreNamed(t *testing.T) {
	known := []string{"on_mismatch", "sample_size", "url"}
	for name, near := range map[string]string{
		"sample_szie": "sample_size", "sampleSize": "sample_size", "ON_MISMATCH": "on_mismatch", "on_mismach": "on_mismatch",
		"ulr": "url", "colour": "", "": "",
	} {
		require.Equal(t, near, Nearest(name, known), name)
	}
	require.NoError(t, CheckNames("server pay", map[string]string{"url": "x"}, known))
	err := CheckNames("server pay", map[string]string{"url": "x", "sample_sizes": "1", "zzz": "2"}, known)
	require.True(t, sqlerr.Is(err, InvalidOptionName))
	require.ErrorContains(t, err, `invalid option "sample_sizes" of server pay`)
	var e *sqlerr.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Hint, "did you mean sample_size?")
}
