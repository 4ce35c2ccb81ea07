//go:build !race

package e2e

import "time"

// everyth is which of the generated statements run: all.
const everyth = 1

// endsWithin is how long what was cancelled may go on: a second, as promised.
const endsWithin = time.Second
