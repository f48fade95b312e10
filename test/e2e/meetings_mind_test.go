//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"legroom/test/e2e/crowd"
)

const (
	// patience is how long it may take until all are of one mind, on a machine that is busy.
	patience = 30 * time.Second
	// absence is how long whoever vanished without a word stays in the group.
	absence = time.Minute
	// tail is for how long somebody may be heard and seen who has gone: what is under way, and two looks of a page.
	tail = 3000
	// turnover is for how long the sound of a place may be that of who had it before, ms.
	turnover = 1000
)

// settle does what people do when somebody comes, calls or asks, until all who are in show one group, one epoch and each
// other, hear who speaks and see who has a camera; and requires that it does not take long.
func (m *meetings) settle(what string) {
	m.t.Helper()
	patience := patience
	if m.vanished {
		patience, m.vanished = patience+absence, false
	}
	began := time.Now()
	var since int64
	for {
		looks := m.looks()
		fault := m.people(looks)
		if fault == "" {
			if since == 0 {
				since = m.now()
			}
			if fault = m.media(looks, since); fault == "" {
				fault = m.group()
			}
		} else {
			since = 0
		}
		m.never(what, looks)
		if fault == "" {
			break
		}
		if time.Since(began) > patience {
			m.t.Errorf("%s: %s: after %v %s\n%s%s", m.where(), what, patience, fault, m.picture(looks), m.messages())
			if m.stuck++; m.stuck == 3 {
				m.t.FailNow()
			}
			return
		}
		m.attend(looks)
		<-time.After(150 * time.Millisecond)
	}
	took := time.Since(began)
	m.took = append(m.took, took)
	m.t.Logf("%s: %s: %v", m.where(), what, took.Round(10*time.Millisecond))
}

func (m *meetings) looks() map[*guest]crowd.Look {
	looks := map[*guest]crowd.Look{}
	for _, g := range m.guests {
		looks[g] = g.Look()
	}
	return looks
}

// attend is what people do who sit before their pages.
func (m *meetings) attend(looks map[*guest]crowd.Look) {
	for _, g := range m.guests {
		l := looks[g]
		switch {
		case g.in && g.away:
			g.Goto(m.linkOf(g))
			g.away, g.camera = false, true
		case g.in && l.Screen == "green-room":
			g.Speak(g.volume())
			g.Press("join")
		case g.in && (l.Screen == "ended" || l.Screen == "encryption-fault"):
			if g.was {
				m.wrong("", looks, "%s was put out: %s\n%s", g, l.Why, m.why())
			}
			g.was = false
			m.t.Logf("%s: %s tries again after %s %s", m.where(), g, l.Screen, l.Why)
			g.Press("again")
		case l.Screen == "room" && slices.Contains(l.Hosts, g.Name):
			m.receive(g, l)
		}
	}
}

// receive is what a host does for those at the door.
func (m *meetings) receive(host *guest, l crowd.Look) {
	for _, g := range m.guests {
		if g.in && slices.Contains(l.Cards, g.Name) {
			host.Admit(g.Name)
		}
	}
	if l.Asks > 0 && slices.ContainsFunc(m.callers, func(c *caller) bool { return c.in }) {
		host.Press("ask-allow")
	}
}

// people says who does not show whom they ought to.
func (m *meetings) people(looks map[*guest]crowd.Look) string {
	var want []string
	mark := "SEALED"
	for _, g := range m.every(inside) {
		want = append(want, g.Name)
	}
	for _, c := range m.callers {
		if c.in {
			want = append(want, c.name)
			mark = "AUDIO OPEN"
		}
	}
	slices.Sort(want)
	for _, g := range m.guests {
		l := looks[g]
		if !g.in {
			if !g.away && l.Screen != "ended" && l.Screen != "green-room" {
				return fmt.Sprintf("%s ought to be out and shows %q", g, l.Screen)
			}
			continue
		}
		slices.Sort(l.Tiles)
		if l.Screen != "room" || l.Mark != mark || l.Media != "connected" || l.Unreadable > 0 || !slices.Equal(l.Tiles, want) {
			return fmt.Sprintf("%s shows %s %s, mark %q, media %q, %d unreadable, people %v, not %v with mark %q", g, l.Screen, l.Why, l.Mark, l.Media, l.Unreadable, l.Tiles, want, mark)
		}
	}
	return ""
}

// media says who does not hear or see whom they ought to.
func (m *meetings) media(looks map[*guest]crowd.Look, since int64) string {
	for _, g := range m.every(inside) {
		l := looks[g]
		for _, o := range m.guests {
			if o == g || !o.in {
				continue
			}
			if o.loud && l.Heard[o.Name] < since {
				return fmt.Sprintf("%s does not hear %s", g, o)
			}
			if o.camera && l.Seen[o.Name] < since {
				return fmt.Sprintf("%s does not see %s", g, o)
			}
		}
		for _, c := range m.callers {
			if c.in && l.Heard[c.name] < since {
				return fmt.Sprintf("%s does not hear %s", g, c.name)
			}
		}
	}
	for _, c := range m.callers {
		if c.in {
			if fault := m.line(c); fault != "" {
				return fault
			}
		}
	}
	return ""
}

// line says what is wrong with the last half second that a telephone heard.
func (m *meetings) line(c *caller) string {
	all, rate := c.Heard()
	if rate == 0 || len(all) < rate/2 {
		return c.name + " hears nothing yet"
	}
	half := all[len(all)-rate/2:]
	for _, p := range m.crowd.People {
		speaks := slices.ContainsFunc(m.guests, func(g *guest) bool { return g.Name == p.Name && g.in && g.loud }) ||
			slices.ContainsFunc(m.callers, func(o *caller) bool { return o.name == p.Name && o != c && o.in })
		if s := share(half, rate, p.Tone); (s > 0.05) != speaks {
			return fmt.Sprintf("%s hears %s at %s, who speaks: %t", c.name, p.Name, decibels(s), speaks)
		}
	}
	return ""
}

// group says whether those who are in are in different groups or epochs, by the codes that people compare. Making one is
// half a second of work, so it is not done each time: whoever sees a picture has its key anyway.
func (m *meetings) group() string {
	if m.steps%4 != 0 {
		return ""
	}
	var first crowd.Code
	var fault string
	for i, g := range m.every(inside) {
		code := g.Code()
		switch {
		case code.Epoch < 0:
			fault = fmt.Sprintf("%s has no code yet", g)
		case i == 0:
			first = code
		case code != first && first.Epoch >= 0:
			fault = fmt.Sprintf("%s is in epoch %d %s, %s in %d %s", g, code.Epoch, code.Code, m.every(inside)[0], first.Epoch, first.Code)
		}
	}
	if fault != "" {
		return fault
	}
	for _, g := range m.every(inside) {
		g.Press("close")
	}
	return ""
}

// never requires what is so at all times.
func (m *meetings) never(what string, looks map[*guest]crowd.Look) {
	m.t.Helper()
	for g, l := range looks {
		for _, s := range l.Said {
			if s.ID != "strip-sealing" && s.ID != "strip-open" && s.ID != "strip-lines" {
				m.t.Logf("%s: %s: %s is told: %s: %s", m.where(), what, g, s.ID, s.Words)
			}
			if (s.ID == "strip-broken" && time.Since(g.died) > patience) || s.ID == "strip-cut" || s.ID == "strip-failure" || strings.HasPrefix(s.ID, "strip-overstepped") {
				m.wrong(what, looks, "%s shows %s", g, s.ID)
			}
		}
		// A worker that does not start in time, on a machine that is too busy, is started again. One that dies is not.
		if (l.Mark == "BROKEN" && time.Since(g.died) > patience) || (l.Screen == "encryption-fault" && (l.Why != "worker" || g.was)) {
			m.wrong(what, looks, "%s shows %s %s %s", g, l.Screen, l.Why, l.Mark)
		}
		g.was = l.Screen == "room" || (g.was && l.Screen != "green-room")
		for _, w := range l.Wrong {
			// A sound that breaks off, as it does where packets are late, has for one look something of every tone in it.
			if w.Kind == "picture" || w.Since > turnover && w.To > w.From {
				m.wrong(what, looks, "at %s the %s named %q is %s, last %d ms after it was named, for %d ms until %s", g, w.Kind, w.Shown, w.Got, w.Since, w.To-w.From,
					time.UnixMilli(w.To).Format("04:05.000"))
			}
		}
		for _, o := range m.guests {
			if last := max(l.Heard[o.Name], l.Seen[o.Name]); !o.in && g != o && last > o.left+tail {
				m.wrong(what, looks, "%s hears or sees %s %d ms after they have gone", g, o, last-o.left)
			}
		}
		for _, c := range m.callers {
			if !c.in && l.Heard[c.name] > c.left+tail {
				m.wrong(what, looks, "%s hears %s %d ms after it has hung up", g, c.name, l.Heard[c.name]-c.left)
			}
		}
	}
}

// wrong tells each fault once.
func (m *meetings) wrong(what string, looks map[*guest]crowd.Look, format string, values ...any) {
	m.t.Helper()
	fault := fmt.Sprintf(format, values...)
	if !m.told[fault] {
		m.told[fault] = true
		m.t.Errorf("%s: %s: %s\n%s%s", m.where(), what, fault, m.picture(looks), m.messages())
	}
}

// picture is what every page shows, for whoever reads a failure.
func (m *meetings) picture(looks map[*guest]crowd.Look) string {
	var b strings.Builder
	for _, g := range m.guests {
		l := looks[g]
		fmt.Fprintf(&b, "%s in=%t loud=%t camera=%t: %s %s mark %q media %q people %v hosts %v cards %v asks %d unreadable %d\n", g, g.in, g.loud, g.camera,
			l.Screen, l.Why, l.Mark, l.Media, l.Tiles, l.Hosts, l.Cards, l.Asks, l.Unreadable)
	}
	return b.String()
}

// why is what the gateway says of those who left it last.
func (m *meetings) why() string {
	var last []string
	for line := range strings.Lines(m.gateway.Output()) {
		if strings.Contains(line, "left") || strings.Contains(line, "level=WARN") || strings.Contains(line, "leg closed") {
			last = append(last, line)
		}
	}
	return strings.Join(last[max(0, len(last)-12):], "")
}

// messages are the last between each page and the gateway, and its console.
func (m *meetings) messages() string {
	var b strings.Builder
	for _, g := range m.guests {
		if !g.away {
			fmt.Fprintf(&b, "%s:\n    %s\n", g, strings.Join(append(g.Messages(), g.Console()...), "\n    "))
		}
	}
	return b.String()
}
