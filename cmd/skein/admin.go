package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/skeinsql/skein"
	"github.com/skeinsql/skein/flightsql"
)

// admin answers health checks and metrics on an address of its own.
type admin struct {
	ready  atomic.Bool
	server *http.Server
	done   chan struct{}
}

// startAdmin listens on address; "" gives an admin that only remembers whether the server is ready.
func startAdmin(address string, db *skein.DB, srv *flightsql.Server, log *slog.Logger) (*admin, error) {
	a := &admin{done: make(chan struct{})}
	if address == "" {
		close(a.done)
		return a, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for health checks and metrics: %w", err)
	}
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	reg.MustRegister(engineMetrics(db)...)
	reg.MustRegister(srv.Collectors()...)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", a.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{}))
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	go func() {
		defer close(a.done)
		if err := a.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the admin listener ended", "error", err)
		}
	}()
	log.Info("health checks and metrics", "address", l.Addr().String())
	return a, nil
}

func (a *admin) readyz(w http.ResponseWriter, _ *http.Request) {
	if !a.ready.Load() {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ready")
}

func (a *admin) close(ctx context.Context) {
	if a.server != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = a.server.Shutdown(ctx)
	}
	<-a.done
}

// engineMetrics are gauges of what the engine does now.
func engineMetrics(db *skein.DB) []prometheus.Collector {
	e := db.Engine()
	gauge := func(name, help string, f func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "skein", Name: name, Help: help}, f)
	}
	out := []prometheus.Collector{
		gauge("statements_running", "Statements that run now.", func() float64 { return float64(e.Running()) }),
		gauge("operator_memory_bytes", "Memory that operators hold.", func() float64 { return float64(e.Memory().Used()) }),
	}
	for _, server := range e.Catalog().Servers() {
		out = append(out, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "skein", Name: "source_connections", Help: "Connections to a source that statements hold.",
			ConstLabels: prometheus.Labels{"server": server},
		}, func() float64 { return float64(e.Connections().InUse(server)) }))
	}
	return out
}
