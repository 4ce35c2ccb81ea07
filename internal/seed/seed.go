// Package seed makes property tests draw the same values in every run of continuous integration, so that a change passes
// or fails by what it changes; by hand they draw new ones each time. Import it for effect in test packages that use rapid.
package seed

import (
	"flag"
	"math/rand/v2"
	"os"
	"strconv"

	_ "pgregory.net/rapid" // defines the flag
)

func init() {
	if os.Getenv("CI") == "" {
		return
	}
	if err := flag.Set("rapid.seed", strconv.Itoa(Fixed)); err != nil {
		panic("seed: " + err.Error())
	}
}

// Fixed is the seed of runs in continuous integration.
const Fixed = 20241

// Value is a seed for generators that do not use rapid: the fixed one where CI is set, else another in every run.
func Value() uint64 {
	if os.Getenv("CI") != "" {
		return Fixed
	}
	return rand.Uint64()
}
