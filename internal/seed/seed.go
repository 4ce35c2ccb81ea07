// Package seed makes property tests draw the same values in every run of continuous integration, so that a change passes
// or fails by what it changes; by hand they draw new ones each time. Import it for effect in test packages that use rapid.
package seed

import (
	"flag"
	"os"

	_ "pgregory.net/rapid" // defines the flag
)

func init() {
	if os.Getenv("CI") == "" {
		return
	}
	if err := flag.Set("rapid.seed", "20241"); err != nil {
		panic("seed: " + err.Error())
	}
}
