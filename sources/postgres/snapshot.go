package postgres

import (
	"context"
	"strings"
	"sync"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
	"github.com/skeinsql/skein/sources/sqltext"
)

// snapshot is one statement's view. Its first connection owns the exported snapshot and is kept until Close; base
// connections, those that the statement has tokens for from the start, serve one lane after another.
type snapshot struct {
	source   *Source
	id       sources.Identity
	need     sources.Need
	tables   []*sources.Table
	settings string
	id64     string // of pg_export_snapshot, "" when not shared

	mu     sync.Mutex
	first  *conn
	free   []*conn // base connections without a lane
	opened int     // base connections so far
	extras int     // extra lanes open
	closed bool
}

var _ sources.Snapshot = (*snapshot)(nil)

// Lane gives a connection inside the snapshot.
func (sn *snapshot) Lane(ctx context.Context, extra bool) (sources.Lane, error) {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	if sn.closed {
		return nil, sn.source.failed("opening a lane", errClosed)
	}
	if extra {
		return sn.extraLane(ctx)
	}
	if n := len(sn.free); n > 0 {
		c := sn.free[n-1]
		sn.free = sn.free[:n-1]
		return &lane{snapshot: sn, conn: c}, nil
	}
	if sn.opened >= max(sn.need.Lanes, 1) {
		return nil, sqlerr.New(sqlerr.TooManyConnections, "a statement needs more connections than it asked for (%d)",
			sn.need.Lanes).From(sn.source.name)
	}
	c, err := sn.join(ctx)
	if err != nil {
		return nil, err
	}
	sn.opened++
	return &lane{snapshot: sn, conn: c}, nil
}

func (sn *snapshot) extraLane(ctx context.Context) (sources.Lane, error) {
	if sn.id64 == "" || sn.need.Lease == nil || sn.need.MaxLanes > 0 && sn.opened+sn.extras >= sn.need.MaxLanes {
		return nil, nil
	}
	if !sn.need.Lease.Extra(sn.source.name) {
		return nil, nil
	}
	c, err := sn.join(ctx)
	if err != nil {
		sn.need.Lease.Release(sn.source.name)
		if sqlerr.Is(err, sqlerr.TooManyConnections) {
			return nil, nil // the server has fewer to spare than we were told
		}
		return nil, err
	}
	sn.extras++
	return &lane{snapshot: sn, conn: c, extra: true}, nil
}

// join opens a connection whose transaction sees what the first one sees.
func (sn *snapshot) join(ctx context.Context) (*conn, error) {
	if sn.id64 == "" {
		return nil, sqlerr.New(sqlerr.InternalError, "the snapshot was opened for one lane").From(sn.source.name)
	}
	for {
		c, err := sn.source.take(ctx, sn.id)
		if err != nil {
			return nil, err
		}
		_, err = c.exec(ctx, beginTransaction, "SET TRANSACTION SNAPSHOT "+sqltext.QuoteString(sn.id64),
			strings.TrimSuffix(sn.settings, ";"), "SAVEPOINT "+savepoint)
		if err == nil {
			return c, nil
		}
		again := c.reused && brokenConnection(err) && ctx.Err() == nil
		sn.source.putBack(c)
		if !again {
			return nil, sn.source.failedIn(ctx, "joining the snapshot", err)
		}
	}
}

// leave takes a lane's connection back.
func (sn *snapshot) leave(c *conn, extra bool) {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	if !extra && c == sn.first || !extra && !sn.closed && !c.pg.IsClosed() {
		sn.free = append(sn.free, c)
		return
	}
	if extra {
		sn.extras--
	}
	sn.release(c)
}

// release gives a connection to the pool or closes it, and its token back.
func (sn *snapshot) release(c *conn) {
	sn.source.putBack(c)
	if sn.need.Lease != nil {
		sn.need.Lease.Release(sn.source.name)
	}
}

// Close ends the transactions.
func (sn *snapshot) Close() error {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	if sn.closed {
		return nil
	}
	sn.closed = true
	for _, c := range sn.free {
		sn.release(c)
	}
	sn.free = nil
	return nil
}
