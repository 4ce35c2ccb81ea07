package main

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// progressAfter is when a statement has taken long enough that one wants to know whether it moves.
const progressAfter = 2 * time.Second

// progress is a line on stderr that counts rows while a statement runs, if stderr is a terminal.
type progress struct {
	rows  atomic.Int64
	quit  chan struct{}
	ended chan struct{}
}

func startProgress(ctx context.Context, quiet bool) *progress {
	p := &progress{quit: make(chan struct{}), ended: make(chan struct{})}
	if quiet || !isTerminal(os.Stderr) {
		close(p.ended)
		return p
	}
	go p.run(ctx)
	return p
}

func (p *progress) run(ctx context.Context) {
	defer close(p.ended)
	start, shown := time.Now(), false
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if d := time.Since(start); d >= progressAfter {
				shown = true
				fmt.Fprintf(os.Stderr, "\r%s rows, %.1f s ", thousands(p.rows.Load()), d.Seconds())
			}
			continue
		case <-p.quit:
		case <-ctx.Done():
		}
		if shown {
			fmt.Fprint(os.Stderr, "\r\033[K")
		}
		return
	}
}

// stop removes the line.
func (p *progress) stop() {
	close(p.quit)
	<-p.ended
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// thousands writes a number with commas.
func thousands(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
