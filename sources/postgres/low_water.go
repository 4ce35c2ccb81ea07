package postgres

import (
	"net"
	"syscall"
	"time"
)

const (
	// lowWaterBytes is how much a socket is to have before a reader of many rows is woken. The server sends 8 KiB at a
	// time, and to be woken for each costs as much as to decode its rows.
	lowWaterBytes = 64 << 10
	// lowWaterWait is how long less than that may lie in the socket: a busy server sends as much in half of it.
	lowWaterWait = time.Millisecond
	// lowWaterReads is how many times something must have come in time before the mark is raised.
	lowWaterReads = 16
)

// lowWater is the mark of a socket from which on a reader is woken. It is raised only where lowering it wakes the reader
// for what is there, so that the end of the rows is not waited for in vain: on Linux, for TCP.
type lowWater struct {
	socket syscall.RawConn // nil where there is no mark
	timer  *time.Timer
	late   chan struct{} // the timer's function ran
	reads  int           // since the mark was last too high
	raised bool
}

// use makes m the mark of a connection.
func (m *lowWater) use(c net.Conn) {
	if t, ok := c.(interface{ NetConn() net.Conn }); ok { // TLS
		c = t.NetConn()
	}
	if t, ok := c.(*net.TCPConn); ok && lowWaterWakes {
		m.socket, _ = t.SyscallConn() // nil for a closed connection
		m.late = make(chan struct{}, 1)
	}
}

// await comes before a read that may wait.
func (m *lowWater) await() {
	if m.socket == nil || m.reads < lowWaterReads {
		return
	}
	if !m.raised {
		m.raised = true
		setLowWater(m.socket, lowWaterBytes)
	}
	if m.timer == nil {
		m.timer = time.AfterFunc(lowWaterWait, func() {
			setLowWater(m.socket, 1)
			m.late <- struct{}{}
		})
	} else {
		m.timer.Reset(lowWaterWait)
	}
}

// arrived comes after it.
func (m *lowWater) arrived() {
	m.reads++
	if !m.raised || m.timer.Stop() {
		return
	}
	<-m.late
	m.raised, m.reads = false, 0
}

// lower comes before any other read.
func (m *lowWater) lower() {
	if m.raised {
		m.raised, m.reads = false, 0
		setLowWater(m.socket, 1)
	}
}
