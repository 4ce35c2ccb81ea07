package catalog

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/skeinsql/skein/engine/sqlerr"
	"github.com/skeinsql/skein/sources"
)

// discoveryTimeout bounds one request for tables, whoever waits for it.
const discoveryTimeout = time.Minute

// flight is one running request for a table, shared by all statements that ask for it meanwhile. It is cancelled when
// the last of them has gone away.
type flight struct {
	cancel  context.CancelFunc
	waiting int // guarded by flights.mu
	done    chan struct{}
	tables  []*sources.Table // set before done is closed
	err     error
}

// flights are the running requests. Safe for concurrent use.
type flights struct {
	mu      sync.Mutex
	byKey   map[tableKey]*flight
	running sync.WaitGroup
}

// ask runs discover, or joins the request for the same key that runs already: joined says so.
func (f *flights) ask(ctx context.Context, k tableKey, discover func(context.Context) ([]*sources.Table, error)) (ts []*sources.Table, joined bool, err error) {
	f.mu.Lock()
	fl, joined := f.byKey[k]
	if !joined {
		fl = f.start(ctx, k, discover)
	}
	fl.waiting++
	f.mu.Unlock()
	select {
	case <-fl.done:
		return fl.tables, joined, fl.err
	case <-ctx.Done():
		f.leave(k, fl)
		return nil, joined, context.Cause(ctx)
	}
}

// start launches a request; f.mu is held. Its context keeps the first asker's values, not its cancellation.
func (f *flights) start(ctx context.Context, k tableKey, discover func(context.Context) ([]*sources.Table, error)) *flight {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discoveryTimeout)
	fl := &flight{cancel: cancel, done: make(chan struct{})}
	if f.byKey == nil {
		f.byKey = map[tableKey]*flight{}
	}
	f.byKey[k] = fl
	f.running.Go(func() {
		defer cancel()
		fl.tables, fl.err = guarded(ctx, discover)
		f.mu.Lock()
		if f.byKey[k] == fl {
			delete(f.byKey, k)
		}
		f.mu.Unlock()
		close(fl.done)
	})
	return fl
}

// leave counts a waiter out; the last one ends the request, and nobody joins it any more.
func (f *flights) leave(k tableKey, fl *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fl.waiting--; fl.waiting > 0 {
		return
	}
	fl.cancel()
	if f.byKey[k] == fl {
		delete(f.byKey, k)
	}
}

// stop ends every request and waits for it.
func (f *flights) stop() {
	f.mu.Lock()
	for _, fl := range f.byKey {
		fl.cancel()
	}
	f.mu.Unlock()
	f.running.Wait()
}

// guarded makes a source's panic an error of the statement that asked.
func guarded[T any](ctx context.Context, discover func(context.Context) (T, error)) (found T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &sqlerr.Error{
				Code: sqlerr.InternalError, Message: "asking a source for its tables panicked",
				Err: fmt.Errorf("panic: %v\n%s", p, debug.Stack()),
			}
		}
	}()
	return discover(ctx)
}
