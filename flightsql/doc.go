// Package flightsql is the engine's door for Arrow Flight SQL clients: it decodes commands, carries identity and
// session, seals tickets and prepared handles, describes results, streams them and turns errors into gRPC statuses.
// It knows nothing of operators or of any kind of source.
//
// # A statement's way
//
// GetFlightInfo prepares the statement in the caller's session and answers with a schema and one sealed ticket; nothing
// runs and nothing is kept. DoGet opens the ticket, on this server or on any other that has the same key, and runs
// the statement. A statement that has effects and returns no rows runs in GetFlightInfo itself, because clients that
// send SET or DDL through the query path need not fetch; its ticket then stands for an empty result. One that has
// effects and returns rows runs at its first fetch; a second fetch is refused.
//
// # Sessions
//
// A call without a session gets one offered, as bearer (authorization) and cookie in its response headers. A session
// costs the server nothing until a call changes it: up to then the sealed token is all there is of it, and every call
// runs in an engine's session of its own. A session that was changed lives on one server. A token of a session that has
// ended, or of another server, is refused as Unauthenticated; nothing is made anew under an old token. Replicas behind
// one address therefore need clients to stay with one of them; tickets and prepared handles do not.
package flightsql
