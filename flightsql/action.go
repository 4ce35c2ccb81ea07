package flightsql

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/flight"
	sql "github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	pb "github.com/apache/arrow-go/v18/arrow/flight/gen/flight"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/skeinsql/skein/engine/sqlerr"
)

// actions are those that the server answers, for ListActions.
var actions = []*flight.ActionType{
	{Type: sql.CreatePreparedStatementActionType, Description: "Prepares a statement."},
	{Type: sql.ClosePreparedStatementActionType, Description: "Forgets a prepared statement."},
	{Type: sql.CancelQueryActionType, Description: "Cancels a query: by its FlightInfo, its command, or its id."},
	{Type: flight.CancelFlightInfoActionType, Description: "Cancels a query: by its FlightInfo, its command, or its id."},
	{Type: flight.SetSessionOptionsActionType, Description: "Changes settings of the session."},
	{Type: flight.GetSessionOptionsActionType, Description: "Reads the session's settings."},
	{Type: flight.CloseSessionActionType, Description: "Ends the session."},
}

// ListActions lists what DoAction does.
func (s *Server) ListActions(_ *flight.Empty, out flight.FlightService_ListActionsServer) error {
	for _, a := range actions {
		if err := out.Send(a); err != nil {
			return err
		}
	}
	return nil
}

// DoAction runs one action. Those of Flight SQL have their messages in an Any, those of Flight bare.
func (s *Server) DoAction(a *flight.Action, out flight.FlightService_DoActionServer) error {
	answer, boxed, err := s.act(callOf(out.Context()), a)
	if err != nil {
		return err
	}
	if answer == nil {
		return out.Send(&flight.Result{})
	}
	if boxed {
		if answer, err = anypb.New(answer); err != nil {
			return err
		}
	}
	body, err := proto.Marshal(answer)
	if err != nil {
		return err
	}
	return out.Send(&flight.Result{Body: body})
}

func (s *Server) act(c *call, a *flight.Action) (answer proto.Message, boxed bool, err error) {
	switch a.GetType() {
	case sql.CreatePreparedStatementActionType:
		var req pb.ActionCreatePreparedStatementRequest
		if err := unbox(a, &req); err != nil {
			return nil, false, err
		}
		answer, err = s.createPrepared(c, &req)
		return answer, true, err
	case sql.ClosePreparedStatementActionType:
		var req pb.ActionClosePreparedStatementRequest
		if err := unbox(a, &req); err != nil {
			return nil, false, err
		}
		return nil, false, s.closePrepared(c, &req)
	case sql.CancelQueryActionType:
		answer, err = s.cancelQuery(c, a)
		return answer, true, err
	case flight.CancelFlightInfoActionType:
		answer, err = s.cancelInfo(c, a)
		return answer, false, err
	case flight.SetSessionOptionsActionType:
		answer, err = s.setOptions(c, a)
		return answer, false, err
	case flight.GetSessionOptionsActionType:
		answer, err = s.getOptions(c)
		return answer, false, err
	case flight.CloseSessionActionType:
		return &flight.CloseSessionResult{Status: flight.CloseSessionResultClosed}, false, c.closeSession()
	case sql.BeginTransactionActionType, sql.EndTransactionActionType:
		// Python's driver takes exactly this code as "no transactions here", and goes on with a warning.
		return nil, false, sqlerr.Unsupported("a transaction")
	case sql.BeginSavepointActionType, sql.EndSavepointActionType:
		return nil, false, sqlerr.Unsupported("a savepoint")
	case sql.CreatePreparedSubstraitPlanActionType:
		return nil, false, errSubstrait
	}
	return nil, false, sqlerr.Unsupported(fmt.Sprintf("the action %q", a.GetType()))
}

func unbox(a *flight.Action, into proto.Message) error {
	var box anypb.Any
	err := proto.Unmarshal(a.GetBody(), &box)
	if err == nil {
		err = box.UnmarshalTo(into)
	}
	if err != nil {
		return badRequest("the request of %s cannot be read: %v", a.GetType(), err)
	}
	return nil
}

func bare(a *flight.Action, into proto.Message) error {
	if err := proto.Unmarshal(a.GetBody(), into); err != nil {
		return badRequest("the request of %s cannot be read: %v", a.GetType(), err)
	}
	return nil
}

// closePrepared forgets what was bound. A handle that is expired or of another server is nothing to complain about.
func (s *Server) closePrepared(c *call, req *pb.ActionClosePreparedStatementRequest) error {
	g, err := s.open(sealHandle, "prepared statement", req.PreparedStatementHandle, c.identity)
	if err != nil {
		return err
	}
	s.bindings.delete(g.id)
	return nil
}

func (s *Server) setOptions(c *call, a *flight.Action) (proto.Message, error) {
	var req flight.SetSessionOptionsRequest
	if err := bare(a, &req); err != nil {
		return nil, err
	}
	session, err := c.open()
	if err != nil {
		return nil, err
	}
	if err := c.changes(); err != nil {
		return nil, err
	}
	answer := &flight.SetSessionOptionsResult{Errors: map[string]*flight.SetSessionOptionsResultError{}}
	for name, value := range req.GetSessionOptions() {
		if err := setOption(session, name, value); err != nil {
			answer.Errors[name] = &flight.SetSessionOptionsResultError{Value: optionError(err)}
		}
	}
	return answer, nil
}

func optionError(err error) pb.SetSessionOptionsResult_ErrorValue {
	switch sqlerr.Code(err) {
	case sqlerr.UndefinedObject:
		return flight.SetSessionOptionsResultErrorInvalidName
	case sqlerr.InvalidParameterValue, sqlerr.InvalidText, sqlerr.UndefinedCatalog, sqlerr.UndefinedSchema:
		return flight.SetSessionOptionsResultErrorInvalidValue
	}
	return flight.SetSessionOptionsResultErrorError
}

// setOption sets one setting; an option without a value is reset.
func setOption(session Session, name string, v *flight.SessionOptionValue) error {
	switch v := v.GetOptionValue().(type) {
	case *pb.SessionOptionValue_StringValue:
		return session.Set(name, v.StringValue)
	case *pb.SessionOptionValue_BoolValue:
		return session.Set(name, strconv.FormatBool(v.BoolValue))
	case *pb.SessionOptionValue_Int64Value:
		return session.Set(name, strconv.FormatInt(v.Int64Value, 10))
	case *pb.SessionOptionValue_DoubleValue:
		return session.Set(name, strconv.FormatFloat(v.DoubleValue, 'g', -1, 64))
	case *pb.SessionOptionValue_StringListValue_:
		return session.Set(name, strings.Join(v.StringListValue.GetValues(), ", "))
	}
	return session.Reset(name)
}

// pathParts are the session options that drivers know: they stand for the first element of the search path.
var pathParts = []string{"catalog", "schema"}

func (s *Server) getOptions(c *call) (proto.Message, error) {
	session, err := c.open()
	if err != nil {
		return nil, err
	}
	options := map[string]any{}
	for name, value := range session.Settings() {
		options[name] = value
	}
	for _, name := range pathParts {
		if options[name], err = session.Get(name); err != nil {
			return nil, err
		}
	}
	values, err := flight.NewSessionOptionValues(options)
	if err != nil {
		return nil, err
	}
	return &flight.GetSessionOptionsResult{SessionOptions: values}, nil
}
