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
	c, open, err := sn.claim(extra)
	if err != nil || !open && c == nil {
		return nil, err
	}
	if c == nil {
		c, err = sn.join(ctx)
	}
	if err == nil {
		return &lane{snapshot: sn, conn: c, extra: extra}, nil
	}
	sn.unclaim(extra)
	if extra && sqlerr.Is(err, sqlerr.TooManyConnections) {
		return nil, nil // the server has fewer to spare than we were told
	}
	return nil, err
}

// claim gives a free base connection, or says that one is to be opened and counts it; neither when there is no extra.
func (sn *snapshot) claim(extra bool) (free *conn, open bool, err error) {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	switch n := len(sn.free); {
	case sn.closed:
		return nil, false, sn.source.failed("opening a lane", errClosed)
	case extra:
		most := sn.need.MaxLanes
		if sn.id64 == "" || sn.need.Lease == nil || most > 0 && sn.opened+sn.extras >= most || !sn.need.Lease.Extra(sn.source.name) {
			return nil, false, nil
		}
		sn.extras++
		return nil, true, nil
	case n > 0:
		if free = sn.free[n-1]; free.pg.IsClosed() {
			return nil, false, sqlerr.New(sqlerr.ConnectionFailure, "the connection that held the snapshot was lost").From(sn.source.name)
		}
		sn.free = sn.free[:n-1]
		return free, false, nil
	case sn.opened >= max(sn.need.Lanes, 1):
		return nil, false, sqlerr.New(sqlerr.TooManyConnections, "a statement needs more connections than it asked for (%d)",
			sn.need.Lanes).From(sn.source.name)
	}
	sn.opened++
	return nil, true, nil
}

func (sn *snapshot) unclaim(extra bool) {
	sn.mu.Lock()
	defer sn.mu.Unlock()
	if extra {
		sn.extras--
		sn.need.Lease.Release(sn.source.name)
	} else {
		sn.opened--
	}
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

// leave takes a lane's connection back: a base connection waits for the next lane.
func (sn *snapshot) leave(c *conn, extra bool) {
	sn.mu.Lock()
	keep := !extra && !sn.closed && (c == sn.first || !c.pg.IsClosed())
	if keep {
		sn.free = append(sn.free, c)
	}
	if extra {
		sn.extras--
	}
	sn.mu.Unlock()
	if !keep {
		sn.release(c)
	}
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
	free := sn.free
	sn.free, sn.closed = nil, true
	sn.mu.Unlock()
	for _, c := range free {
		sn.release(c)
	}
	return nil
}
