package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	pq "github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/require"
)

const someRows = `select n, t, d::numeric(5,2) as d, b, day from (values (1, 'one', 1.50, true, null::date), (2, 'tw"o', -0.25, false, date '2024-02-29')) v(n, t, d, b, day) order by n`

func TestQueryWritesEveryFormat(t *testing.T) {
	s := startServer(t, nil, "--no-auth")
	for _, where := range [][]string{nil, {"--url", s.uri}} {
		run := func(format string) string {
			o := runSkein(t, nil, append([]string{"query", "-f", format, someRows}, where...)...)
			require.Equal(t, 0, o.code, o.err)
			require.Empty(t, o.err, "there is no terminal to show progress on")
			return o.out
		}
		require.Equal(t, "n,t,d,b,day\n1,one,1.50,t,\n2,\"tw\"\"o\",-0.25,f,2024-02-29\n", run("csv"))
		require.Equal(t, `{"n":1,"t":"one","d":1.50,"b":true,"day":null}
{"n":2,"t":"tw\"o","d":-0.25,"b":false,"day":"2024-02-29"}
`, run("json"))
		require.Equal(t, ` n |   t  |   d   | b |     day
---+------+-------+---+------------
 1 | one  |  1.50 | t |
 2 | tw"o | -0.25 | f | 2024-02-29
(2 rows)
`, run("table"))
		r, err := ipc.NewReader(strings.NewReader(run("arrow")))
		require.NoError(t, err)
		require.True(t, r.Next())
		require.EqualValues(t, 2, r.RecordBatch().NumRows())
		r.Release()
		file := run("parquet")
		f, err := pq.OpenFile(strings.NewReader(file), int64(len(file)))
		require.NoError(t, err)
		require.EqualValues(t, 2, f.NumRows())
	}
}

// TestQueryPrintsNumericsAsPostgreSQL: scales that no type tells stay as they are.
func TestQueryPrintsNumericsAsPostgreSQL(t *testing.T) {
	const sql = `select x, array[x, null] as a from (values ('1.50'::numeric), ('104813.20'), ('-7'), ('NaN'), (null)) v(x)`
	s := startServer(t, nil, "--no-auth")
	for _, where := range [][]string{nil, {"--url", s.uri}} {
		run := func(format string) string {
			o := runSkein(t, nil, append([]string{"query", "-f", format, sql}, where...)...)
			require.Equal(t, 0, o.code, o.err)
			return o.out
		}
		require.Equal(t, "x,a\n1.50,\"{1.50,NULL}\"\n104813.20,\"{104813.20,NULL}\"\n-7,\"{-7,NULL}\"\nNaN,\"{NaN,NULL}\"\n,\"{NULL,NULL}\"\n", run("csv"))
		require.Equal(t, `{"x":1.50,"a":[1.50,null]}
{"x":104813.20,"a":[104813.20,null]}
{"x":-7,"a":[-7,null]}
{"x":"NaN","a":["NaN",null]}
{"x":null,"a":[null,null]}
`, run("json"))
		require.Contains(t, run("table"), "\n      1.50 | {1.50,NULL}\n 104813.20 |", "numbers are to the right")
	}
	o := runSkein(t, nil, "query", "-f", "csv", "--set", "skein.numeric=double", sql)
	require.Equal(t, 0, o.code, o.err)
	require.Contains(t, o.out, "\n1.5,", "what is asked for wins")
}

func TestQueryReadsStandardInputAndWritesFiles(t *testing.T) {
	out := filepath.Join(t.TempDir(), "x.csv")
	cmd := command(t, nil, "query", "-f", "csv", "-o", out)
	cmd.Stdin = strings.NewReader("select 7 as n")
	require.NoError(t, cmd.Run())
	text, err := os.ReadFile(out)
	require.NoError(t, err)
	require.Equal(t, "n\n7\n", string(text))
}

func TestQueryFails(t *testing.T) {
	for sql, want := range map[string]string{
		"selec 1":    "42601",
		"select 1/0": "22012",
		"":           "no statement was given",
	} {
		o := runSkein(t, nil, "query", sql)
		require.Equal(t, 1, o.code, sql)
		require.Contains(t, o.err, want)
		require.Empty(t, o.out)
	}
	require.Equal(t, 2, runSkein(t, nil, "query", "-f", "xml", "select 1").code)
	require.Equal(t, 1, runSkein(t, nil, "query", "--url", "grpc://127.0.0.1:1", "select 1").code)
	require.Equal(t, 1, runSkein(t, nil, "query", "--url", "http://127.0.0.1:1", "select 1").code)
}

func TestQueryEndsQuietlyWhenNobodyReads(t *testing.T) {
	cmd := exec.CommandContext(ctxSeconds(t, 60), "sh", "-c", `"$0" query -f csv "$1" | head -n 2`, binary(t), longStatement)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	require.NoError(t, cmd.Run())
	require.Equal(t, 2, strings.Count(out.String(), "\n"))
	require.Empty(t, errs.String())
}

func TestQueryIsCancelledByAnInterrupt(t *testing.T) {
	s := startServer(t, nil, "--no-auth")
	for _, where := range [][]string{nil, {"--url", s.uri}} {
		cmd := command(t, nil, append([]string{"query", "-f", "csv", "select g from generate_series(1, 1000000000000) g"}, where...)...)
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = io.ReadFull(stdout, make([]byte, 100)) // it runs
		require.NoError(t, err)
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		_, err = io.Copy(io.Discard, stdout) // it was cancelled, not finished
		require.NoError(t, err)
		require.Error(t, cmd.Wait())
		require.Equal(t, 130, cmd.ProcessState.ExitCode())
	}
	require.Equal(t, output{out: "count\n1\n"}, s.query(t, "select count(*) from skein_catalog.queries"), "the server's statement ended too")
}

func TestVersion(t *testing.T) {
	o := runSkein(t, nil, "version")
	require.Equal(t, 0, o.code)
	require.True(t, strings.HasPrefix(o.out, "skein test (go"), o.out)
}
