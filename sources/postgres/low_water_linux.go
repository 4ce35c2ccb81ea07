package postgres

import "syscall"

// lowWaterWakes says that a reader is woken when the mark falls below what is there (tcp_set_rcvlowat).
const lowWaterWakes = true

// setLowWater sets the mark; it does nothing to a closed socket.
func setLowWater(c syscall.RawConn, n int) {
	_ = c.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, n) //nolint:gosec // a descriptor
	})
}
