package sources

import "context"

// Verifier is a Source that can say cheaply whether tables are still what was discovered, so that a statement is bound
// to what they are now. Begin verifies them once more, under the statement's lock.
type Verifier interface {
	// Verify gives the tables that are no longer what they were: their columns are others, or more, or they are gone.
	// It asks the server once and waits for no connection token: without a free one it gives none.
	Verify(ctx context.Context, tables []*Table) ([]*Table, error)
}
