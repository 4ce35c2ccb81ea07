package engine

// Engine runs statements over a catalog of sources. Safe for concurrent use.
type Engine struct{}

// Session is one client's settings and statements.
type Session struct{}

// Statement is a prepared statement.
type Statement struct{}
