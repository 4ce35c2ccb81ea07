package exec

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// crew is a group of goroutines with one joiner. Its first error fails the execution, unless the crew was stopped.
type crew struct {
	run  *run
	ctx  context.Context
	stop context.CancelCauseFunc
	wg   sync.WaitGroup
}

func newCrew(r *run) *crew {
	c := &crew{run: r}
	c.ctx, c.stop = context.WithCancelCause(r.ctx)
	return c
}

// launch is the one place where the package starts goroutines. Panics become XX000. What is in after runs once the
// error, if there was one, is known to the execution.
func (c *crew) launch(f func(ctx context.Context) error, after ...func()) {
	c.wg.Go(func() {
		err := guard(func() error { return f(c.ctx) })
		if err != nil && !errors.Is(context.Cause(c.ctx), errStopped) {
			c.run.fail(err)
		}
		for _, a := range after {
			a()
		}
	})
}

// wait joins the goroutines and gives the error that the execution failed with, if it did.
func (c *crew) wait() error {
	c.wg.Wait()
	return context.Cause(c.ctx)
}

// close stops the goroutines and joins them.
func (c *crew) close() {
	c.stop(errStopped)
	c.wg.Wait()
}

// parallel runs f(0) … f(n-1) in goroutines and waits for them.
func (r *run) parallel(ctx context.Context, n int, f func(ctx context.Context, i int) error) error {
	if n == 1 {
		return f(ctx, 0)
	}
	c := newCrew(r)
	defer c.close()
	done := make(chan struct{})
	unhook := context.AfterFunc(ctx, func() {
		defer close(done)
		c.stop(context.Cause(ctx))
	})
	defer func() {
		if !unhook() {
			<-done
		}
	}()
	for i := range n {
		c.launch(func(ctx context.Context) error { return f(ctx, i) })
	}
	return c.wait()
}

// guard turns a panic of f into XX000, whose cause, for the log, is the stack.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &sqlerr.Error{
				Code: sqlerr.InternalError, Message: fmt.Sprintf("internal error while executing: %v", p),
				Hint: "this is a bug of the engine: please report it with the statement",
				Err:  fmt.Errorf("%v\n%s", p, debug.Stack()),
			}
		}
	}()
	return f()
}
