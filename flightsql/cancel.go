package flightsql

import (
	"bytes"

	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/protobuf/proto"

	"github.com/skeinsql/skein/engine/sqlerr"
)

func (s *Server) cancelQuery(c *call, a *flight.Action) (proto.Message, error) {
	var req pb.ActionCancelQueryRequest //nolint:staticcheck // deprecated, and still what older clients send
	if err := unbox(a, &req); err != nil {
		return nil, err
	}
	var info flight.FlightInfo
	if err := proto.Unmarshal(req.Info, &info); err != nil {
		return nil, badRequest("the FlightInfo to cancel cannot be read: %v", err)
	}
	if err := s.cancelWhat(c, &info); err != nil {
		return nil, err
	}
	return &pb.ActionCancelQueryResult{Result: sql.CancelResultCancelled}, nil //nolint:staticcheck // see above
}

func (s *Server) cancelInfo(c *call, a *flight.Action) (proto.Message, error) {
	var req flight.CancelFlightInfoRequest
	if err := bare(a, &req); err != nil {
		return nil, err
	}
	if err := s.cancelWhat(c, req.GetInfo()); err != nil {
		return nil, err
	}
	return &flight.CancelFlightInfoResult{Status: flight.CancelStatusCancelled}, nil
}

// cancelWhat ends what a FlightInfo stands for. With endpoints, what runs for their tickets, now and later. Without any,
// by its descriptor: the path query/ID, an id of skein_catalog.queries, ends that query; a command ends the calls that ask
// for its FlightInfo and have no answer yet, such as one that waits for a slow source to tell its tables.
func (s *Server) cancelWhat(c *call, info *flight.FlightInfo) error {
	desc := info.GetFlightDescriptor()
	switch {
	case len(info.GetEndpoint()) > 0:
		return s.cancelTickets(c, info)
	case len(desc.GetPath()) == 2 && desc.Path[0] == queryPath:
		if !s.cfg.Engine.Cancel(c.identity, desc.Path[1]) {
			return sqlerr.New(sqlerr.InvalidStatementName, "no query of this user with the id %q runs on this server", desc.Path[1]).
				WithHint("skein_catalog.queries lists what runs")
		}
		return nil
	case len(desc.GetCmd()) > 0:
		if !s.cancelPlanning(c, desc.Cmd) {
			return sqlerr.New(sqlerr.InvalidStatementName, "the command is not being planned in this session on this server").
				WithHint("a query that has its FlightInfo is cancelled by that, any query by its id in skein_catalog.queries")
		}
		return nil
	}
	return badRequest(`the FlightInfo to cancel has neither an endpoint nor a descriptor: give that of GetFlightInfo, the command, or the path ["query", id]`)
}

// queryPath is the first element of a descriptor's path that names a query by its id.
const queryPath = "query"

// cancelPlanning ends the calls for a command's FlightInfo: those of the session that c presents, and without one those
// that present none.
func (s *Server) cancelPlanning(c *call, cmd []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := false
	for other := range s.planning {
		if fingerprintOf(other.identity) != fingerprintOf(c.identity) || other.offered != c.offered ||
			!other.offered && other.offer.name != c.offer.name || !bytes.Equal(other.command, cmd) {
			continue
		}
		other.cancel(errCanceled)
		found = true
	}
	return found
}

// plans registers a call for a FlightInfo so that cancelPlanning finds it, until leave.
func (s *Server) plans(c *call, cmd []byte) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.command = cmd
	s.planning[c] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.planning, c)
	}
}

// cancelTickets ends what runs for the tickets of a FlightInfo, and keeps them from being fetched here later.
func (s *Server) cancelTickets(c *call, info *flight.FlightInfo) error {
	for _, e := range info.Endpoint {
		g, err := s.openTicket(c, e.GetTicket())
		if err != nil {
			return err
		}
		if !s.cancelTicket(g) {
			return sqlerr.New(sqlerr.InvalidStatementName, "the query does not run on this server").
				WithHint("cancel it at the server that it was fetched from")
		}
	}
	return nil
}

func (s *Server) cancelTicket(g *grant) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.running[g.id] {
		c.cancel(errCanceled)
	}
	if g.instance != s.instance && len(s.running[g.id]) == 0 {
		return false
	}
	s.canceled.put(g.id, struct{}{}, 1, true)
	return true
}
