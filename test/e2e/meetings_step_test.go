//go:build e2e

package e2e

import (
	"slices"
	"strings"
	"time"
)

// deed is something that somebody may do, and how often they do it.
type deed struct {
	name  string
	often int
	// do does it, where it can be done now, and tells who did.
	do func(m *meetings) string
}

var deeds = []deed{
	{"comes", 6, func(m *meetings) string {
		return m.one(func(g *guest) bool { return !g.in }, func(g *guest) { g.in = true })
	}},
	{"leaves", 2, func(m *meetings) string { return m.one(m.dispensable, m.leave) }},
	{"vanishes", 2, func(m *meetings) string {
		return m.one(m.dispensable, func(g *guest) {
			g.Goto("about:blank")
			m.out(g)
			g.away, m.vanished = true, true
		})
	}},
	{"reloads", 5, func(m *meetings) string {
		return m.one(inside, func(g *guest) {
			g.Reload()
			g.camera = true
		})
	}},
	{"is put out", 2, func(m *meetings) string { return m.one(m.guestly, m.remove) }},
	{"is made a host", 1, func(m *meetings) string { return m.one(m.guestly, m.promote) }},
	{"calls", 4, func(m *meetings) string { return m.phone(func(c *caller) bool { return !c.calls }, m.dial) }},
	{"hangs up", 3, func(m *meetings) string { return m.phone(func(c *caller) bool { return c.in }, m.hangup) }},
	{"has telephones shut out", 1, (*meetings).revoke},
	{"turns the camera", 2, func(m *meetings) string {
		return m.one(inside, func(g *guest) {
			if g.Press("camera") {
				g.camera = !g.camera
			}
		})
	}},
	{"loses the connection", 2, func(m *meetings) string {
		return m.one(inside, func(g *guest) {
			g.Offline(true)
			<-time.After(time.Duration(500+m.random.IntN(3000)) * time.Millisecond)
			g.Offline(false)
		})
	}},
	{"loses the keys", 1, func(m *meetings) string {
		return m.one(func(g *guest) bool { return g.in && time.Since(g.died) > twice }, func(g *guest) {
			g.Kill()
			g.died = time.Now()
		})
	}},
	{"takes the word", 4, func(m *meetings) string { return m.talk() }},
}

// step is one to three deeds at once; then all have to be of one mind again. Now and then the door is locked.
func (m *meetings) step() {
	var what []string
	if m.random.IntN(20) == 0 {
		what = append(what, m.lock()+" locks and opens the door")
	}
	for _, c := range m.callers {
		if c.in && time.Since(c.since) > longest {
			m.hangup(c)
			what = append(what, c.name+" hangs up")
		}
	}
	for range 1 + m.random.IntN(3) {
		d := m.draw()
		if who := d.do(m); who != "" {
			what = append(what, who+" "+d.name)
		}
	}
	if len(what) > 0 {
		m.steps++
		m.settle(strings.Join(what, ", "))
	}
}

func (m *meetings) draw() deed {
	all := 0
	for _, d := range deeds {
		all += d.often
	}
	n := m.random.IntN(all)
	for _, d := range deeds {
		if n -= d.often; n < 0 {
			return d
		}
	}
	panic("not reached")
}

// one does something to one of those who are so.
func (m *meetings) one(so func(*guest) bool, do func(*guest)) string {
	all := m.every(so)
	if len(all) == 0 {
		return ""
	}
	g := all[m.random.IntN(len(all))]
	do(g)
	return g.Name
}

func (m *meetings) phone(so func(*caller) bool, do func(*caller)) string {
	all := slices.DeleteFunc(slices.Clone(m.callers), func(c *caller) bool { return !so(c) })
	if len(all) == 0 {
		return ""
	}
	c := all[m.random.IntN(len(all))]
	do(c)
	return c.name
}

func inside(g *guest) bool { return g.in }

// hosts are those who are so by what some page shows.
func (m *meetings) hosts() []*guest {
	for _, g := range m.every(inside) {
		if l := g.Look(); len(l.Hosts) > 0 {
			return m.every(func(g *guest) bool { return g.in && slices.Contains(l.Hosts, g.Name) })
		}
	}
	return nil
}

// guestly tells that somebody is in, and no host.
func (m *meetings) guestly(g *guest) bool { return g.in && !slices.Contains(m.hosts(), g) }

// dispensable tells that somebody is in and others can go on without: three stay, and a host.
func (m *meetings) dispensable(g *guest) bool {
	hosts := m.hosts()
	return g.in && len(m.every(inside)) > 3 && (len(hosts) > 1 || !slices.Contains(hosts, g))
}

func (m *meetings) leave(g *guest) {
	g.Press("leave")
	m.out(g)
}

// out notes that somebody is not to be heard or seen from now on.
func (m *meetings) out(g *guest) { g.in, g.loud, g.was, g.left = false, false, false, m.now() }

// host is one of those in the room.
func (m *meetings) host() *guest {
	hosts := m.hosts()
	if len(hosts) == 0 {
		m.t.Fatalf("%s: no page shows a host", m.where())
	}
	return hosts[m.random.IntN(len(hosts))]
}

// remove has a host put somebody out.
func (m *meetings) remove(g *guest) {
	host := m.host()
	if m.insist(func() bool { return host.Act(g.Name, "remove") }) && m.insist(func() bool { return host.Press("confirm-remove") }) {
		m.out(g)
	}
}

func (m *meetings) promote(g *guest) {
	host := m.host()
	m.insist(func() bool { return host.Act(g.Name, "make-host") })
}

// insist tries for a second: a button needs another one to be there first.
func (m *meetings) insist(try func() bool) bool {
	for range 20 {
		if try() {
			return true
		}
		<-time.After(50 * time.Millisecond)
	}
	return false
}

// dial has a telephone come to the door. There it hears nothing of the room.
func (m *meetings) dial(c *caller) {
	before := c.Recordings()
	c.Dial(m.gateway.URI("2001", c.transport()))
	<-time.After(1500 * time.Millisecond)
	if c.Recordings() == before {
		m.t.Errorf("%s: %s hears nothing, not even silence", m.where(), c.name)
	}
	all, rate := c.Heard()
	for stretch := range slices.Chunk(all, max(rate/5, 1)) {
		for _, p := range m.crowd.People { // words are said to it, and they are no tones
			if level(stretch) > faintest && share(stretch, rate, p.Tone) > 0.5 {
				m.t.Errorf("%s: %s hears %s before it is let in", m.where(), c.name, p.Name)
			}
		}
	}
	c.calls, c.in, c.since = true, true, time.Now()
}

const (
	// twice is when a worker may die again: a page whose worker dies twice within a minute gives it up.
	twice = 2 * time.Minute
	// faintest is what is heard, dBFS; below it is what a decoder makes of silence.
	faintest = -60
	// longest is for how long a call stands at the most: all that a telephone has heard is read again and again.
	longest = 90 * time.Second
)

func (c *caller) transport() string {
	if c.name == "801" {
		return "udp"
	}
	return "tcp"
}

func (m *meetings) hangup(c *caller) {
	c.Hangup()
	c.calls, c.in, c.left = false, false, m.now()
}

// revoke has a host shut the telephone system out, which hangs up its lines.
func (m *meetings) revoke() string {
	if !slices.ContainsFunc(m.callers, func(c *caller) bool { return c.in }) {
		return ""
	}
	host := m.host()
	if !m.insist(func() bool { return host.Press("strip-revoke") }) {
		return ""
	}
	for _, c := range m.callers {
		if c.in {
			c.Wait("CALL_CLOSED", 15*time.Second)
			c.calls, c.in, c.left = false, false, m.now()
		}
	}
	return host.Name
}

// lock closes the door. Who knocks is sent away; then it is opened again.
func (m *meetings) lock() string {
	host := m.host()
	m.turn(host, true)
	defer m.turn(host, false)
	if out := m.every(func(g *guest) bool { return !g.in && !g.away }); len(out) > 0 {
		g := out[m.random.IntN(len(out))]
		g.Press("again")
		if m.insist(func() bool { return g.Press("join") }) {
			g.See("[data-testid=ended][data-code=locked]")
		}
	}
	return host.Name
}

func (m *meetings) turn(host *guest, locked bool) {
	if !m.insist(func() bool { return host.Press("lock") }) {
		m.t.Fatalf("%s: %s has no lock to turn", m.where(), host)
	}
	if !m.insist(func() bool { return host.Look().Locked == locked }) {
		m.t.Fatalf("%s: the door is not locked: %t", m.where(), locked)
	}
}

// talk gives the word to one to three.
func (m *meetings) talk() string {
	all := m.every(inside)
	m.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var who []string
	for _, g := range m.guests {
		g.loud = false
	}
	for _, g := range all[:min(len(all), 1+m.random.IntN(3))] {
		g.loud = true
		who = append(who, g.Name)
	}
	for _, g := range m.guests {
		g.Speak(g.volume())
	}
	return strings.Join(who, "+")
}

// volume of a voice; a page that was loaded anew is told again.
func (g *guest) volume() float64 {
	if g.loud {
		return 0.25
	}
	return 0
}
