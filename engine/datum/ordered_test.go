package datum_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/types"
)

// Keys compare as the values do, and no key is another's prefix.
func TestKeysCompareAsValues(t *testing.T) {
	for _, typ := range roundTripTypes() {
		t.Run(typ.String(), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				a := datumOf(t, typ)
				b := datumOf(t, typ)
				x, err := datum.AppendOrdered(nil, typ, a)
				require.NoError(t, err)
				y, err := datum.AppendOrdered(nil, typ, b)
				require.NoError(t, err)
				require.Equal(t, sign(datum.Compare(typ, a, b)), bytes.Compare(x, y), "%s and %s", datum.Text(typ, a, nil), datum.Text(typ, b, nil))
				if !bytes.Equal(x, y) {
					require.False(t, bytes.HasPrefix(x, y) || bytes.HasPrefix(y, x))
				}
			})
		})
	}
}

func TestKeysOfDocumentsCompareAsDocuments(t *testing.T) {
	document := rapid.StringMatching(`(null|true|-?[1-9][0-9]{0,2}(\.[0-9]{1,3})?|"[a-c]?"|\[\]|\{\})`)
	var nested func(depth int) *rapid.Generator[string]
	nested = func(depth int) *rapid.Generator[string] {
		return rapid.Custom(func(t *rapid.T) string {
			form := rapid.IntRange(0, 3).Draw(t, "form")
			if depth == 0 || form == 0 {
				return document.Draw(t, "scalar")
			}
			var b bytes.Buffer
			for i := range rapid.IntRange(0, 3).Draw(t, "n") {
				if i > 0 {
					b.WriteByte(',')
				}
				if form == 1 {
					b.WriteString(rapid.SampledFrom([]string{`"a":`, `"b":`, `"aa":`, `"\u00e9\"":`}).Draw(t, "key"))
				}
				b.WriteString(nested(depth-1).Draw(t, "member"))
			}
			if form == 1 {
				return "{" + b.String() + "}"
			}
			return "[" + b.String() + "]"
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		a, err := datum.Parse(types.JSONBT, nested(3).Draw(t, "a"), nil)
		require.NoError(t, err)
		b, err := datum.Parse(types.JSONBT, nested(3).Draw(t, "b"), nil)
		require.NoError(t, err)
		x, err := datum.AppendOrdered(nil, types.JSONBT, a)
		require.NoError(t, err)
		y, err := datum.AppendOrdered(nil, types.JSONBT, b)
		require.NoError(t, err)
		require.Equal(t, sign(datum.Compare(types.JSONBT, a, b)), bytes.Compare(x, y), "%s and %s", a, b)
	})
}
