package flightsql

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"
)

type metrics struct {
	calls    *prometheus.CounterVec
	errors   *prometheus.CounterVec
	inFlight *prometheus.GaugeVec
	seconds  *prometheus.HistogramVec
	bytes    prometheus.Counter
	rows     prometheus.Counter
	stalled  prometheus.Counter
}

func newMetrics() *metrics {
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "skein", Subsystem: "flight", Name: name, Help: help}
	}
	return &metrics{
		calls:    prometheus.NewCounterVec(prometheus.CounterOpts(opts("calls_total", "Finished RPCs by method and gRPC code.")), []string{"method", "code"}),
		errors:   prometheus.NewCounterVec(prometheus.CounterOpts(opts("errors_total", "Failed RPCs by SQLSTATE.")), []string{"sqlstate"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts(opts("calls_in_flight", "RPCs in progress by method; DoGet are the result streams.")), []string{"method"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "skein", Subsystem: "flight", Name: "call_seconds", Help: "Duration of RPCs by method, streams included.",
			Buckets: prometheus.ExponentialBuckets(.0005, 4, 10),
		}, []string{"method"}),
		bytes:   prometheus.NewCounter(prometheus.CounterOpts(opts("sent_bytes_total", "Encoded bytes of results given to the transport."))),
		rows:    prometheus.NewCounter(prometheus.CounterOpts(opts("sent_rows_total", "Rows of results given to the transport."))),
		stalled: prometheus.NewCounter(prometheus.CounterOpts(opts("stalled_total", "Streams ended because the client took nothing for too long."))),
	}
}

func (m *metrics) done(c *call, code codes.Code, state string, took time.Duration) {
	m.calls.WithLabelValues(c.method, code.String()).Inc()
	m.seconds.WithLabelValues(c.method).Observe(took.Seconds())
	if state != "" {
		m.errors.WithLabelValues(state).Inc()
	}
}

// Collectors are the server's metrics, to be registered where they are served.
func (s *Server) Collectors() []prometheus.Collector {
	m := s.metrics
	return []prometheus.Collector{m.calls, m.errors, m.inFlight, m.seconds, m.bytes, m.rows, m.stalled}
}
