//go:build race

package e2e

import "time"

// everyth is which of the generated statements run: the race detector makes each some times slower.
const everyth = 4

// endsWithin is how long what was cancelled may go on: the second that is promised, and what the race detector and other
// packages' tests take from it.
const endsWithin = 6 * time.Second
