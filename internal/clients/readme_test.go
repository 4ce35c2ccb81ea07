package clients_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/fixture"
	"github.com/skeinsql/skein/internal/shop"
)

// block is the code block of README.md that follows a comment.
func block(t *testing.T, comment string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(text), "<!-- "+comment+" -->\n```")
	require.True(t, ok, "README.md has no block %q", comment)
	_, after, _ = strings.Cut(after, "\n")
	code, _, ok := strings.Cut(after, "\n```")
	require.True(t, ok)
	return code
}

// TestReadmeOwnDatabases runs the README's three lines of shell and five of Python as they stand, but for the addresses of
// the databases, the port, and `make build`, whose place a build of this test's own takes.
func TestReadmeOwnDatabases(t *testing.T) {
	python := fixture.NeedPython(t, fixture.PythonClients()...)
	e := serving(t)
	shell, client := block(t, "test: shell"), block(t, "test: python")
	require.Len(t, strings.Split(shell, "\n"), 3)
	require.Len(t, strings.Split(client, "\n"), 5)
	address := e.serveAsWritten(t, shell)
	require.Contains(t, client, "127.0.0.1:31337")
	client = strings.ReplaceAll(client, "127.0.0.1:31337", address)
	out, err := exec.CommandContext(t.Context(), python, "-W", "ignore", "-c", client).CombinedOutput()
	require.NoError(t, err, "%s", out)
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	slices.Sort(got)
	require.Equal(t, e.paymentsByCountry(), got)
}

func (e *endpoint) paymentsByCountry() []string {
	count := map[string]int{}
	for _, p := range e.shop.Payments {
		count[e.shop.Customers[p.Customer-1].Country]++
	}
	var out []string
	for country, n := range count {
		out = append(out, fmt.Sprintf("%s %d", country, n))
	}
	slices.Sort(out)
	return out
}

// serveAsWritten runs the shell's lines in a folder that holds bin/skein, and gives the address that the server prints.
func (e *endpoint) serveAsWritten(t *testing.T, shell string) string {
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", append(append([]string{"build"}, raceFlag...), "-o", filepath.Join(dir, "bin", "skein"), "./cmd/skein")...)
	build.Dir = filepath.Join("..", "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	for written, name := range map[string]string{
		"make build\n": "", "postgres://reader:secret@localhost/crm": "crm", "mongodb://localhost": "pay", "parquet:///data/lake": "lake",
	} {
		require.Contains(t, shell, written)
		shell = strings.Replace(shell, written, e.urls[name], 1)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", shell)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "SKEIN_LISTEN=127.0.0.1:0")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM))
		_ = cmd.Wait() // the shell says that it was ended
	})
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "skein is ready: grpc://"); ok {
			return address
		}
	}
	t.Fatal("the server did not become ready")
	return ""
}

// TestReadmeTranscript checks the answers that the README shows against those of the demo's data.
func TestReadmeTranscript(t *testing.T) {
	demo := shop.Generate(1, 1)
	parts := strings.Split(block(t, "transcript"), "\n\n")
	for i, q := range shop.Queries() {
		require.Contains(t, parts, fmt.Sprintf("%d. %s", i+1, q.Title))
	}
	var tables [][][]string
	for _, p := range parts {
		lines := strings.Split(p, "\n")
		if len(lines) > 2 && strings.HasPrefix(lines[1], "--") {
			tables = append(tables, tableRows(lines[2:]))
		}
	}
	require.Len(t, tables, len(shop.Queries()))
	for i, q := range shop.Queries() {
		require.Empty(t, shop.Difference(tables[i], q.Answer(demo)), q.Title)
	}
	require.Contains(t, block(t, "transcript"), shop.Queries()[0].SQL)
}

func tableRows(lines []string) [][]string {
	var out [][]string
	for _, l := range lines {
		if strings.HasPrefix(l, "(") {
			break
		}
		cells := strings.Split(l, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out
}
