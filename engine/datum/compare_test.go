package datum_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// testdata/compare.jsonl holds PostgreSQL 15.18's answers: [type, a, b, -1, 0 or 1].
func TestCompareAsPostgreSQL(t *testing.T) {
	f, err := os.Open("testdata/compare.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var name, a, b string
		var want int
		require.NoError(t, json.Unmarshal(lines.Bytes(), &[]any{&name, &a, &b, &want}))
		typ := typeNamed(t, name)
		x, err := datum.Parse(typ, a, nil)
		require.NoError(t, err, "%s %q", name, a)
		y, err := datum.Parse(typ, b, nil)
		require.NoError(t, err, "%s %q", name, b)
		if got := sign(datum.Compare(typ, x, y)); got != want {
			t.Errorf("%s: %q against %q: got %d, want %d", name, a, b, got, want)
		}
		if got := bytes.Compare(keyOf(t, typ, x), keyOf(t, typ, y)); got != want {
			t.Errorf("keys of %s: %q against %q: got %d, want %d", name, a, b, got, want)
		}
	}
}

func keyOf(t *testing.T, typ *types.Type, v any) []byte {
	k, err := datum.AppendOrdered(nil, typ, v)
	require.NoError(t, err)
	return k
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}
