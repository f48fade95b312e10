package gateway

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"legroom/rooms"
	"legroom/sip"
)

// metrics are what Prometheus reads. Counters of calls are added up when a call ends, so that nothing is counted twice
// and nothing vanishes; gauges are looked up when they are asked for.
type metrics struct {
	registry *prometheus.Registry
	ended    prometheus.Counter
	received prometheus.Counter
	sent     prometheus.Counter
	lost     prometheus.Counter
	rejected prometheus.Counter
	jitter   prometheus.Histogram
	alarms   *prometheus.CounterVec
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Namespace: "legroom", Name: name, Help: help})
	}
	m := &metrics{
		registry: prometheus.NewRegistry(),
		ended:    counter("calls_ended_total", "Telephone calls that were answered and have ended."),
		received: counter("phone_received_packets_total", "RTP packets from telephones, of calls that have ended."),
		sent:     counter("phone_sent_packets_total", "RTP packets to telephones, of calls that have ended."),
		lost:     counter("phone_lost_packets_total", "RTP packets from telephones that never came, of calls that have ended."),
		rejected: counter("phone_rejected_packets_total", "RTP packets that were malformed, not authentic or in no agreed format."),
		jitter: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "legroom", Name: "phone_jitter_seconds", Help: "Jitter of telephones at the end of their call (RFC 3550).",
			Buckets: jitterBuckets(),
		}),
		alarms: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: "legroom", Name: "guessing_alarms_total", Help: "Budgets of wrong PINs and links that were spent.",
		}, []string{"kind"}),
	}
	m.registry.MustRegister(m.ended, m.received, m.sent, m.lost, m.rejected, m.jitter, m.alarms,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// callEnded adds up a call.
func (m *metrics) callEnded(s sip.LegStats) {
	m.ended.Inc()
	m.received.Add(float64(s.PacketsIn))
	m.sent.Add(float64(s.PacketsOut))
	m.lost.Add(float64(max(s.Lost, 0)))
	m.rejected.Add(float64(s.Rejected))
	if s.PacketsIn > 0 {
		m.jitter.Observe(s.Jitter.Seconds())
	}
}

func (m *metrics) alarm(kind string) { m.alarms.WithLabelValues(kind).Inc() }

// handler writes them in the format of Prometheus.
func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// now reads what the gateway is like at this moment.
type now struct {
	calls, rooms, modes, legs, refused, encodes *prometheus.Desc
	received, lost, jitter                      *prometheus.Desc

	ledger   *ledger
	seats    *seats
	registry *rooms.Registry
}

func newNow(l *ledger, s *seats, r *rooms.Registry) *now {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("legroom_"+name, help, labels, nil)
	}
	return &now{
		calls: desc("calls", "Telephone calls now."),
		rooms: desc("rooms", "Rooms now."),
		modes: desc("rooms_by_mode", "Rooms now, by what they promise: open, mixed or sealed.", "mode"),
		legs: desc("legs", "Participants now. granted: let into an encrypted room by a grant of its hosts.",
			"kind", "state", "security", "mode", "granted"),
		refused:  desc("calls_refused_total", "Refused calls by SIP status and rule; status 200 were told by voice.", "status", "rule"),
		encodes:  desc("encodes_total", "Packets of sound that were encoded, for all who share a mix, for one leg, or for a track.", "codec", "use"),
		received: desc("phone_live_received_packets", "RTP packets from telephones, of calls now."),
		lost:     desc("phone_live_lost_packets", "RTP packets from telephones that have not come, of calls now."),
		jitter:   desc("phone_live_jitter_seconds", "Jitter of the telephones that are on a call now (RFC 3550)."),
		ledger:   l, seats: s, registry: r,
	}
}

// Describe lists the metrics.
func (n *now) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{n.calls, n.rooms, n.modes, n.legs, n.refused, n.encodes, n.received, n.lost, n.jitter} {
		out <- d
	}
}

// Collect reads them.
func (n *now) Collect(out chan<- prometheus.Metric) {
	out <- prometheus.MustNewConstMetric(n.calls, prometheus.GaugeValue, float64(n.seats.count()))
	all := n.registry.Rooms()
	out <- prometheus.MustNewConstMetric(n.rooms, prometheus.GaugeValue, float64(len(all)))
	modes, legs := map[string]int{}, map[[5]string]int{}
	for _, r := range all {
		mode := r.Policy().Mode.String()
		modes[mode]++
		for _, p := range r.Snapshot().Participants {
			granted := strconv.FormatBool(p.Sender != nil && p.Sender.Grant != 0)
			legs[[5]string{p.Kind.String(), p.State.String(), p.Security.String(), mode, granted}]++
		}
	}
	for mode, count := range modes {
		out <- prometheus.MustNewConstMetric(n.modes, prometheus.GaugeValue, float64(count), mode)
	}
	for key, count := range legs {
		out <- prometheus.MustNewConstMetric(n.legs, prometheus.GaugeValue, float64(count), key[:]...)
	}
	for kind, count := range n.ledger.refusals() {
		out <- prometheus.MustNewConstMetric(n.refused, prometheus.CounterValue, float64(count), strconv.Itoa(kind.status), kind.rule)
	}
	for _, e := range n.registry.Encodes() {
		out <- prometheus.MustNewConstMetric(n.encodes, prometheus.CounterValue, float64(e.Packets), string(e.Codec), e.Use.String())
	}
	n.collectLegs(out)
}

// collectLegs adds up the telephones that are on a call: one number for all, not one for each.
func (n *now) collectLegs(out chan<- prometheus.Metric) {
	var received, lost, sum float64
	var count uint64
	buckets := make(map[float64]uint64)
	for _, le := range jitterBuckets() {
		buckets[le] = 0
	}
	for _, s := range n.ledger.legs() {
		if s.PacketsIn == 0 {
			continue
		}
		received += float64(s.PacketsIn)
		lost += float64(max(s.Lost, 0))
		count++
		sum += s.Jitter.Seconds()
		for le := range buckets {
			if s.Jitter.Seconds() <= le {
				buckets[le]++
			}
		}
	}
	out <- prometheus.MustNewConstMetric(n.received, prometheus.GaugeValue, received)
	out <- prometheus.MustNewConstMetric(n.lost, prometheus.GaugeValue, lost)
	out <- prometheus.MustNewConstHistogram(n.jitter, count, sum, buckets)
}

// jitterBuckets are upper bounds, s.
func jitterBuckets() []float64 { return []float64{.001, .002, .005, .01, .02, .05, .1, .2} }

var _ prometheus.Collector = (*now)(nil)
