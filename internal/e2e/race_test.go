//go:build race

package e2e

// everyth is which of the generated statements run: the race detector makes each some times slower.
const everyth = 4
