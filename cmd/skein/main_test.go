package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/skeinsql/skein/internal/fixture"
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "skein-cmd-")
	if err != nil {
		panic(err)
	}
	buildDir = dir
	goleak.VerifyTestMain(fixture.Main(m), goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

var buildDir string

// built is the program as `make build` links it: static, with the C parser.
var built = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "skein")
	cmd := exec.Command("go", "build", "-trimpath", "-tags", "netgo,osusergo",
		"-ldflags", `-s -w -X main.version=test -linkmode external -extldflags "-static"`, "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.CombinedOutput()
	if err == nil && len(out) > 0 {
		err = fmt.Errorf("the linker warns: %s", out)
	}
	if err != nil {
		return "", fmt.Errorf("building skein: %w\n%s", err, out)
	}
	return path, nil
})

func binary(t *testing.T) string {
	t.Helper()
	path, err := built()
	require.NoError(t, err)
	return path
}

// command is the program with arguments, and nothing of this process's SKEIN_ environment.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t), args...)
	for _, e := range os.Environ() {
		if !strings.HasPrefix(e, "SKEIN_") && !strings.HasPrefix(e, "PG") {
			cmd.Env = append(cmd.Env, e)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	cmd.Dir = t.TempDir()
	return cmd
}

// output is what a run of the program said, and its exit code.
type output struct {
	out, err string
	code     int
}

func runSkein(t *testing.T, env []string, args ...string) output {
	t.Helper()
	cmd := command(t, env, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited { //nolint:errorlint // exec returns it unwrapped
		require.NoError(t, err)
	}
	return output{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// server is a running `skein serve`.
type server struct {
	cmd   *exec.Cmd
	uri   string // grpc://127.0.0.1:port
	intro string // what it printed when it was ready
	log   *logBuffer
	ended chan struct{}
}

// logBuffer is stderr, written by the program while a test reads it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

var readyLine = regexp.MustCompile(`^skein is ready: (\S+)\n`)

// startServer runs `skein serve` on a free port until the test ends.
func startServer(t *testing.T, env []string, args ...string) *server {
	t.Helper()
	return startCommand(t, command(t, env, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...))
}

func startCommand(t *testing.T, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{cmd: cmd, log: &logBuffer{}, ended: make(chan struct{})}
	cmd.Stderr = s.log
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-s.ended
	})
	r := bufio.NewReader(stdout)
	var intro strings.Builder
	for !strings.Contains(intro.String(), "fetch_arrow_table") {
		line, err := r.ReadString('\n')
		if err != nil {
			break
		}
		intro.WriteString(line)
	}
	go func() {
		defer close(s.ended)
		_, _ = io.Copy(io.Discard, r)
		_ = cmd.Wait()
	}()
	s.intro = intro.String()
	m := readyLine.FindStringSubmatch(s.intro)
	require.NotNil(t, m, "the server did not start: %s%s", s.intro, s.log)
	s.uri = m[1]
	return s
}

// query runs a statement on the server by the program's own client.
func (s *server) query(t *testing.T, sql string, args ...string) output {
	t.Helper()
	return runSkein(t, nil, append([]string{"query", "--url", s.uri, "-f", "csv", sql}, args...)...)
}

// wait gives the exit code once the program has ended, -1 for a signal.
func (s *server) wait(t *testing.T, limit time.Duration) syscall.WaitStatus {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(limit):
		t.Fatalf("the server still runs after %s: %s", limit, s.log)
	}
	return s.cmd.ProcessState.Sys().(syscall.WaitStatus)
}

func (s *server) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	require.NoError(t, s.cmd.Process.Signal(sig))
}

// logged waits for a line of the log and gives the first group of the pattern in it.
func (s *server) logged(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var m []string
	require.Eventually(t, func() bool {
		m = re.FindStringSubmatch(s.log.String())
		return m != nil
	}, time.Minute, 10*time.Millisecond, "the log has no %s: %s", pattern, s.log)
	return m[len(m)-1]
}

func writeFile(t *testing.T, path, text string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func ctxSeconds(t *testing.T, n int) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*time.Second)
	t.Cleanup(cancel)
	return ctx
}
