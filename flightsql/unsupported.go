package flightsql

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow/flight"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// PollFlightInfo is refused: results need no polling, they run when they are fetched.
func (s *Server) PollFlightInfo(context.Context, *flight.FlightDescriptor) (*flight.PollInfo, error) {
	return nil, sqlerr.Unsupported("PollFlightInfo")
}

// ListFlights is refused: Flight SQL lists tables by its own commands.
func (s *Server) ListFlights(*flight.Criteria, flight.FlightService_ListFlightsServer) error {
	return sqlerr.Unsupported("ListFlights").WithHint("ask for the tables with CommandGetTables")
}

// DoExchange is refused.
func (s *Server) DoExchange(flight.FlightService_DoExchangeServer) error {
	return sqlerr.Unsupported("DoExchange")
}
