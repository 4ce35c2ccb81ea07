// Package e2e tests the whole engine over real servers: TPC-H, composed, random and hostile statements against
// PostgreSQL's own answers; errors, cancellation, snapshots, budgets and memory through Flight SQL clients. It holds
// tests only.
package e2e
