package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"sync"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestReframedCopy reads through a proxy that cuts CopyData messages up, joins them, and puts notices between them, as the
// protocol allows: the rows are the same.
func TestReframedCopy(t *testing.T) {
	s := newServer(t, `CREATE TABLE wide (i int4, n numeric(15,2), t text, a int4[]);
 INSERT INTO wide SELECT i, i::numeric / 7, repeat(chr(97 + i % 26), CASE WHEN i % 5000 = 77 THEN 300000 ELSE i % 50 END),
  CASE WHEN i % 3 > 0 THEN ARRAY[i, NULL, -i] END FROM generate_series(1, 20000) i`)
	want := readText(t, s, s.source)
	for name, cut := range map[string]reframe{
		"cut up": cutUp, "joined": joined, "with notices": withNotices, "at random": atRandom,
	} {
		t.Run(name, func(t *testing.T) {
			src := s.open("url", throughProxy(s.t, s.url, cut)) // which outlives the source
			require.Equal(t, want, readText(t, s, src))
		})
	}
}

func readText(t *testing.T, s *server, src *Source) []string {
	t.Helper()
	own := *s
	own.source = src
	recs, err := own.read(own.plan(scanNode(own.table("wide"))), nil)
	require.NoError(t, err)
	var rows []string
	for _, rec := range recs {
		for i := range int(rec.NumRows()) {
			rows = append(rows, rowText(rec, i))
		}
		rec.Release()
	}
	return rows
}

func rowText(rec arrow.RecordBatch, i int) (text string) {
	for _, c := range rec.Columns() {
		text += "|" + c.ValueStr(i)
		if c.IsNull(i) {
			text += array.NullValueStr
		}
	}
	return text
}

// reframe turns the payloads of CopyData messages that stand in a row into others with the same bytes.
type reframe func(w *pgproto3.Backend, payloads [][]byte)

func sendCopy(w *pgproto3.Backend, data []byte) {
	w.Send(&pgproto3.CopyData{Data: data})
}

func cutUp(w *pgproto3.Backend, payloads [][]byte) {
	for _, p := range payloads {
		sendCopy(w, p[:len(p)/2])
		sendCopy(w, p[len(p)/2:])
	}
}

func joined(w *pgproto3.Backend, payloads [][]byte) {
	var all []byte
	for _, p := range payloads {
		all = append(all, p...)
	}
	sendCopy(w, all)
}

func withNotices(w *pgproto3.Backend, payloads [][]byte) {
	for i, p := range payloads {
		if i%7 == 3 {
			w.Send(&pgproto3.NoticeResponse{Severity: "NOTICE", Code: "00000", Message: "in between"})
		}
		sendCopy(w, p)
	}
}

func atRandom(w *pgproto3.Backend, payloads [][]byte) {
	random := rand.New(rand.NewPCG(1, uint64(len(payloads)))) //nolint:gosec // repeatable
	var rest []byte
	for i, p := range payloads {
		rest = append(rest, p...)
		if n := random.IntN(5000); n < len(rest) || i == len(payloads)-1 {
			if i < len(payloads)-1 {
				sendCopy(w, rest[:n])
				rest = rest[n:]
			} else {
				sendCopy(w, rest)
			}
		}
	}
}

// throughProxy gives the URL of a proxy before the server of url.
func throughProxy(t testing.TB, to string, cut reframe) string {
	t.Helper()
	u, err := url.Parse(to)
	require.NoError(t, err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	host := u.Host
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { proxy(t, client, host, cut) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	u.Host = l.Addr().String()
	return u.String()
}

func proxy(t testing.TB, client net.Conn, host string, cut reframe) {
	var d net.Dialer
	server, err := d.DialContext(context.Background(), "tcp", host)
	if err != nil {
		t.Error(err)
		return
	}
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
	defer wg.Wait()
	defer func() { _ = client.Close(); _ = server.Close() }()
	w := pgproto3.NewBackend(client, client)
	var payloads [][]byte
	for {
		kind, body, err := readMessage(server)
		if err != nil {
			return
		}
		if kind == 'd' {
			if payloads = append(payloads, body); len(payloads) < 100 {
				continue
			}
		}
		if len(payloads) > 0 {
			cut(w, payloads)
			payloads = nil
			if w.Flush() != nil {
				return
			}
		}
		if kind != 'd' {
			header := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(body)+4)) //nolint:gosec // a message
			if _, err := client.Write(append(header, body...)); err != nil {
				return
			}
		}
	}
}

func readMessage(r io.Reader) (kind byte, body []byte, err error) {
	header := make([]byte, messageHeader)
	if _, err := io.ReadFull(r, header); err != nil {
		return 0, nil, err
	}
	body = make([]byte, binary.BigEndian.Uint32(header[1:])-4)
	_, err = io.ReadFull(r, body)
	return header[0], body, err
}

// TestShortDecimal compares the quick way to read a numeric with the one for all of them.
func TestShortDecimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(0, 4).Draw(t, "groups")
		v := make([]byte, 16)
		binary.BigEndian.PutUint16(v, uint16(groups))                                      //nolint:gosec // the bits
		binary.BigEndian.PutUint16(v[2:], uint16(rapid.IntRange(-3, 4).Draw(t, "weight"))) //nolint:gosec // the bits
		binary.BigEndian.PutUint16(v[4:], rapid.SampledFrom([]uint16{0, 0, numericNegative, numericNaN, numericPosInf, numericNegInf}).Draw(t, "sign"))
		for g := range 4 { // what lies behind the value is somebody else's
			least := 0
			if g == 0 || g == groups-1 {
				least = 1 // PostgreSQL sends no zeros at the ends
			}
			digits := rapid.OneOf(rapid.IntRange(least, 9999), rapid.Map(rapid.IntRange(least, 99), func(n int) int { return 100 * n }))
			binary.BigEndian.PutUint16(v[8+2*g:], uint16(digits.Draw(t, "digits"))) //nolint:gosec // the bits
		}
		n, scale := numericHeader+2*groups, rapid.IntRange(0, 4).Draw(t, "scale")
		want, valid := decimal64(v[:n], scale)
		got, sign, ok := shortDecimal(v, n, scale)
		if ok {
			require.True(t, valid, fmt.Sprintf("% x", v))
			require.Equal(t, want, got)
			require.Equal(t, v[4]>>6&1 == 1, sign == 1)
		}
	})
}
