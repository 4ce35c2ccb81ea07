package differential

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func answerOf(types []string, rows ...[]string) *Answer {
	a := &Answer{Types: types}
	for range types {
		a.Names = append(a.Names, "x")
	}
	for _, r := range rows {
		var cells []Cell
		for _, v := range r {
			cells = append(cells, Cell{Text: v, Null: v == "NULL"})
		}
		a.Rows = append(a.Rows, cells)
	}
	return a
}

func TestJudge(t *testing.T) {
	one, two := []string{"integer"}, []string{"integer", "text"}
	float := []string{"double precision"}
	for _, c := range []struct {
		sql       string
		got, want *Answer
		verdict   Verdict
	}{
		{"SELECT 1", answerOf(one, []string{"1"}), answerOf(one, []string{"1"}), Identical},
		{"SELECT 1", answerOf(one, []string{"1"}), answerOf(one, []string{"NULL"}), Wrong},
		{"SELECT 1", answerOf(one, []string{"1"}), answerOf(one), Wrong},
		{"SELECT 1", answerOf(two, []string{"1", "a"}), answerOf(one, []string{"1"}), Wrong},
		{"SELECT a", answerOf(one, []string{"2"}, []string{"1"}), answerOf(one, []string{"1"}, []string{"2"}), Identical},
		{"SELECT a", answerOf(one, []string{"2"}, []string{"2"}), answerOf(one, []string{"1"}, []string{"2"}), Wrong},
		{"SELECT a ORDER BY 1", answerOf(one, []string{"2"}, []string{"1"}), answerOf(one, []string{"1"}, []string{"2"}), Wrong},
		{"SELECT a, b ORDER BY 1", answerOf(two, []string{"1", "b"}, []string{"1", "a"}), answerOf(two, []string{"1", "a"}, []string{"1", "b"}), Identical},
		{"SELECT a, b ORDER BY a", answerOf(two, []string{"2", "b"}, []string{"1", "a"}), answerOf(two, []string{"1", "a"}, []string{"2", "b"}), Wrong},
		{"SELECT a ORDER BY z", answerOf(one, []string{"2"}, []string{"1"}), answerOf(one, []string{"1"}, []string{"2"}), Wrong},
		{"SELECT 1", answerOf(float, []string{"0.30000000000000004"}), answerOf(float, []string{"0.3"}), Identical},
		{"SELECT 1", answerOf(float, []string{"0.3001"}), answerOf(float, []string{"0.3"}), Wrong},
		{"SELECT 1", answerOf(float, []string{"-0"}), answerOf(float, []string{"0"}), Wrong},
		{"SELECT 1", answerOf([]string{"double precision[]"}, []string{"{0.30000000000000004,NULL}"}), answerOf([]string{"double precision[]"}, []string{"{0.3,NULL}"}), Identical},
		{"SELECT 1", answerOf([]string{"numeric"}, []string{"0.30"}), answerOf([]string{"numeric"}, []string{"0.3"}), Wrong},
		{"SELECT 1", answerOf([]string{"bigint"}, []string{"1"}), answerOf(one, []string{"1"}), TypesDiffer},
		{"SELECT 1", failed(errors.New("no"), "22012"), failed(errors.New("no"), "22012"), Identical},
		{"SELECT 1", failed(errors.New("no"), "22003"), failed(errors.New("no"), "22012"), CodesDiffer},
		{"SELECT 1", failed(errors.New("no"), "0A000"), failed(errors.New("no"), "22012"), Unsupported},
		{"SELECT 1", failed(errors.New("no"), "0A000"), failed(errors.New("no"), "0A000"), Identical},
		{"SELECT 1", failed(errors.New("no"), "XX000"), answerOf(one, []string{"1"}), Failed},
		{"SELECT 1", answerOf(one, []string{"1"}), failed(errors.New("no"), "22012"), Wrong},
		{"SELECT 1", answerOf(one, []string{"1"}), failed(errors.New("no"), "0A000"), Beyond},
	} {
		if len(c.want.Names) == 2 {
			c.want.Names[0], c.want.Names[1], c.got.Names[0], c.got.Names[1] = "a", "b", "a", "b"
		}
		v, detail := judge(c.sql, c.got, c.want)
		require.Equal(t, c.verdict, v, "%s: %s", c.sql, detail)
	}
	got, want := answerOf(one, []string{"1"}), answerOf(one, []string{"1"})
	got.Names = []string{"y"}
	v, _ := judge("SELECT 1", got, want)
	require.Equal(t, NamesDiffer, v)
}
