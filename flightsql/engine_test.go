package flightsql

import "github.com/skeinsql/skein/engine"

// The engine itself fits.
var _ = func(e *engine.Engine) Engine { return Adapt(e) }
