package gateway

import (
	"github.com/prometheus/client_golang/prometheus"

	"legroom/gateway/meeting"
	"legroom/peer"
)

// meetingMetrics read encrypted meetings as they are at this moment, and what was kept out of them.
type meetingMetrics struct {
	running, members, grants, logs, commits, refused, sound *prometheus.Desc

	meetings *meeting.Meetings
	browsers *peer.Engine
}

func newMeetingMetrics(m *meeting.Meetings, e *peer.Engine) *meetingMetrics {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("legroom_"+name, help, labels, nil)
	}
	return &meetingMetrics{
		running: desc("meetings", "Meetings of encrypted rooms now: groups of browsers."),
		members: desc("meeting_members", "Browsers on leaves of those groups now."),
		grants:  desc("meeting_grants", "Grants in force in those groups now: each lets a gateway hear."),
		logs:    desc("meeting_log_bytes", "Logs of those meetings now. One that reaches 256 MiB lets nobody in any more."),
		commits: desc("meeting_commits_total", "Commits that won their epoch."),
		refused: desc("meeting_commits_refused_total", "Commits that were refused, by why: lost is another's that came first, logFull a log or disk that is full.", "reason"),
		sound: desc("browser_sound_kept_out_packets_total",
			"RTP packets of sound from browsers that encrypted rooms did not take. dropped: padding, or sent before there was a leaf; alarm: of somebody else.", "verdict"),
		meetings: m, browsers: e,
	}
}

// Describe lists the metrics.
func (m *meetingMetrics) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{m.running, m.members, m.grants, m.logs, m.commits, m.refused, m.sound} {
		out <- d
	}
}

// Collect reads them.
func (m *meetingMetrics) Collect(out chan<- prometheus.Metric) {
	s := m.meetings.Stats()
	for desc, value := range map[*prometheus.Desc]float64{
		m.running: float64(s.Running), m.members: float64(s.Members), m.grants: float64(s.Grants), m.logs: float64(s.LogBytes),
	} {
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value)
	}
	out <- prometheus.MustNewConstMetric(m.commits, prometheus.CounterValue, float64(s.Taken))
	for reason, n := range s.Refused {
		out <- prometheus.MustNewConstMetric(m.refused, prometheus.CounterValue, float64(n), reason)
	}
	dropped, alarmed := m.browsers.KeptOut()
	out <- prometheus.MustNewConstMetric(m.sound, prometheus.CounterValue, float64(dropped), "dropped")
	out <- prometheus.MustNewConstMetric(m.sound, prometheus.CounterValue, float64(alarmed), "alarm")
}

var _ prometheus.Collector = (*meetingMetrics)(nil)
