package flightsql

import (
	"context"
	"errors"
	"io"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/flight"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/grpc"

	"github.com/skeinsql/skein/engine"
	"github.com/skeinsql/skein/engine/batch"
	"github.com/skeinsql/skein/engine/sqlerr"
)

// noTransaction refuses statements of a transaction: none was ever begun here.
func noTransaction(id []byte) error {
	if len(id) > 0 {
		return sqlerr.New("25P01", "the transaction of the statement does not exist: the server has no transactions")
	}
	return nil
}

func (c *call) prepare(session *clientSession, sql string) (engine.StatementAPI, error) {
	c.statement = sql
	return session.Prepare(c.ctx, sql)
}

func (s *Server) statementSchema(c *call, cmd *pb.CommandStatementQuery) (*arrow.Schema, error) {
	if err := noTransaction(cmd.TransactionId); err != nil {
		return nil, err
	}
	session, err := c.open()
	if err != nil {
		return nil, err
	}
	st, err := c.prepare(session, cmd.Query)
	if err != nil {
		return nil, err
	}
	return wireSchema(st.Schema()), nil
}

func (s *Server) statementInfo(c *call, cmd *pb.CommandStatementQuery, desc *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	if err := noTransaction(cmd.TransactionId); err != nil {
		return nil, err
	}
	session, err := c.open()
	if err != nil {
		return nil, err
	}
	st, err := c.prepare(session, cmd.Query)
	if err != nil {
		return nil, err
	}
	if n := st.ParamSchema().NumFields(); n > 0 {
		return nil, unbound(n)
	}
	return s.planned(c, session, st, nil, desc)
}

// unbound is the error of a statement that has parameters and got none.
func unbound(n int) error {
	return sqlerr.New(errProtocol, "the statement has %d parameters and none were bound", n).
		WithHint("prepare the statement and bind its parameters")
}

// planned answers for a statement that is ready to run: see the package's comment for when it does. Nil: nothing is
// bound.
func (s *Server) planned(c *call, session *clientSession, st engine.StatementAPI, params *binding, desc *flight.FlightDescriptor) (*flight.FlightInfo, error) {
	g := s.newGrant(c, useStatement, s.cfg.TicketTTL)
	switch {
	case st.HasEffects() && !st.ReturnsRows():
		if _, err := runAll(c, st, params); err != nil {
			return nil, err
		}
		g.use = useDone
		return s.info(g, noColumns, desc)
	case st.HasEffects():
		// The session must be there when the ticket is fetched.
		if err := c.changes(); err != nil {
			return nil, err
		}
		g.use = useOnce
	}
	g.sql, g.settings = st.SQL(), session.changes()
	g.bound, g.params = params.encoded()
	return s.info(g, wireSchema(st.Schema()), desc)
}

// fetch runs a ticket's statement. Where it has to open a session for it, that session ends with the stream.
func (s *Server) fetch(c *call, g *grant, out grpc.ServerStream) error {
	session, done, err := s.sessionFor(c, g)
	if err != nil {
		return err
	}
	defer done()
	return s.runTicket(c, session, g, out)
}

// sessionFor gives the call's session when it still has the settings of the grant, else a new one that has.
func (s *Server) sessionFor(c *call, g *grant) (session *clientSession, done func(), err error) {
	session, err = c.open()
	if err != nil {
		return nil, nil, err
	}
	if mapsEqual(session.changes(), g.settings) {
		return session, func() {}, nil
	}
	session, err = s.sessionWith(c.identity, g.settings)
	if err != nil {
		return nil, nil, err
	}
	return session, func() {
		if err := session.Close(); err != nil {
			s.cfg.Log.Warn("closing a ticket's session", "error", err)
		}
	}, nil
}

func mapsEqual(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}

// fetchOnce runs a ticket's statement unless it has run. It needs the server and the session of the ticket, for the
// effects belong there.
func (s *Server) fetchOnce(c *call, g *grant, out grpc.ServerStream) error {
	if g.instance != s.instance {
		return sqlerr.New(sqlerr.ObjectNotInPrerequisite, "the statement changes its session, which lives on another server").
			WithHint("fetch from the server that answered GetFlightInfo")
	}
	session, err := s.grantedSession(c, g)
	if err != nil {
		return err
	}
	switch ok, exists := s.spent.putNew(g.id, struct{}{}, 1); {
	case exists:
		return sqlerr.New(sqlerr.ObjectNotInPrerequisite, "the statement has run, and it may run only once").
			WithHint("run the statement again to get a new ticket")
	case !ok:
		return sqlerr.New(sqlerr.ConfigurationLimit, "the server remembers too many tickets that may be fetched only once").
			WithHint("try again later")
	}
	return s.runTicket(c, session, g, out)
}

func (s *Server) grantedSession(c *call, g *grant) (*clientSession, error) {
	if c.offer.name == g.session {
		return c.open()
	}
	session, err := s.sessions.find(offer{name: g.session, expires: g.expires})
	if err == nil && session == nil {
		err = errSessionEnded
	}
	return session, err
}

func (s *Server) runTicket(c *call, session *clientSession, g *grant, out grpc.ServerStream) error {
	st, err := c.prepare(session, g.sql)
	if err != nil {
		return err
	}
	schema := wireSchema(st.Schema())
	if hashSchema(schema) != g.schema {
		return sqlerr.New(sqlerr.FeatureNotSupported, "cached plan must not change result type").
			WithDetail("A table that the statement reads has changed since it was planned.").
			WithHint("run the statement again")
	}
	params, err := decodeBinding(g.bound, g.params)
	if err != nil {
		return err
	}
	defer params.release()
	r, err := openRows(c, st, schema, params)
	if err != nil {
		return err
	}
	return s.send(c, out, schema, r)
}

// update runs a statement for its effects.
func (s *Server) update(c *call, cmd *pb.CommandStatementUpdate) (int64, error) {
	if err := noTransaction(cmd.TransactionId); err != nil {
		return 0, err
	}
	session, err := c.open()
	if err != nil {
		return 0, err
	}
	st, err := c.prepare(session, cmd.Query)
	if err != nil {
		return 0, err
	}
	if n := st.ParamSchema().NumFields(); n > 0 {
		return 0, unbound(n)
	}
	return runAll(c, st, nil)
}

// runAll runs a statement once for every bound row and drops its rows. It gives the number of rows changed, -1 where
// that has no meaning because the statement only returned rows.
func runAll(c *call, st engine.StatementAPI, params *binding) (int64, error) {
	if st.HasEffects() {
		if err := c.changes(); err != nil {
			return 0, err
		}
	}
	total := int64(0)
	for row := range params.rows() {
		n, err := runOne(c, st, row)
		if err != nil {
			return 0, err
		}
		total += max(n, 0)
	}
	if st.ReturnsRows() && !st.HasEffects() {
		return -1, nil
	}
	return total, nil
}

func runOne(c *call, st engine.StatementAPI, row boundRow) (n int64, err error) {
	res, err := st.Execute(c.ctx, row.batch, row.index)
	if err != nil {
		return 0, err
	}
	c.queryID = res.QueryID
	if res.Reader == nil {
		return res.Affected, nil
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	for {
		rec, err := res.Next(c.ctx)
		if errors.Is(err, io.EOF) {
			return res.Affected, nil
		}
		if err != nil {
			return 0, err
		}
		rec.Release()
	}
}

// openRows starts a statement and gives its rows: for every bound row in turn, all in one stream.
func openRows(c *call, st engine.StatementAPI, schema *arrow.Schema, params *binding) (batch.Reader, error) {
	all := params.list()
	if len(all) != 1 {
		return &eachRow{call: c, st: st, schema: schema, left: all}, nil
	}
	return execute(c, st, schema, all[0])
}

func execute(c *call, st engine.StatementAPI, schema *arrow.Schema, row boundRow) (batch.Reader, error) {
	res, err := st.Execute(c.ctx, row.batch, row.index)
	if err != nil {
		return nil, err
	}
	c.queryID = res.QueryID
	if res.Reader == nil {
		return &records{schema: schema}, nil
	}
	return res, nil
}

// eachRow runs a statement for one bound row after the other.
type eachRow struct {
	call    *call
	st      engine.StatementAPI
	schema  *arrow.Schema
	left    []boundRow
	current batch.Reader
}

var _ batch.Reader = (*eachRow)(nil)

func (r *eachRow) Schema() *arrow.Schema { return r.schema }

func (r *eachRow) Next(ctx context.Context) (arrow.RecordBatch, error) {
	for {
		if r.current == nil {
			if len(r.left) == 0 {
				return nil, io.EOF
			}
			next, err := execute(r.call, r.st, r.schema, r.left[0])
			if err != nil {
				return nil, err
			}
			r.current, r.left = next, r.left[1:]
		}
		rec, err := r.current.Next(ctx)
		if !errors.Is(err, io.EOF) {
			return rec, err
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
}

func (r *eachRow) Close() error {
	if r.current == nil {
		return nil
	}
	err := r.current.Close()
	r.current = nil
	return err
}

// records is a reader over batches in memory, which it owns.
type records struct {
	schema *arrow.Schema
	left   []arrow.RecordBatch
}

var _ batch.Reader = (*records)(nil)

func (r *records) Schema() *arrow.Schema { return r.schema }

func (r *records) Next(context.Context) (arrow.RecordBatch, error) {
	if len(r.left) == 0 {
		return nil, io.EOF
	}
	rec := r.left[0]
	r.left = r.left[1:]
	return rec, nil
}

func (r *records) Close() error {
	for _, rec := range r.left {
		rec.Release()
	}
	r.left = nil
	return nil
}
