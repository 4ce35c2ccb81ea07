package differential_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var expand = flag.Bool("expand", false, "write testdata/statements/expanded_*.sql anew")

// TestExpand writes the expanded statements when asked to.
func TestExpand(t *testing.T) {
	if !*expand {
		t.Skip("run with -expand to write the files")
	}
	files, err := load(t).Expand(t.Context())
	require.NoError(t, err)
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join("testdata", "statements", name+".sql"), []byte(text), 0o600))
	}
}
