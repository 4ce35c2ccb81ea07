package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/skeinsql/skein/internal/fixture"
)

var peerRequirements = []string{
	"duckdb==2.0.0", "pyarrow==26.0.1", "adbc-driver-manager==1.13.0", "adbc-driver-flightsql==1.13.0",
}

//go:embed peer.py
var peerProgram string

// peer is a Python process that runs DuckDB, Flight clients or a C++ Flight server on request, and measures itself.
type peer struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
}

// request asks a peer for one thing; see peer.py.
type request struct {
	Do      string `json:"do"`
	Folder  string `json:"folder,omitempty"`
	File    string `json:"file,omitempty"`
	Threads int    `json:"threads,omitempty"`
	SQL     string `json:"sql,omitempty"`
	URL     string `json:"url,omitempty"`
	Rows    int    `json:"rows,omitempty"`
}

type reply struct {
	Wall  float64 `json:"wall"`
	CPU   float64 `json:"cpu"`
	Rows  int64   `json:"rows"`
	URL   string  `json:"url"`
	Error string  `json:"error"`
}

func startPeer(ctx context.Context) (*peer, error) {
	python, err := fixture.Python(ctx, peerRequirements...)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, python, "-c", peerProgram)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the peers' Python: %w", err)
	}
	return &peer{cmd, in, bufio.NewScanner(out)}, nil
}

// stop ends the process, which ends at the end of its input.
func (p *peer) stop() error {
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

func (p *peer) ask(r request) (reply, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return reply{}, err
	}
	if _, err := p.in.Write(append(line, '\n')); err != nil {
		return reply{}, fmt.Errorf("asking a peer: %w", err)
	}
	if !p.out.Scan() {
		return reply{}, fmt.Errorf("a peer ended while it was asked to %s: %w", r.Do, errors.Join(p.out.Err(), io.ErrUnexpectedEOF))
	}
	var a reply
	if err := json.Unmarshal(p.out.Bytes(), &a); err != nil {
		return reply{}, fmt.Errorf("reading a peer's answer: %w", err)
	}
	if a.Error != "" {
		return reply{}, fmt.Errorf("a peer failed to %s: %s", r.Do, a.Error)
	}
	return a, nil
}

func (p *peer) sample(r request) (sample, error) {
	a, err := p.ask(r)
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	return sample{Wall: seconds(a.Wall), CPU: seconds(a.CPU), Rows: a.Rows}, err
}

// duckdb is DuckDB in the peer, whose answer is fetched into an Arrow table.
func (p *peer) duckdb(sql string) contender {
	return contender{"DuckDB 2.0", func(context.Context) (sample, error) {
		return p.sample(request{Do: "duckdb", SQL: sql})
	}}
}
