//go:build !race

package e2e

// everyth is which of the generated statements run: all.
const everyth = 1
