//go:build race

package differential_test

// everyth is which of the statements run: the race detector makes each some times slower.
const everyth = 8
