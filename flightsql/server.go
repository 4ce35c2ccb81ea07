package flightsql

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// Server serves Flight SQL over one engine. Make it with [New]. Safe for concurrent use.
type Server struct {
	pb.UnimplementedFlightServiceServer

	cfg      Config
	grpc     *grpc.Server
	health   *health.Server
	sealer   *sealer
	instance randomID
	sessions *sessions
	metrics  *metrics
	plain    bool // send results the standard way, to compare

	blobs    *ttlStore[[]byte]   // contents too long to be sealed into a ticket
	bindings *ttlStore[*binding] // what was bound to a prepared handle, by the handle's id
	spent    *ttlStore[struct{}] // tickets that may run once and have
	canceled *ttlStore[struct{}] // tickets that were cancelled before they were fetched
	senders  sync.WaitGroup      // goroutines that write to streams

	mu       sync.Mutex
	draining bool
	calls    map[*call]struct{}
	running  map[randomID]map[*call]struct{} // by ticket
	planning map[*call]struct{}              // calls of GetFlightInfo that have no answer yet
}

const (
	// maxTickets bounds the tickets that are remembered as spent or cancelled.
	maxTickets = 100_000
	// writeBuffer is gRPC's buffer before the socket: 1 MiB measured best for large results; connections share
	// them, so that idle ones hold none.
	writeBuffer = 1 << 20
	// maxStreams bounds one connection's calls in progress.
	maxStreams = 1000
	maxHeaders = 256 << 10
	// pingTime and pingTimeout find clients whose machine is gone.
	pingTime    = 30 * time.Second
	pingTimeout = 20 * time.Second
	// minPing is the most often that a client may ping.
	minPing = time.Second
	// drainGrace is how long handlers have to return once their calls were ended.
	drainGrace = 5 * time.Second
)

// New makes a server. It starts nothing: call [Server.Serve].
func New(cfg Config) (*Server, error) {
	if cfg.Engine == nil || cfg.Auth == nil {
		return nil, errors.New("flightsql: a server needs an Engine and an Authenticator")
	}
	cfg = cfg.withDefaults()
	sealer, err := newSealer(cfg.TicketKeys)
	if err != nil {
		return nil, fmt.Errorf("flightsql: %w", err)
	}
	s := &Server{
		cfg: cfg, sealer: sealer, instance: newID(), metrics: newMetrics(), health: health.NewServer(),
		sessions: newSessions(cfg.Engine),
		blobs:    newStore[[]byte](cfg.HandleTTL, cfg.StoreBytes),
		bindings: newStore[*binding](cfg.HandleTTL, cfg.StoreBytes),
		spent:    newStore[struct{}](cfg.TicketTTL, maxTickets),
		canceled: newStore[struct{}](cfg.TicketTTL, maxTickets),
		calls:    map[*call]struct{}{},
		running:  map[randomID]map[*call]struct{}{},
		planning: map[*call]struct{}{},
	}
	s.grpc = grpc.NewServer(s.options()...)
	pb.RegisterFlightServiceServer(s.grpc, s)
	healthpb.RegisterHealthServer(s.grpc, s.health)
	reflection.Register(s.grpc)
	return s, nil
}

func (s *Server) options() []grpc.ServerOption {
	opts := []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(s.unary),
		grpc.ChainStreamInterceptor(s.stream),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(s.cfg.MaxRecvBytes),
		grpc.MaxSendMsgSize(maxProto),
		grpc.WriteBufferSize(writeBuffer),
		grpc.MaxConcurrentStreams(maxStreams),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.WaitForHandlers(true),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingTime, Timeout: pingTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPing, PermitWithoutStream: true}),
	}
	if s.cfg.TLS != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(s.cfg.TLS)))
	}
	return opts
}

// Serve answers on the listener until [Server.Drain] or [Server.Close], then returns nil. It closes the listener.
// A server may serve several listeners.
func (s *Server) Serve(l net.Listener) error {
	if err := s.grpc.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serving flight sql on %s: %w", l.Addr(), err)
	}
	return nil
}

// Drain refuses new calls, lets those in progress finish until ctx ends, then ends them with 57P01, and returns when
// all have.
func (s *Server) Drain(ctx context.Context) {
	s.health.Shutdown()
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	stopped := make(chan struct{})
	go func() {
		s.grpc.GracefulStop()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-ctx.Done():
		s.shutdown()
		select {
		case <-stopped:
		case <-time.After(drainGrace):
			s.grpc.Stop()
			<-stopped
		}
	}
	s.senders.Wait()
}

// Close ends everything at once and returns when it has ended.
func (s *Server) Close() {
	s.health.Shutdown()
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	s.shutdown()
	s.grpc.Stop()
	s.senders.Wait()
}

func (s *Server) shutdown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.calls {
		c.cancel(sqlerr.New(sqlerr.AdminShutdown, "the server is shutting down").WithHint("connect to another server, or again later"))
	}
}
