package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"legroom/audio/mix"
	"legroom/internal/clock"
	"legroom/rooms"
)

const (
	// stormRounds is how often each guest of the storm comes: about two seconds of it with the race detector.
	stormRounds = 60
	// stormBeat is the period of the clock: so short that steps are late, slots fill up, and periods are skipped.
	stormBeat = 250 * time.Microsecond
	// stormPatience is how long one of the storm waits, in real time, for what takes milliseconds on an idle machine.
	stormPatience = 15 * time.Second
	// stormSeed names the variable that gives the storm the seed of one before.
	stormSeed = "LEGROOM_STORM_SEED"
)

// TestStorm: legs of all kinds do everything that legs and hosts do, all at once, on a clock that beats
// eighty times too fast. It looks for data races, for what crashes or hangs, and in the end for what is left behind.
func TestStorm(t *testing.T) {
	before := goleak.IgnoreCurrent()
	s := newStorm(t)
	s.rage()
	s.aftermath()
	s.end()
	goleak.VerifyNone(t, before)
}

// stormRooms are rooms of all kinds: some empty all the time, some are gone each time.
func stormRooms(number string) (rooms.Policy, bool) {
	p := rooms.DefaultPolicy(number)
	p.Mode = rooms.Open
	switch number {
	case "1000":
		p.Lobby = false
	case "2000":
		p.Lobby, p.OnDemand, p.Capacity = false, true, 4
	case "3000", "3001", "3002":
		p.Lobby, p.Capacity = false, 2
	case mixedRoom:
		p.Mode, p.Lobby = rooms.Mixed, false
	case "4000":
		p.OnDemand = true
	case "5000":
	default:
		return p, false
	}
	return p, true
}

var (
	openRooms  = []string{"1000", "2000", "3000", "3001", "3002"}
	lobbyRooms = []string{"4000", "5000"}
)

// mixedRoom is the encrypted one: see storm_group_test.go.
const mixedRoom = "6000"

// storm is a Registry on a real clock, and what happened in it.
type storm struct {
	*rooms.Registry
	t      *testing.T
	seed   uint64
	beat   *tallyClock
	voices stormVoices
	stop   func() // ends clock and Registry
	group  *stormGroup
	over   chan struct{} // closed when the last guest has gone home
	broken atomic.Bool   // somebody waited for nothing: nobody begins another round

	admissions, removals, denials, listened, played atomic.Int64

	mu    sync.Mutex
	stays []stay
	seen  map[*rooms.Room]bool
}

// stay is a leg that was in a room, or in its lobby.
type stay struct {
	p     *rooms.Participant
	leg   *stormLeg
	lobby bool
}

func newStorm(t *testing.T) *storm {
	t.Helper()
	seed := rand.Uint64()
	if given, err := strconv.ParseUint(os.Getenv(stormSeed), 0, 64); err == nil {
		seed = given
	}
	s := &storm{
		t: t, seed: seed, voices: newStormVoices(t), group: newStormGroup(), over: make(chan struct{}), seen: make(map[*rooms.Room]bool),
		beat: &tallyClock{Clock: clock.New(clock.Config{Slots: 4, Period: stormBeat}), seed: seed},
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("%s=%#x", stormSeed, seed)
		}
	})
	cfg := rooms.DefaultConfig()
	cfg.Clock, cfg.Log, cfg.Policy = s.beat, quiet, stormRooms
	s.Registry = rooms.New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.beat.Run(ctx) })
	wg.Go(func() { _ = s.Run(ctx) })
	s.stop = func() { cancel(); wg.Wait() }
	return s
}

// tallyClock counts who is on it, and tells the seed when a step panics.
type tallyClock struct {
	*clock.Clock
	seed    uint64
	on, all atomic.Int64
}

func (c *tallyClock) AddSkipping(step func(), skip func(int)) (remove func()) {
	c.on.Add(1)
	c.all.Add(1)
	off := c.Clock.AddSkipping(
		func() { defer tellSeed(c.seed); step() },
		func(periods int) { defer tellSeed(c.seed); skip(periods) },
	)
	return func() { off(); c.on.Add(-1) }
}

// tellSeed is deferred by every goroutine of the storm: a panic ends the process before the test can log anything.
func tellSeed(seed uint64) {
	if cause := recover(); cause != nil {
		panic(fmt.Sprintf("%s=%#x: %v", stormSeed, seed, cause))
	}
}

// rage lets everybody in, and returns when the last one has gone.
func (s *storm) rage() {
	var guests, hosts sync.WaitGroup
	var actors uint64
	start := func(wg *sync.WaitGroup, n int, live func(a *actor)) {
		for range n {
			actors++
			a := &actor{storm: s, rng: rand.New(rand.NewPCG(s.seed, actors)), name: fmt.Sprint("actor ", actors)}
			wg.Go(func() { defer tellSeed(s.seed); live(a) })
		}
	}
	for _, number := range lobbyRooms {
		start(&hosts, 1, func(a *actor) { a.preside(number) })
		start(&guests, 2, func(a *actor) { a.passBy(number) })
	}
	start(&hosts, 1, (*actor).convene)
	start(&guests, 2, func(a *actor) { a.passBy(mixedRoom) })
	for _, number := range openRooms[1:] {
		start(&guests, 2, func(a *actor) { a.passBy(number) })
	}
	start(&guests, 4, (*actor).visit)
	start(&guests, 2, (*actor).meet)
	start(&guests, 2, (*actor).confer)
	guests.Wait()
	close(s.over)
	hosts.Wait()
}

// enter seats a leg, or lets it wait; nil when the room refuses it.
func (s *storm) enter(number string, l *stormLeg, req rooms.JoinRequest) *rooms.Participant {
	room, err := s.Room(number)
	if err != nil {
		s.t.Errorf("room %s: %v", number, err)
		return nil
	}
	req.Leg, req.Clear, req.Kind = l, true, rooms.Phone
	if l.videos > 0 {
		req.Kind = rooms.Browser
	}
	p, err := room.Join(req)
	if err != nil {
		s.expect(err, "join", rooms.ErrFull, rooms.ErrLocked, rooms.ErrBanned, rooms.ErrLeft, rooms.ErrRemoved, rooms.ErrRoomClosed)
		return nil
	}
	st := stay{p: p, leg: l, lobby: p.Room().Policy().Lobby && req.Role != rooms.Host}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stays = append(s.stays, st)
	s.seen[p.Room()] = true
	if p.Room().Policy().Mode.Encrypted() {
		s.group.lobby <- st
	}
	return p
}

// expect fails the test when an error is none of those that may come; true for no error.
func (s *storm) expect(err error, what string, allowed ...error) bool {
	if err != nil && !slices.ContainsFunc(allowed, func(a error) bool { return errors.Is(err, a) }) {
		s.t.Errorf("%s: %v", what, err)
	}
	return err == nil
}

// aftermath: what is left after the storm are rooms in which people hear each other.
func (s *storm) aftermath() {
	for _, number := range openRooms {
		room, err := s.Room(number)
		is(s.t, err, nil)
		if n := len(room.Snapshot().Participants); n != 0 {
			s.t.Errorf("room %s: %d participants are left", number, n)
		}
		a := &actor{storm: s, rng: rand.New(rand.NewPCG(s.seed, 0)), name: "room " + number}
		phone, browser := stormPhone(s.t, pcma), stormBrowser(s.t)
		p, q := s.enter(number, phone, rooms.JoinRequest{}), s.enter(number, browser, rooms.JoinRequest{})
		if p == nil || q == nil {
			s.t.Errorf("room %s lets nobody in after the storm", number)
			continue
		}
		if !a.conversation(p, phone, q, browser) {
			s.t.Errorf("room %s: no conversation after the storm", number)
		}
		p.Leave(nil)
		q.Leave(nil)
	}
}

// end takes stock: nothing is left, and what happened adds up.
func (s *storm) end() {
	for _, r := range s.Rooms() {
		if r.Policy().OnDemand {
			s.t.Errorf("room %s is left behind", r.Number())
		}
	}
	for r := range s.seen {
		s.empty(r)
	}
	if n := s.beat.on.Load(); n != 0 {
		s.t.Errorf("%d steps are left on the clock", n)
	}
	s.addsUp()
	s.stop()
}

// empty checks that a room, listed or gone, keeps nothing. Mixers tell nobody what they have, so it looks inside.
func (s *storm) empty(r *rooms.Room) {
	if n := len(r.Snapshot().Participants); n != 0 {
		s.t.Errorf("room %s: %d participants are left", r.Number(), n)
	}
	down := reflect.ValueOf(r).Elem().FieldByName("mixdown").Elem()
	if n := down.FieldByName("broadcasts").Len(); n != 0 {
		s.t.Errorf("room %s: %d broadcasts are left", r.Number(), n)
	}
	mixer := down.FieldByName("mixer").Elem()
	if n := ports(r); n != 0 {
		s.t.Errorf("room %s: %d ports are left at the mixer", r.Number(), n)
	}
	for i := range mixer.FieldByName("buses").Len() {
		bus := mixer.FieldByName("buses").Index(i)
		if n := bus.FieldByName("listeners").FieldByName("v").Int(); n != 0 {
			s.t.Errorf("room %s: %d listeners are left at %d Hz", r.Number(), n, bus.FieldByName("rate").Int())
		}
	}
}

// ports counts those at the mixer of a room.
func ports(r *rooms.Room) int {
	mixer := reflect.ValueOf(r).Elem().FieldByName("mixdown").Elem().FieldByName("mixer").Elem()
	list := mixer.FieldByName("ports").FieldByName("v").UnsafePointer()
	return reflect.NewAt(reflect.TypeFor[[]*mix.Port](), list).Elem().Len()
}

// addsUp compares what commands answered with what became of those they were about.
func (s *storm) addsUp() {
	var admitted, lines int
	var sealed int64
	causes := make(map[error]int64)
	for _, st := range s.stays {
		if closed(st.p.Admitted()) && st.lobby {
			admitted++
		}
		if !closed(st.p.Done()) || st.p.State() != rooms.Left {
			s.t.Errorf("%s has not left", st.p.ID())
		}
		if st.leg.cause != nil {
			s.t.Errorf("%s could not be sent the mix: %v", st.p.ID(), st.leg.cause)
		}
		causes[st.p.Cause()]++
		lines += st.leg.ended()
		sealed += st.leg.sealed.Load()
	}
	if n := s.admissions.Load(); int64(admitted) != n {
		s.t.Errorf("%d guests were admitted, and hosts were told of %d", admitted, n)
	}
	if n := s.removals.Load(); causes[rooms.ErrRemoved] > n || n == 0 {
		s.t.Errorf("%d were removed, and hosts were told of %d", causes[rooms.ErrRemoved], n)
	}
	if n := s.denials.Load(); causes[rooms.ErrDenied] > n || n == 0 {
		s.t.Errorf("%d were denied, and hosts were told of %d", causes[rooms.ErrDenied], n)
	}
	s.t.Logf("%d stays, %d streams, %d admitted, %d let in, %d grants, %d heard sound, %d prompts ended, %d times on the clock, left: %v",
		len(s.stays), lines, admitted, s.group.letIn, s.group.granted, s.listened.Load(), s.played.Load(), s.beat.all.Load(), causes)
	for what, n := range map[string]int64{
		"admitted": int64(admitted), "heard": s.listened.Load(), "prompted": s.played.Load(),
		"let in": s.group.letIn, "granted anything": s.group.granted, "heard sealed": sealed,
	} {
		if n == 0 {
			s.t.Errorf("nobody was %s: it was no storm", what)
		}
	}
}

// closed tells whether c is.
func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
