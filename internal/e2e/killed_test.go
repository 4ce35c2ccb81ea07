package e2e

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/skeinsql/skein/internal/fixture"
)

// reading runs a statement in a Python process and takes one batch of its answer.
const reading = `import sys, time, adbc_driver_flightsql.dbapi as flight
cursor = flight.connect(sys.argv[1], autocommit=True).cursor()
print("asking", flush=True)
cursor.execute(sys.argv[2])
cursor.fetch_record_batch().read_next_batch()
print("reading", flush=True)
time.sleep(600)
`

// python is a client process, which says how far it has come.
type python struct {
	*exec.Cmd
	lines *bufio.Scanner
}

func (s *service) python(t *testing.T, sql string) *python {
	t.Helper()
	p := &python{Cmd: exec.CommandContext(t.Context(), fixture.NeedPython(t, fixture.PythonClients()...), "-c", reading, "grpc://"+s.addr, sql)}
	p.Stderr = os.Stderr
	out, err := p.StdoutPipe()
	require.NoError(t, err)
	p.lines = bufio.NewScanner(out)
	require.NoError(t, p.Start())
	t.Cleanup(func() { p.kill() })
	return p
}

func (p *python) says(t *testing.T, word string) {
	t.Helper()
	require.True(t, p.lines.Scan(), "the client ended: %v", p.lines.Err())
	require.Equal(t, word, p.lines.Text())
}

func (p *python) kill() {
	_ = p.Process.Kill()
	_ = p.Wait()
}

// TestKilledClient kills a client's process while its statement is planned, and while it takes the answer.
func TestKilledClient(t *testing.T) {
	l := openLarge(t)
	admin := connect(t, l.pgURL)
	s := serve(t, nil, l.sources()...)
	for kind, sql := range l.scans() {
		for range 2 { // the first time makes connections and caches that stay
			p := s.python(t, sql)
			p.says(t, "asking")
			p.says(t, "reading")
			p.kill()
			s.idle(time.Minute, "pg", "mg", "pq")
		}
		t.Run(kind+"/mid-stream", func(t *testing.T) {
			before := l.left(t)
			p := s.python(t, sql)
			p.says(t, "asking")
			p.says(t, "reading")
			require.Positive(t, s.db.Engine().Running())
			p.kill()
			l.quiet(t, s, admin, before)
		})
	}
	keep, _ := s.client()
	s.answers(keep, "SELECT count(*) FROM pg.public.large", fmt.Sprint(largeRows))
}

func TestClientKilledDuringDiscovery(t *testing.T) {
	h := newHanging(t)
	s := serve(t, nil, h.sources()...)
	other, _ := s.client()
	for kind, statement := range h.statements() {
		t.Run(kind, func(t *testing.T) {
			p := s.python(t, statement(t))
			p.says(t, "asking")
			h.planned(t, other)
			start := time.Now()
			p.kill()
			h.ended(t, s, start)
		})
	}
}
