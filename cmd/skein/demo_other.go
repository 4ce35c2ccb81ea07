//go:build !unix

package main

import "errors"

// demoCmd is `skein demo`, which starts servers that this system has not.
type demoCmd struct{}

// Run says where the demo runs.
func (*demoCmd) Run() error {
	return errors.New("the demo starts a PostgreSQL and a Mongo-protocol server, which it can on Linux and macOS only: query your own sources by `skein query --source …`")
}
