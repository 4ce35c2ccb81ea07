package flightsql

import (
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// send streams r to a client in the schema that was announced, and closes r on every way out.
//
// The handler's goroutine pulls and encodes; another one writes, because a write blocks for as long as the client
// takes nothing and only the end of the call can free it. A client that takes nothing for the stall timeout loses
// its statement: r is closed at once, and with it the sources are free.
func (s *Server) send(c *call, out grpc.ServerStream, schema *arrow.Schema, r batch.Reader) (err error) {
	defer func() {
		if closed := r.Close(); err == nil {
			err = closed
		}
	}()
	md, _ := metadata.FromIncomingContext(c.ctx)
	p := &progress{}
	enc, err := newEncoder(&s.cfg, first(md, compressionHeader), p)
	if err != nil {
		return err
	}
	w := s.startSender(c, out, enc, schema)
	if err := pump(c, enc, schema, r, w); err != nil {
		w.abandon(err)
		return err
	}
	return w.finish()
}

// pump pulls until the end.
func pump(c *call, enc *encoder, schema *arrow.Schema, r batch.Reader, w *sender) error {
	first, err := enc.schema(schema)
	if err != nil {
		return err
	}
	if err := w.put(first); err != nil {
		return err
	}
	for {
		rec, err := r.Next(c.ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := sendBatch(c.ctx, enc, schema, rec, w); err != nil {
			return err
		}
	}
}

func sendBatch(ctx context.Context, enc *encoder, schema *arrow.Schema, rec arrow.RecordBatch, w *sender) error {
	defer rec.Release()
	if rec.NumRows() == 0 {
		return nil
	}
	fit, err := conform(ctx, rec, schema)
	if err != nil {
		return err
	}
	defer fit.Release()
	return enc.batch(fit, w.put)
}

// sender writes messages to one stream, in a goroutine of its own that ends with the call.
type sender struct {
	server   *Server
	call     *call
	stream   grpc.ServerStream
	progress *progress
	encoder  *encoder
	schema   *arrow.Schema
	queue    chan *message
	done     chan struct{}
	err      error // of the stream; read after done
	rows     int64
	bytes    int64
}

// queued is how many encoded messages wait while one is written: one keeps the engine and the wire busy at once.
const queued = 1

func (s *Server) startSender(c *call, out grpc.ServerStream, enc *encoder, schema *arrow.Schema) *sender {
	w := &sender{
		server: s, call: c, stream: out, progress: enc.progress, encoder: enc, schema: schema,
		queue: make(chan *message, queued), done: make(chan struct{}),
	}
	s.senders.Add(1)
	go func() {
		defer s.senders.Done()
		defer close(w.done)
		if w.err = safely(w.run); w.err != nil {
			c.cancel(w.err)
		}
	}()
	return w
}

// put hands a message over, waiting until there is room.
func (w *sender) put(m *message) error {
	select {
	case w.queue <- m:
		return nil
	case <-w.call.ctx.Done():
		return context.Cause(w.call.ctx)
	}
}

// finish waits until everything is with the transport.
func (w *sender) finish() error {
	close(w.queue)
	select {
	case <-w.done:
		w.count()
		return w.err
	case <-w.call.ctx.Done():
		return context.Cause(w.call.ctx)
	}
}

// abandon ends the goroutine early. It does not wait: a write that blocks is freed by the handler's return.
func (w *sender) abandon(err error) {
	w.call.cancel(err)
	select {
	case <-w.done:
		w.count()
	default:
	}
}

func (w *sender) count() { w.call.rows, w.call.bytes = w.rows, w.bytes }

func (w *sender) run() error {
	watch := w.watch()
	defer watch.stop()
	var tick <-chan time.Time
	if every := w.server.cfg.KeepAlive; every > 0 {
		t := time.NewTicker(every)
		defer t.Stop()
		tick = t.C
	}
	sent := time.Now()
	for {
		var m *message
		var more bool
		select {
		case <-w.call.ctx.Done():
			return context.Cause(w.call.ctx)
		case m, more = <-w.queue:
			if !more {
				return nil
			}
		case <-tick:
			if w.bytes == 0 || time.Since(sent) < w.server.cfg.KeepAlive {
				continue // the schema comes first
			}
			var err error
			if m, err = w.encoder.emptyBatch(w.schema); err != nil {
				return err
			}
		}
		if err := w.write(watch, m); err != nil {
			return err
		}
		sent = time.Now()
	}
}

func (w *sender) write(watch *watchdog, m *message) error {
	var msg any = m
	if w.server.plain {
		msg = m.flightData()
	}
	watch.start()
	err := w.stream.SendMsg(msg)
	watch.pause()
	if err != nil {
		return err
	}
	size := m.encodedSize()
	w.rows += m.rows
	w.bytes += int64(size)
	w.server.metrics.rows.Add(float64(m.rows))
	w.server.metrics.bytes.Add(float64(size))
	return nil
}

// watchdog ends the call when one write takes too long without the transport having taken anything.
type watchdog struct {
	limit    time.Duration
	progress *progress
	writing  atomic.Bool
	timer    *time.Timer
}

func (w *sender) watch() *watchdog {
	d := &watchdog{limit: w.server.cfg.StallTimeout, progress: w.progress}
	d.timer = time.AfterFunc(time.Hour, func() {
		if !d.writing.Load() {
			return
		}
		if quiet := d.progress.since(); quiet < d.limit {
			d.timer.Reset(d.limit - quiet)
			return
		}
		w.server.metrics.stalled.Inc()
		w.call.cancel(sqlerr.New(sqlerr.QueryCanceled, "the client took nothing of the result for %s", d.limit).
			WithHint("read results without long pauses, or fetch fewer rows at a time"))
	})
	d.timer.Stop()
	return d
}

func (d *watchdog) start() {
	d.progress.note()
	d.writing.Store(true)
	d.timer.Reset(d.limit)
}

func (d *watchdog) pause() { d.writing.Store(false) }

func (d *watchdog) stop() {
	d.pause()
	d.timer.Stop()
}
