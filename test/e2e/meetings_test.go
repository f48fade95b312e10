//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"legroom/test/e2e/baresip"
	"legroom/test/e2e/chromium"
	"legroom/test/e2e/crowd"
	"legroom/test/e2e/server"
)

// Eight people (or as many as LEGROOM_PEOPLE says) with sound and pictures of 320 x 180 at 5 a second, and two telephones,
// come, go, reload, are let in and put out in any order for as long as LEGROOM_MEETINGS says ("30m"), as LEGROOM_SEED would
// have it. All who are in are in one group and soon in one epoch, nobody hears or sees anybody under a wrong name or who is
// not there, and nothing grows.
func TestMeetings(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("LEGROOM_MEETINGS"))
	if err != nil {
		t.Skip("takes minutes: PARTS=meetings make soak")
	}
	m := newMeetings(t, seed(t))
	m.began = time.Now()
	m.open()
	for m.began = time.Now(); time.Since(m.began) < length; {
		m.step()
		m.weigh(length)
	}
	m.grown(length)
	m.end()
}

// seed is LEGROOM_SEED, or another each time.
func seed(t *testing.T) uint64 {
	t.Helper()
	n, err := strconv.ParseUint(os.Getenv("LEGROOM_SEED"), 10, 64)
	if err != nil {
		n = uint64(time.Now().UnixNano() % 1e6)
	}
	t.Logf("LEGROOM_SEED=%d", n)
	return n
}

// guest is one of the eight, and what is to come of them.
type guest struct {
	*crowd.Page
	// in tells that they are to be in the room.
	in     bool
	camera bool
	loud   bool
	// was tells that the page showed the room when it was last looked at.
	was bool
	// died is when its worker was ended.
	died time.Time
	// away tells that the page is gone, and left since when they are not to be heard or seen, Unix milliseconds.
	away bool
	left int64
}

// caller is one of the telephones.
type caller struct {
	*baresip.Phone
	name string
	tone float64
	// calls tells that it stands before the door or is in, and in that it is to be let in.
	calls, in bool
	since     time.Time
	// left is since when it is not to be heard, Unix milliseconds.
	left int64
}

// meetings is the room and all who come.
type meetings struct {
	t       *testing.T
	gateway *server.Server
	driver  *chromium.Driver
	crowd   crowd.Crowd
	random  *rand.Rand
	names   []string
	guests  []*guest
	callers []*caller
	empty   held
	began   time.Time
	steps   int
	took    []time.Duration
	weights []weight
	// vanished tells that somebody has gone without a word since all were of one mind.
	vanished bool
	// stuck is how often all did not come to be of one mind, and told what was wrong at any time.
	stuck int
	told  map[string]bool
}

var names = []string{"Anna", "Ben", "Cora", "Dora", "Emil", "Fred", "Gina", "Hugo"}

func newMeetings(t *testing.T, seed uint64) *meetings {
	t.Helper()
	m := &meetings{t: t, names: names, told: map[string]bool{}, random: rand.New(rand.NewPCG(seed, 0)), crowd: crowd.Crowd{Rate: 5}}
	settings := config(false, room{number: "2001", mode: "mixed", lobby: true, capacity: 20})
	m.gateway = server.Start(t, func(p server.Ports, dir string) string {
		return strings.NewReplacer("loopback: true}", "loopback: true, audioSlots: 5}", "level: debug", "level: info").Replace(settings(p, dir))
	})
	if n, err := strconv.Atoi(os.Getenv("LEGROOM_PEOPLE")); err == nil {
		m.names = names[:min(max(n, 4), len(names))]
	}
	for i, name := range m.names {
		m.crowd.People = append(m.crowd.People, crowd.Person{Name: name, Tone: 400 + 110*float64(i), Hue: 45 * float64(i)})
	}
	for i, c := range []baresip.Config{
		{User: "801", Tone: 1500, Codec: "PCMU/8000/1", Transport: "udp"}, {User: "802", Tone: 1700, Codec: "G722/16000/1", Transport: "tcp"},
	} {
		c.Level, c.Seconds = -12, 300
		m.callers = append(m.callers, &caller{Phone: baresip.Start(t, c), name: c.User, tone: c.Tone})
		m.crowd.People = append(m.crowd.People, crowd.Person{Name: c.User, Tone: c.Tone, Hue: 22.5 + 180*float64(i)})
	}
	m.driver = driver(t)
	return m
}

// open has the founder begin, and all others come. Before that somebody was there once: what is made once is made then.
func (m *meetings) open() {
	browser := m.driver.Launch("")
	for i, name := range m.names {
		key := "g." + guestSecret
		if i == 0 {
			key = "h." + hostSecret
		}
		page := m.crowd.Open(m.t, browser, m.link(key, name), name, chromium.Desktop)
		m.guests = append(m.guests, &guest{Page: page, camera: true})
		if i == 0 {
			m.guests[0].in = true
			m.settle("begins")
			m.leave(m.guests[0])
			m.settle("ends")
			m.guests[0].Goto("about:blank")
			m.empty = settled(m.t, m.gateway, held{goroutines: 1 << 20, descriptors: 1 << 20, rooms: 1})
			m.guests[0].Goto(m.link(key, name))
			m.guests[0].in = true
			m.settle("begins again")
		}
	}
	for _, g := range m.guests[1:] {
		g.in = true
		m.settle(g.Name + " comes first")
	}
	m.talk()
	m.settle("all are in")
}

func (m *meetings) link(key, name string) string {
	return m.gateway.Link("2001", key, "?audio=raw&name="+name)
}

// linkOf is the one that somebody comes by.
func (m *meetings) linkOf(g *guest) string {
	if g == m.guests[0] {
		return m.link("h."+hostSecret, g.Name)
	}
	return m.link("g."+guestSecret, g.Name)
}

// end has all go, and requires that nothing of them is left.
func (m *meetings) end() {
	for _, c := range m.callers {
		if c.calls {
			m.hangup(c)
		}
	}
	m.settle("telephones go")
	for _, g := range slices.Backward(m.guests) {
		m.leave(g)
	}
	m.settle("all go")
	for _, g := range m.guests {
		g.Close()
	}
	for _, c := range m.callers {
		c.Close()
	}
	m.t.Logf("left behind: %+v, before anybody came: %+v", settled(m.t, m.gateway, m.empty), m.empty)
	for line := range strings.Lines(m.gateway.Output()) {
		if strings.Contains(line, "level=ERROR") || strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, "panic") {
			m.t.Errorf("the gateway wrote: %s", line)
		}
	}
	slices.Sort(m.took)
	m.t.Logf("%d steps; until all were of one mind again: half within %v, most within %v, all within %v", m.steps,
		m.took[len(m.took)/2].Round(10*time.Millisecond), m.took[len(m.took)*95/100].Round(10*time.Millisecond), m.took[len(m.took)-1].Round(10*time.Millisecond))
}

// every gives those of the guests that are so.
func (m *meetings) every(so func(*guest) bool) []*guest {
	return slices.Collect(func(yield func(*guest) bool) {
		for _, g := range m.guests {
			if so(g) && !yield(g) {
				return
			}
		}
	})
}

func (m *meetings) now() int64 { return time.Now().UnixMilli() }

func (g *guest) String() string { return g.Name }

func (m *meetings) where() string {
	return fmt.Sprintf("minute %.1f, step %d", time.Since(m.began).Minutes(), m.steps)
}
