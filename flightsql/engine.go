package flightsql

import (
	"context"

	"github.com/skeinsql/skein/engine"
)

// Engine is what the server needs of the engine. [Adapt] makes one of *engine.Engine. Safe for concurrent use.
type Engine interface {
	// NewSession opens a session that ends by Close or by the engine's idle timeout.
	NewSession(id engine.Identity) (Session, error)
	// Session finds an open session; unknown and ended ones are errors.
	Session(id string) (Session, error)
	// Cancel ends a query of the identity that is being planned or runs; false when there is none of that id.
	Cancel(id engine.Identity, queryID string) bool
}

// Session is engine.SessionAPI and engine.Metadata, with statements as an interface. Safe for concurrent use.
type Session interface {
	engine.Metadata
	sessionSettings
	Prepare(ctx context.Context, sql string) (engine.StatementAPI, error)
}

type sessionSettings interface {
	ID() string
	Identity() engine.Identity
	Set(name, value string) error
	Get(name string) (string, error)
	Reset(name string) error
	Settings() map[string]string
	Close() error
}

// EngineSession is a session whose statements have the concrete type T.
type EngineSession[T engine.StatementAPI] interface {
	engine.Metadata
	sessionSettings
	Prepare(ctx context.Context, sql string) (T, error)
}

// EngineOf is an engine whose sessions have the concrete type S.
type EngineOf[S any] interface {
	NewSession(id engine.Identity) (S, error)
	Session(id string) (S, error)
	Cancel(id engine.Identity, queryID string) bool
}

// Adapt gives an engine with concrete sessions and statements (*engine.Engine) as an [Engine].
func Adapt[S EngineSession[T], T engine.StatementAPI](e EngineOf[S]) Engine {
	return adapted[S, T]{e}
}

type adapted[S EngineSession[T], T engine.StatementAPI] struct{ engine EngineOf[S] }

func (a adapted[S, T]) NewSession(id engine.Identity) (Session, error) {
	return adaptSession[S, T](a.engine.NewSession(id))
}

func (a adapted[S, T]) Session(id string) (Session, error) {
	return adaptSession[S, T](a.engine.Session(id))
}

func (a adapted[S, T]) Cancel(id engine.Identity, queryID string) bool {
	return a.engine.Cancel(id, queryID)
}

func adaptSession[S EngineSession[T], T engine.StatementAPI](s S, err error) (Session, error) {
	if err != nil {
		return nil, err
	}
	return adaptedSession[S, T]{s, s, s}, nil
}

type adaptedSession[S EngineSession[T], T engine.StatementAPI] struct {
	engine.Metadata
	sessionSettings
	session S
}

func (a adaptedSession[S, T]) Prepare(ctx context.Context, sql string) (engine.StatementAPI, error) {
	st, err := a.session.Prepare(ctx, sql)
	if err != nil {
		return nil, err
	}
	return st, nil
}
