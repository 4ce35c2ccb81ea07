package postgres

import (
	"encoding/binary"
	"io"
)

const (
	// inboxBytes is how much is read from a socket at once, and from where rows are decoded: it stays in the
	// second-level cache. pgproto3's own 8 KiB cost a system call per 50 rows.
	inboxBytes = 256 << 10
	// inboxLow is how much room there has to be for reading on behind rows that are not decoded yet.
	inboxLow = 32 << 10
	// messageHeader is a message's type and its length, which counts itself.
	messageHeader = 1 + 4
	// copySlack is how far a copy of a short value may read beyond it.
	copySlack = 32
)

// inbox stands between a connection and pgproto3, to which it gives no byte beyond the message that it has begun to read.
// So a reader of rows may take over between two messages, and hand back, and decodes rows where they were received.
type inbox struct {
	from io.Reader
	// buf begins with the length -1, see nullAt, and ends with copySlack bytes that are not read into.
	buf     []byte
	at, end int // what was received and not taken
	// rest is how many bytes of the message that pgproto3 reads are still to be given to it.
	rest int
	// err is what a reader of rows met, for the next Read.
	err error
	// mark is set while rows are streamed.
	mark lowWater
}

func newInbox(from io.Reader) *inbox {
	w := &inbox{from: from, buf: make([]byte, nullAt+inboxBytes+copySlack), at: nullAt, end: nullAt}
	copy(w.buf, "\xff\xff\xff\xff")
	return w
}

// Read gives the frontend at most the rest of one message.
func (w *inbox) Read(p []byte) (int, error) {
	w.mark.lower()
	if err := w.err; err != nil {
		w.err = nil
		return 0, err
	}
	if w.rest == 0 {
		for w.end-w.at < messageHeader {
			if err := w.fill(); err != nil {
				return 0, err
			}
		}
		w.rest = 1 + max(int(int32(binary.BigEndian.Uint32(w.buf[w.at+1:]))), 4) // the frontend refuses a smaller one
	}
	if w.at == w.end {
		if err := w.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p[:min(len(p), w.rest)], w.buf[w.at:w.end])
	w.at += n
	w.rest -= n
	return n, nil
}

// fill receives more. What was not taken may move: nobody may hold an offset.
func (w *inbox) fill() error {
	if w.at == w.end {
		w.at, w.end = nullAt, nullAt
	} else if w.room() < inboxLow {
		w.end = nullAt + copy(w.buf[nullAt:], w.buf[w.at:w.end])
		w.at = nullAt
	}
	return w.receive()
}

// room is how much can be received where the rest is.
func (w *inbox) room() int { return len(w.buf) - copySlack - w.end }

// stream is fill, or receive where nothing may move, for a reader of many rows: the system is asked to wake it for a good
// deal at once. An error is kept for the next Read.
func (w *inbox) stream(move bool) bool {
	w.mark.await()
	defer w.mark.arrived()
	if move {
		w.err = w.fill()
	} else {
		w.err = w.receive()
	}
	return w.err == nil
}

// receive reads on without moving anything.
func (w *inbox) receive() error {
	n, err := w.from.Read(w.buf[w.end : len(w.buf)-copySlack])
	w.end += n
	if n > 0 {
		return nil // an error comes again
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}
