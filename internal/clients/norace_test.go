//go:build !race

package clients_test

// raceFlag makes `go build` use what this test was built from.
var raceFlag []string
