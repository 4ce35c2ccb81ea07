package flightsql

import (
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow/flight"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/protobuf/proto"
)

const methodHandshake = "Handshake"

// Handshake answers with a session's token. Credentials come in the authorization header, Basic or bearer, and were
// judged before it; older clients send a BasicAuth message instead, and get the token in the answer.
func (s *Server) Handshake(stream flight.FlightService_HandshakeServer) error {
	c := callOf(stream.Context())
	if !c.unjudged {
		return nil
	}
	var basic pb.BasicAuth
	in, err := stream.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if proto.Unmarshal(in.GetPayload(), &basic) != nil || basic.Username+basic.Password == "" {
		id, err := s.cfg.Auth.Anonymous(c.ctx)
		if err != nil {
			return refusal(err)
		}
		c.offer = s.newOffer(id)
		c.sendOffer(c.ctx)
		return nil
	}
	id, err := s.cfg.Auth.Basic(c.ctx, basic.Username, basic.Password)
	if err != nil {
		return refusal(err)
	}
	c.offer = s.newOffer(id)
	c.sendOffer(c.ctx)
	return stream.Send(&flight.HandshakeResponse{Payload: []byte(s.sealOffer(c.offer))})
}
