package datum_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
)

func TestAppendFloatNarrows(t *testing.T) {
	require.Equal(t, "Infinity", string(datum.AppendFloat(nil, 1e308, 32)))
	require.Equal(t, "1.5", string(datum.AppendFloat(nil, 1.5, 32)))
}
