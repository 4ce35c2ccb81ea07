//go:build !linux

package postgres

import "syscall"

const lowWaterWakes = false

func setLowWater(syscall.RawConn, int) {}
