package flightsql

import (
	"context"
	"net"
	"time"
)

// throttled dials connections that read at most the given bytes a second.
func throttled(perSecond int) func(context.Context, string) (net.Conn, error) {
	return func(ctx context.Context, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
		if err != nil {
			return nil, err
		}
		if tcp, ok := c.(*net.TCPConn); ok {
			if err := tcp.SetReadBuffer(32 << 10); err != nil {
				return nil, err
			}
		}
		return &slowConn{c, perSecond}, nil
	}
}

type slowConn struct {
	net.Conn
	perSecond int
}

func (c *slowConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b[:min(len(b), c.perSecond/50)])
	time.Sleep(time.Duration(n) * time.Second / time.Duration(c.perSecond))
	return n, err
}
