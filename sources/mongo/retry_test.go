package mongo

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// severing is a proxy in front of a server that drops the connection on which a command of a name comes, as often as it
// was told to.
type severing struct {
	listener net.Listener
	server   string
	mu       sync.Mutex
	name     []byte
	times    int
	open     map[net.Conn]bool
	running  sync.WaitGroup
}

func newSevering(t *testing.T, server string) *severing {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &severing{listener: l, server: server, open: map[net.Conn]bool{}}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.mu.Lock()
		for c := range p.open {
			_ = c.Close()
		}
		p.mu.Unlock()
		p.running.Wait()
	})
	return p
}

// sever arms the proxy; left is how often it did not come to that.
func (p *severing) sever(name string, times int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name, p.times = []byte(name), times
}

func (p *severing) left() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.times
}

func (p *severing) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		p.mu.Unlock()
		p.running.Go(func() { p.copy(server, client, true) })
		p.running.Go(func() { p.copy(client, server, false) })
	}
}

func (p *severing) copy(to, from net.Conn, requests bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil || requests && p.hit(buf[:n]) {
			return
		}
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

func (p *severing) hit(request []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.times == 0 || !bytes.Contains(request, p.name) {
		return false
	}
	p.times--
	return true
}

// TestBrokenConnectionsAreTriedAgain: a pooled connection that died is noticed by the first command on it. Discovery and
// first reads survive that once; what comes after data was seen does not.
func TestBrokenConnectionsAreTriedAgain(t *testing.T) {
	b := newTestbed(t, nil)
	b.many("c", 3000)
	u, err := url.Parse(b.uri)
	require.NoError(t, err)
	p := newSevering(t, u.Host)
	u.Host = p.listener.Addr().String()
	for _, opts := range []map[string]string{
		{"snapshot": "transaction"}, {"snapshot": "session"}, {"snapshot": "none"}, {"read_preference": "nearest"},
	} {
		opts["url"], opts["batch_bytes"] = u.String(), "50000"
		b.source = b.open(opts)
		for _, command := range []string{"hello\x00\x01", "listCollections", "$sample", "count\x00", "listCollections"} {
			p.sever(command, 1)
			table := b.table("c")
			require.Len(t, table.Cols, 4, "%v %s", opts, command)
			require.EqualValues(t, 3000, table.Rows())
		}
		require.Zero(t, p.left())
		table := b.table("c")
		for _, command := range []string{"listCollections", "\x02find\x00"} {
			p.sever(command, 1)
			rows, _, err := b.read(scanOf(table))
			require.NoError(t, err, "%v %q", opts, command)
			require.Len(t, rows, 3000)
			require.Zero(t, p.left(), "%v %q", opts, command)
		}
		p.sever("\x02find\x00", 2)
		_, _, err := b.read(scanOf(table))
		require.True(t, sqlerr.Is(err, sqlerr.ConnectionFailure), "%v: %v", opts, err)
		p.sever("\x12getMore\x00", 1)
		_, _, err = b.read(scanOf(table))
		require.True(t, sqlerr.Is(err, sqlerr.ConnectionFailure), "%v: %v", opts, err)
		p.sever("", 0)
		require.Zero(t, b.openCursors(), opts)
	}
	p.sever("listCollections", 2)
	_, err = b.source.Discover(t.Context(), sources.Pattern{Schema: b.database})
	require.True(t, sqlerr.Is(err, sqlerr.ConnectionFailure), err)
}

// TestCancelledCommandsAreNotTriedAgain: the user's end is the end.
func TestCancelledCommandsAreNotTriedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	asked := 0
	b := newTestbed(t, nil)
	_, err := again(ctx, func() (bson.Raw, error) {
		asked++
		return b.db().RunCommand(ctx, bson.D{{Key: "ping", Value: 1}}).Raw()
	})
	require.Error(t, err)
	require.Equal(t, 1, asked)
}
