package datum_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/engine/datum"
	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/engine/types"
)

// testdata/input.jsonl holds PostgreSQL 15.18's answers (C.UTF-8, UTC): [type, text, "ok <output>" or
// "err <SQLSTATE> <message>"].
func TestParseAsPostgreSQL(t *testing.T) {
	f, err := os.Open("testdata/input.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var c [3]string
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		checkInput(t, c[0], c[1], c[2])
		n++
	}
	require.NoError(t, lines.Err())
	require.Greater(t, n, 2000)
}

func checkInput(t *testing.T, name, text, want string) {
	t.Helper()
	typ := typeNamed(t, name)
	v, err := datum.Parse(typ, text, nil)
	if err != nil {
		var e *sqlerr.Error
		require.True(t, errors.As(err, &e), "%s %q: %v", name, text, err)
		got := "err " + e.Code + " " + e.Message
		if e.Code == sqlerr.FeatureNotSupported {
			return // refused: not an answer, and so not a wrong one
		}
		if strings.Contains(text, "294276-12-31") && strings.HasPrefix(want, "ok") {
			require.Equal(t, sqlerr.DatetimeFieldOverflow, e.Code, text) // beyond microseconds since 1970
			return
		}
		if got != want {
			t.Errorf("%s %q: got %s, want %s", name, text, got, want)
		}
		return
	}
	out := string(datum.Append(nil, typ, v, nil))
	if "ok "+out != want {
		t.Errorf("%s %q: got ok %s, want %s", name, text, out, want)
		return
	}
	again, err := datum.Parse(typ, out, nil)
	require.NoError(t, err, "%s %q reads back", name, out)
	require.Zero(t, datum.Compare(typ, v, again), "%s %q reads back", name, out)
}

var intervalRanges = map[string]int32{
	"year": 1 << 2, "month": 1 << 1, "day": 1 << 3, "hour": 1 << 10, "minute": 1 << 11, "second": 1 << 12,
}

var intervalOrder = []string{"year", "month", "day", "hour", "minute", "second"}

// typeNamed is the type of a name with an optional modifier: "numeric(5,2)", "interval day to second(3)", "int4[]".
func typeNamed(t *testing.T, name string) *types.Type {
	t.Helper()
	if elem, ok := strings.CutSuffix(name, "[]"); ok {
		return types.ArrayOf(typeNamed(t, elem))
	}
	base, mod, has := strings.Cut(name, "(")
	args := strings.Split(strings.TrimSuffix(mod, ")"), ",")
	num := func(i int) int32 {
		n, err := strconv.Atoi(args[i])
		require.NoError(t, err)
		return int32(n)
	}
	if fields, ok := strings.CutPrefix(base, "interval "); ok {
		precision := int32(0xffff)
		if has {
			precision = num(0)
		}
		return types.IntervalT.WithMod(intervalMask(fields)<<16 | precision)
	}
	switch {
	case base == `"char"`:
		return types.CharT
	case base == "char":
		return types.BpcharOf(num(0))
	case base == "varchar":
		return types.VarcharOf(num(0))
	case base == "numeric" && has:
		return types.NumericOf(num(0), num(1))
	case has:
		return types.ByName(base).WithMod(num(0))
	}
	typ := types.ByName(base)
	require.NotNil(t, typ, name)
	return typ
}

func intervalMask(fields string) int32 {
	from, to, ok := strings.Cut(fields, " to ")
	if !ok {
		return intervalRanges[from]
	}
	mask, in := int32(0), false
	for _, f := range intervalOrder {
		in = in || f == from
		if in {
			mask |= intervalRanges[f]
		}
		if f == to {
			break
		}
	}
	return mask
}
