package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// undated is ctx without its deadline, which the driver would turn into maxTimeMS, but with its end.
func undated(ctx context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	return out, func() {
		stop()
		cancel(nil)
	}
}

// grace is how long a request whose answer names a cursor may go on after its statement ended, well below the second in
// which all of its work must end.
const grace = 400 * time.Millisecond

// lingering ends a little after ctx, or by the function. It has no deadline.
func lingering(ctx context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		time.AfterFunc(grace, func() { cancel(context.Cause(ctx)) })
	})
	return out, func() {
		stop()
		cancel(nil)
	}
}

// cleanup is how long the last commands of a statement may take: ending transactions, killing cursors.
const cleanup = 2 * time.Second

// brief outlives ctx, but not for long.
func brief(ctx context.Context) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	timer := time.AfterFunc(cleanup, cancel)
	return out, func() {
		timer.Stop()
		cancel()
	}
}

func runOptions(s *settings) *options.RunCmdOptionsBuilder {
	return options.RunCmd().SetReadPreference(s.pref)
}
