package flightsql

import (
	"context"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// unpack reads the command of a descriptor. The type URL may name any message that is linked in: callers refuse
// those that they do not know.
func unpack(desc *flight.FlightDescriptor) (proto.Message, error) {
	switch {
	case desc == nil:
		return nil, badRequest("the call has no flight descriptor")
	case len(desc.Cmd) == 0:
		return nil, badRequest("the flight descriptor has no command").WithHint("this is a Flight SQL server: send a Flight SQL command")
	}
	return unpackAny(desc.Cmd)
}

func unpackAny(b []byte) (proto.Message, error) {
	var box anypb.Any
	if err := proto.Unmarshal(b, &box); err != nil {
		return nil, badRequest("the command is not a google.protobuf.Any: %v", err)
	}
	cmd, err := box.UnmarshalNew()
	if err != nil {
		return nil, badRequest("the command %q cannot be read: %v", box.TypeUrl, err)
	}
	return cmd, nil
}

// GetFlightInfo plans a command and answers with its schema and one ticket.
func (s *Server) GetFlightInfo(ctx context.Context, desc *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	cmd, err := unpack(desc)
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	defer s.plans(c, desc.Cmd)()
	switch cmd := cmd.(type) {
	case *pb.CommandStatementQuery:
		return s.statementInfo(c, cmd, desc)
	case *pb.CommandPreparedStatementQuery:
		return s.preparedInfo(c, cmd, desc)
	}
	schema, err := metadataSchema(cmd)
	if err != nil {
		return nil, err
	}
	g := s.newGrant(c, useCommand, s.cfg.TicketTTL)
	g.command = desc.Cmd
	return s.info(g, schema, desc)
}

// GetSchema plans a command and answers with its schema.
func (s *Server) GetSchema(ctx context.Context, desc *flight.FlightDescriptor) (*flight.SchemaResult, error) {
	cmd, err := unpack(desc)
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	var schema *arrow.Schema
	switch cmd := cmd.(type) {
	case *pb.CommandStatementQuery:
		schema, err = s.statementSchema(c, cmd)
	case *pb.CommandPreparedStatementQuery:
		schema, err = s.preparedSchema(c, cmd)
	default:
		schema, err = metadataSchema(cmd)
	}
	if err != nil {
		return nil, err
	}
	return &flight.SchemaResult{Schema: serialize(schema)}, nil
}

func serialize(s *arrow.Schema) []byte { return flight.SerializeSchema(s, memory.DefaultAllocator) }

// newGrant is a grant for the caller of c, not beyond the life of the caller's credentials.
func (s *Server) newGrant(c *call, u use, ttl time.Duration) *grant {
	g := &grant{id: newID(), use: u, expires: time.Now().Add(ttl), who: fingerprintOf(c.identity), instance: s.instance, session: c.offer.name}
	if e := c.identity.Expires; !e.IsZero() && e.Before(g.expires) {
		g.expires = e
	}
	return g
}

// info is the answer to GetFlightInfo: one endpoint and no location, so that every client fetches from where it
// asked. The expiration time tells clients that they may fetch again.
func (s *Server) info(g *grant, schema *arrow.Schema, desc *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	serialized := serialize(schema)
	g.schema = hashSerialized(serialized)
	sealed, err := s.seal(sealTicket, g)
	if err != nil {
		return nil, err
	}
	box, err := anypb.New(&pb.TicketStatementQuery{StatementHandle: sealed})
	if err != nil {
		return nil, err
	}
	ticket, err := proto.Marshal(box)
	if err != nil {
		return nil, err
	}
	end := &flight.FlightEndpoint{Ticket: &flight.Ticket{Ticket: ticket}}
	if g.use != useOnce {
		end.ExpirationTime = timestamppb.New(g.expires)
	}
	return &flight.FlightInfo{
		Schema: serialized, FlightDescriptor: desc, Endpoint: []*flight.FlightEndpoint{end},
		TotalRecords: -1, TotalBytes: -1, Ordered: true,
	}, nil
}

// openTicket reads a ticket for its caller.
func (s *Server) openTicket(c *call, t *flight.Ticket) (*grant, error) {
	var box anypb.Any
	var cmd pb.TicketStatementQuery
	if err := proto.Unmarshal(t.GetTicket(), &box); err != nil {
		return nil, badRequest("the ticket is not one of this server")
	}
	if err := box.UnmarshalTo(&cmd); err != nil {
		return nil, badRequest("the ticket is not one of this server")
	}
	return s.open(sealTicket, "ticket", cmd.StatementHandle, c.identity)
}

// DoGet streams what a ticket grants.
func (s *Server) DoGet(t *flight.Ticket, out flight.FlightService_DoGetServer) error {
	c := callOf(out.Context())
	g, err := s.openTicket(c, t)
	if err != nil {
		return err
	}
	leave, err := s.enter(c, g)
	if err != nil {
		return err
	}
	defer leave()
	switch g.use {
	case useStatement:
		return s.fetch(c, g, out)
	case useOnce:
		return s.fetchOnce(c, g, out)
	case useDone:
		return s.send(c, out, noColumns, &records{schema: noColumns})
	case useCommand:
		return s.fetchMetadata(c, g, out)
	}
	return badRequest("the ticket grants nothing that can be fetched")
}

// noColumns is the schema of a statement that returns no rows.
var noColumns = arrow.NewSchema(nil, nil)

// enter registers a fetch so that CancelFlightInfo finds it, unless its ticket was cancelled before.
func (s *Server) enter(c *call, g *grant) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, gone := s.canceled.get(g.id); gone {
		return nil, errCanceled
	}
	if s.running[g.id] == nil {
		s.running[g.id] = map[*call]struct{}{}
	}
	s.running[g.id][c] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.running[g.id], c)
		if len(s.running[g.id]) == 0 {
			delete(s.running, g.id)
		}
	}, nil
}

var errCanceled = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")

// DoPut runs updates and binds parameters.
func (s *Server) DoPut(stream flight.FlightService_DoPutServer) error {
	c := callOf(stream.Context())
	opening, err := stream.Recv()
	if err != nil {
		return badRequest("the stream ended before its first message: %w", err)
	}
	cmd, err := unpack(opening.GetFlightDescriptor())
	if err != nil {
		return err
	}
	in := newParamReader(opening, stream)
	defer in.close()
	switch cmd := cmd.(type) {
	case *pb.CommandStatementUpdate:
		n, err := s.update(c, cmd)
		return putCount(stream, n, err)
	case *pb.CommandPreparedStatementUpdate:
		n, err := s.preparedUpdate(c, cmd, in)
		return putCount(stream, n, err)
	case *pb.CommandPreparedStatementQuery:
		handle, err := s.bind(c, cmd, in)
		if err != nil {
			return err
		}
		return put(stream, &pb.DoPutPreparedStatementResult{PreparedStatementHandle: handle})
	case *pb.CommandStatementIngest:
		return sqlerr.Unsupported("bulk ingestion")
	case *pb.CommandStatementSubstraitPlan:
		return errSubstrait
	}
	return badRequest("DoPut does not take the command %s", cmd.ProtoReflect().Descriptor().Name())
}

var errSubstrait = sqlerr.Unsupported("a Substrait plan")

func putCount(stream grpc.ServerStream, n int64, err error) error {
	if err != nil {
		return err
	}
	return put(stream, &pb.DoPutUpdateResult{RecordCount: n})
}

func put(stream grpc.ServerStream, m proto.Message) error {
	b, err := proto.Marshal(m)
	if err != nil {
		return err
	}
	return stream.SendMsg(&flight.PutResult{AppMetadata: b})
}
