package flightsql

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"runtime/debug"
	"strings"
	"time"

	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/skeinsql/skein/engine/sqlerr"
)

var flightMethods = "/" + pb.FlightService_ServiceDesc.ServiceName + "/"

// unary and stream are the only way into a handler: they authenticate, register the call so that draining can end
// it, recover from panics, translate errors, log and count.
func (s *Server) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	if !strings.HasPrefix(info.FullMethod, flightMethods) {
		return handler(ctx, req)
	}
	err = s.run(ctx, path.Base(info.FullMethod), func(ctx context.Context) error {
		resp, err = handler(ctx, req)
		return err
	})
	if err != nil {
		return nil, err
	}
	return resp, nil
}

func (s *Server) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if !strings.HasPrefix(info.FullMethod, flightMethods) {
		return handler(srv, ss)
	}
	return s.run(ss.Context(), path.Base(info.FullMethod), func(ctx context.Context) error {
		return handler(srv, &callStream{ss, ctx})
	})
}

// callStream is a stream whose context is its call's.
type callStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *callStream) Context() context.Context { return s.ctx }

func (s *Server) run(ctx context.Context, method string, handler func(context.Context) error) error {
	c, err := s.begin(ctx, method)
	if err == nil {
		defer s.end(c)
		err = safely(func() error { return handler(c.ctx) })
	} else {
		c = &call{server: s, method: method, started: time.Now(), ctx: ctx}
	}
	return s.settle(ctx, c, err)
}

// begin registers a call, unless the server is draining.
func (s *Server) begin(ctx context.Context, method string) (c *call, err error) {
	err = safely(func() (err error) {
		c, err = s.newCall(ctx, method)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		c.finish()
		return nil, sqlerr.New(sqlerr.CannotConnectNow, "the server is shutting down").WithHint("connect to another server, or again later")
	}
	s.calls[c] = struct{}{}
	s.metrics.inFlight.WithLabelValues(method).Inc()
	return c, nil
}

func (s *Server) end(c *call) {
	c.finish()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, c)
	s.metrics.inFlight.WithLabelValues(c.method).Dec()
}

// panicked is what a handler's panic becomes: a bug, for the log.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func safely(f func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{v, debug.Stack()}
		}
	}()
	return f()
}

// settle logs and counts a finished call and gives its error to gRPC.
func (s *Server) settle(ctx context.Context, c *call, err error) error {
	took := time.Since(c.started)
	if err == nil {
		s.metrics.done(c, codes.OK, "", took)
		s.log(c, slog.LevelInfo, took, nil)
		return nil
	}
	e := explain(err, c.cause())
	st := statusOf(e, c.queryID)
	s.metrics.done(c, st.Code(), e.Code, took)
	level := slog.LevelInfo
	if st.Code() == codes.Internal || st.Code() == codes.DataLoss {
		level = slog.LevelError
	}
	s.log(c, level, took, err)
	// It fails only where the stream has ended already.
	_ = grpc.SetTrailer(ctx, trailerOf(e, c.queryID))
	return st.Err()
}

func (s *Server) log(c *call, level slog.Level, took time.Duration, err error) {
	if c.queryID == "" && err == nil {
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.String("method", c.method), slog.Duration("took", took)}
	if c.queryID != "" {
		attrs = append(attrs, slog.String("query_id", c.queryID), slog.Int64("rows", c.rows), slog.Int64("bytes", c.bytes))
	}
	if c.identity.Role != "" {
		attrs = append(attrs, slog.String("role", c.identity.Role))
	}
	if c.statement != "" && (s.cfg.LogStatements || s.cfg.Log.Enabled(c.ctx, slog.LevelDebug)) {
		attrs = append(attrs, slog.String("statement", c.statement))
	}
	if err != nil {
		attrs = append(attrs, slog.String("sqlstate", explain(err, c.cause()).Code), slog.String("error", revealed(err)))
		var p *panicked
		if errors.As(err, &p) {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
	}
	s.cfg.Log.LogAttrs(c.ctx, level, "flight sql call", attrs...)
}

// revealed is an error's text for the log, with what clients are not shown.
func revealed(err error) string {
	msg := err.Error()
	var hidden errHidden
	if errors.As(err, &hidden) {
		msg += ": " + hidden.error.Error()
	}
	return msg
}
