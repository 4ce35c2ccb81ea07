//go:build !race

package differential_test

// everyth is which of the statements run: all.
const everyth = 1
