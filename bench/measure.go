package main

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// sample is one execution: the time on the clock, the processor time of the process that did the work (0: unknown),
// and how many rows came out.
type sample struct {
	Wall, CPU time.Duration
	Rows      int64
}

// contender is one side of a comparison.
type contender struct {
	name string
	run  func(ctx context.Context) (sample, error)
}

// result compares Skein with a peer in one figure, of which less is better.
type result struct {
	Section string  `json:"section"`
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Peer    string  `json:"peer"`
	Skein   float64 `json:"skein"`
	Other   float64 `json:"peer_value"`
	Ratio   float64 `json:"ratio"`
	// Limit is what the ratio must not exceed; 0: it is reported alone.
	Limit float64 `json:"limit,omitempty"`
	// SkeinCPU and OtherCPU are processor seconds, CPURatio their ratio; 0: unknown.
	SkeinCPU float64 `json:"skein_cpu,omitempty"`
	OtherCPU float64 `json:"peer_cpu,omitempty"`
	CPURatio float64 `json:"cpu_ratio,omitempty"`
	// Rows is what each side gave; 0: it is not about rows.
	Rows int64 `json:"rows,omitempty"`
}

// compare runs both sides once to warm up, then in turns, who begins alternating too, and compares the medians. Both must
// give the same number of rows.
func compare(ctx context.Context, rounds int, name string, limit float64, ours, peer contender) (result, error) {
	var samples [2][]sample
	for round := range rounds + 1 {
		for i := range 2 {
			side := (i + round) % 2
			runtime.GC() // neither pays for what the other left
			s, err := []contender{ours, peer}[side].run(ctx)
			if err != nil {
				return result{}, fmt.Errorf("%s, %s: %w", name, []contender{ours, peer}[side].name, err)
			}
			if round > 0 {
				samples[side] = append(samples[side], s)
			}
		}
	}
	a, b := median(samples[0]), median(samples[1])
	if a.Rows != b.Rows {
		return result{}, fmt.Errorf("%s: %s gives %d rows, %s %d", name, ours.name, a.Rows, peer.name, b.Rows)
	}
	r := result{
		Name: name, Unit: "s", Peer: peer.name, Skein: a.Wall.Seconds(), Other: b.Wall.Seconds(), Limit: limit,
		SkeinCPU: a.CPU.Seconds(), OtherCPU: b.CPU.Seconds(), Rows: a.Rows,
	}
	r.Ratio, r.CPURatio = quotient(r.Skein, r.Other), quotient(r.SkeinCPU, r.OtherCPU)
	return r, nil
}

func quotient(a, b float64) float64 {
	if a == 0 || b == 0 {
		return 0
	}
	return a / b
}

// median takes the median of each figure by itself.
func median(samples []sample) sample {
	pick := func(of func(sample) int64) int64 {
		v := make([]int64, len(samples))
		for i, s := range samples {
			v[i] = of(s)
		}
		slices.Sort(v)
		return v[len(v)/2]
	}
	return sample{
		Wall: time.Duration(pick(func(s sample) int64 { return int64(s.Wall) })),
		CPU:  time.Duration(pick(func(s sample) int64 { return int64(s.CPU) })),
		Rows: pick(func(s sample) int64 { return s.Rows }),
	}
}

// timed measures f by the clock and by this process's processor time.
func timed(f func() (rows int64, err error)) (sample, error) {
	before, start := processorTime(), time.Now()
	rows, err := f()
	return sample{Wall: time.Since(start), CPU: processorTime() - before, Rows: rows}, err
}

// processorTime is what this process has used, user and system.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
