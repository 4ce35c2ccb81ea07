package flightsql

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// createPrepared answers with a handle that contains the statement: nothing is kept here.
func (s *Server) createPrepared(c *call, req *pb.ActionCreatePreparedStatementRequest) (*pb.ActionCreatePreparedStatementResult, error) {
	if err := noTransaction(req.TransactionId); err != nil {
		return nil, err
	}
	session, err := c.open()
	if err != nil {
		return nil, err
	}
	st, err := c.prepare(session, req.Query)
	if err != nil {
		return nil, err
	}
	schema := resultSchema(st)
	g := s.newGrant(c, useHandle, s.cfg.HandleTTL)
	g.sql, g.settings, g.schema = st.SQL(), session.changes(), hashSchema(schema)
	handle, err := s.seal(sealHandle, g)
	if err != nil {
		return nil, err
	}
	isUpdate := !st.ReturnsRows()
	return &pb.ActionCreatePreparedStatementResult{
		PreparedStatementHandle: handle, DatasetSchema: serialize(schema), ParameterSchema: serialize(st.ParamSchema()), IsUpdate: &isUpdate,
	}, nil
}

func resultSchema(st engine.StatementAPI) *arrow.Schema {
	if !st.ReturnsRows() {
		return noColumns
	}
	return wireSchema(st.Schema())
}

// prepared opens a handle and prepares its statement again, in the call's session when that is the one that prepared
// it, else in one with the same settings.
func (s *Server) prepared(c *call, handle []byte) (p preparedStatement, err error) {
	g, err := s.open(sealHandle, "prepared statement", handle, c.identity)
	if err != nil {
		return p, err
	}
	p = preparedStatement{grant: g, done: func() {}}
	if c.offer.name == g.session && g.instance == s.instance {
		p.session, err = c.open()
	} else {
		p.session, p.done, err = s.sessionFor(c, g)
	}
	if err != nil {
		return p, err
	}
	p.st, err = c.prepare(p.session, g.sql)
	if err == nil && hashSchema(resultSchema(p.st)) != g.schema {
		err = sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type").WithHint("prepare the statement again")
	}
	if err != nil {
		p.done()
	}
	return p, err
}

type preparedStatement struct {
	grant   *grant
	session *clientSession
	st      engine.StatementAPI
	done    func() // to be called when the session is no longer needed
}

// bound gives what the client bound: it is in the handle when the client uses the updated one, else it was kept
// here under the handle's id. The caller releases it.
func (s *Server) bound(p preparedStatement) (*binding, error) {
	if p.grant.bound {
		return decodeBinding(true, p.grant.params)
	}
	if kept, ok := s.bindings.get(p.grant.id); ok {
		return decodeBinding(true, kept.stream)
	}
	if n := p.st.ParamSchema().NumFields(); n > 0 {
		return nil, unbound(n)
	}
	return nil, nil
}

func (s *Server) preparedInfo(c *call, cmd *pb.CommandPreparedStatementQuery, desc *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	p, err := s.prepared(c, cmd.PreparedStatementHandle)
	if err != nil {
		return nil, err
	}
	defer p.done()
	params, err := s.bound(p)
	if err != nil {
		return nil, err
	}
	defer params.release()
	return s.planned(c, p.session, p.st, params, desc)
}

func (s *Server) preparedSchema(c *call, cmd *pb.CommandPreparedStatementQuery) (*arrow.Schema, error) {
	p, err := s.prepared(c, cmd.PreparedStatementHandle)
	if err != nil {
		return nil, err
	}
	defer p.done()
	return resultSchema(p.st), nil
}

// bind answers with a new handle that contains the parameters too, which any replica can run. Clients that do not
// adopt it are served from what is kept here.
func (s *Server) bind(c *call, cmd *pb.CommandPreparedStatementQuery, in *paramReader) ([]byte, error) {
	p, err := s.prepared(c, cmd.PreparedStatementHandle)
	if err != nil {
		return nil, err
	}
	defer p.done()
	collected := &binding{}
	defer collected.release()
	size := 0
	bound, schema, err := in.each(p.st.ParamSchema(), func(rec arrow.RecordBatch) error {
		if size += recordBytes(rec); size > s.cfg.StoreBytes {
			return sqlerr.New(sqlerr.ConfigurationLimit, "the bound parameters have more than %d bytes, the most that the server keeps", s.cfg.StoreBytes).
				WithHint("bind fewer rows at a time")
		}
		rec.Retain()
		collected.recs = append(collected.recs, rec)
		return nil
	})
	if err != nil {
		return nil, err
	}
	g := *p.grant
	g.bound, g.params = bound, nil
	if !bound {
		s.bindings.delete(p.grant.id)
		return s.seal(sealHandle, &g)
	}
	if g.params, err = encodeBinding(schema, collected.recs); err != nil {
		return nil, err
	}
	if !s.bindings.put(g.id, &binding{stream: g.params}, len(g.params), true) {
		return nil, sqlerr.New(sqlerr.ConfigurationLimit, "the bound parameters have %d bytes, the server keeps at most %d", len(g.params), s.cfg.StoreBytes).
			WithHint("bind fewer rows at a time")
	}
	return s.seal(sealHandle, &g)
}

func recordBytes(rec arrow.RecordBatch) int {
	n := 0
	for _, c := range rec.Columns() {
		n += int(c.Data().SizeInBytes())
	}
	return n
}

// preparedUpdate runs a statement once for every row as it comes in, or once when nothing is bound.
func (s *Server) preparedUpdate(c *call, cmd *pb.CommandPreparedStatementUpdate, in *paramReader) (int64, error) {
	p, err := s.prepared(c, cmd.PreparedStatementHandle)
	if err != nil {
		return 0, err
	}
	defer p.done()
	total := int64(0)
	bound, _, err := in.each(p.st.ParamSchema(), func(rec arrow.RecordBatch) error {
		n, err := runAll(c, p.st, &binding{recs: []arrow.RecordBatch{rec}})
		total += n
		return err
	})
	if err != nil || bound {
		return max(total, -1), err
	}
	params, err := s.bound(p)
	if err != nil {
		return 0, err
	}
	defer params.release()
	return runAll(c, p.st, params)
}
