package bfcp

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var slides = newNumber(FloorID, 543)

// TestPresentation is the life of a presentation, as a room system lives it, over both transports.
func TestPresentation(t *testing.T) {
	for name, over := range map[string]func(*testing.T, Config) (*Server, *peer, func() error){"tcp": overTCP, "udp": overUDP} {
		t.Run(name, func(t *testing.T) {
			c := &chair{verdict: Verdict{Status: Pending}}
			s, p, end := over(t, testConfig(c))
			if m := p.ask(Hello); m.Primitive != HelloAck || len(m.Attributes) != 2 || m.Response != (name == "udp") || m.Version != p.version {
				t.Fatalf("%+v", m)
			}
			if m := p.ask(FloorQuery, slides); m.Primitive != FloorStatus || len(m.Requests()) != 0 || m.Floors()[0] != 543 {
				t.Fatalf("%+v", m)
			}
			// Asked for, waited for, and given later.
			r := p.status(p.ask(FloorRequest, slides, newText(ParticipantProvidedInfo, "bud\x1bget")), Pending)
			if got := c.requests()[0]; got.ID != r.ID || got.Info != "budget" || !slices.Equal(got.Floors, []uint16{543}) || got.Beneficiary != 234 || got.Priority != NormalPriority {
				t.Errorf("the chair was asked %+v", got)
			}
			heard := func(want Primitive) *Message {
				t.Helper()
				m := p.hear()
				if m.Primitive != want || m.Response || (m.Transaction == 0) != (name == "tcp") {
					t.Fatalf("%+v, want an unasked %v", m.Header, want)
				}
				if name == "udp" {
					p.ack(m)
				}
				return m
			}
			if m := heard(FloorStatus); m.Requests()[0].Status != Pending {
				t.Errorf("%+v", m.Requests())
			}
			s.Decide(r.ID, Verdict{Status: Granted})
			if got := p.status(heard(FloorRequestStatus), Granted); got.ID != r.ID || got.Floors[0] != 543 {
				t.Errorf("%+v", got)
			}
			if m := heard(FloorStatus); m.Requests()[0].Status != Granted {
				t.Errorf("%+v", m.Requests())
			}
			// Somebody in a browser takes it over.
			s.Decide(r.ID, Verdict{Status: Revoked, Info: "taken over"})
			if got := p.status(heard(FloorRequestStatus), Revoked); got.Info != "taken over" {
				t.Errorf("%+v", got)
			}
			if m := heard(FloorStatus); len(m.Requests()) != 0 {
				t.Errorf("%+v", m.Requests())
			}
			s.Announce(543, Holder{User: 9, Name: "Zoë"})
			if got := heard(FloorStatus).Requests(); len(got) != 1 || got[0].Beneficiary != 9 || got[0].Name != "Zoë" || got[0].Status != Granted {
				t.Errorf("%+v", got)
			}
			p.refused(p.ask(FloorRelease, newNumber(FloorRequestID, r.ID)), NoSuchRequest)
			if m := p.ask(Goodbye); m.Primitive != GoodbyeAck {
				t.Errorf("%v", m.Primitive)
			}
			if err := endWithAck(p, name, end); err != nil {
				t.Error(err)
			}
		})
	}
}

// endWithAck ends the server; over UDP it takes leave.
func endWithAck(p *peer, name string, end func() error) error {
	if name == "tcp" {
		return end()
	}
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	if m := p.hear(); m.Primitive == Goodbye {
		p.ack(m)
	}
	return <-ended
}

// TestRequests and refusals: each case is a whole call.
func TestServes(t *testing.T) {
	request := func(id uint16) Attribute { return newNumber(FloorRequestID, id) }
	cases := map[string]struct {
		verdict Verdict
		play    func(*testing.T, *Server, *peer, *chair)
	}{
		"granted at once, released": {Verdict{Status: Granted}, func(t *testing.T, _ *Server, p *peer, c *chair) {
			r := p.status(p.ask(FloorRequest, slides), Granted)
			if got := p.status(p.ask(FloorRequestQuery, request(r.ID)), Granted); got.ID != r.ID {
				t.Errorf("%+v", got)
			}
			if m := p.ask(UserQuery); m.Primitive != UserStatus || len(m.Requests()) != 1 {
				t.Errorf("%+v", m)
			}
			p.status(p.ask(FloorRelease, request(r.ID)), Released)
			p.refused(p.ask(FloorRequestQuery, request(r.ID)), NoSuchRequest)
			if len(c.held()) != 0 {
				t.Error("the chair was not told")
			}
			if again := p.status(p.ask(FloorRequest, slides), Granted); again.ID == r.ID {
				t.Error("a number came back at once")
			}
		}},
		"denied": {Verdict{Status: Denied, Info: "not here"}, func(t *testing.T, _ *Server, p *peer, _ *chair) {
			if r := p.status(p.ask(FloorRequest, slides), Denied); r.Info != "not here" {
				t.Errorf("%+v", r)
			}
			if m := p.ask(UserQuery); len(m.Requests()) != 0 {
				t.Errorf("%+v", m.Requests())
			}
		}},
		"a verdict that is none": {Verdict{Status: Released}, func(_ *testing.T, _ *Server, p *peer, _ *chair) {
			p.status(p.ask(FloorRequest, slides), Denied)
		}},
		"cancelled while in the queue": {Verdict{Status: Accepted, Queue: 2}, func(t *testing.T, s *Server, p *peer, c *chair) {
			r := p.status(p.ask(FloorRequest, slides), Accepted)
			if r.Queue != 2 {
				t.Errorf("%+v", r)
			}
			s.Decide(r.ID, Verdict{Status: Accepted, Queue: 1})
			m := p.hear()
			p.ack(m)
			if r = p.status(m, Accepted); r.Queue != 1 {
				t.Errorf("%+v", r)
			}
			p.status(p.ask(FloorRelease, request(r.ID)), Cancelled)
			s.Decide(r.ID, Verdict{Status: Granted}) // too late
			if m := p.ask(Hello); m.Primitive != HelloAck || len(c.held()) != 0 {
				t.Errorf("%v, held %v", m.Primitive, c.held())
			}
		}},
		"asked for twice": {Verdict{Status: Granted}, func(t *testing.T, _ *Server, p *peer, c *chair) {
			r := p.status(p.ask(FloorRequest, slides), Granted)
			if again := p.status(p.ask(FloorRequest, slides), Granted); again.ID != r.ID || len(c.requests()) != 1 {
				t.Errorf("%+v, asked %d times", again, len(c.requests()))
			}
			p.refused(p.ask(FloorRequest, slides, newNumber(FloorID, 544)), TooManyRequests)
		}},
		"refusals": {Verdict{Status: Granted}, func(_ *testing.T, _ *Server, p *peer, _ *chair) {
			p.refused(p.ask(FloorRequest), Unparsable)
			p.refused(p.ask(FloorRequest, newNumber(FloorID, 1)), InvalidFloor)
			p.refused(p.ask(FloorQuery, slides, newNumber(FloorID, 1)), InvalidFloor)
			p.refused(p.ask(FloorRequest, slides, newNumber(BeneficiaryID, 5)), Unauthorized)
			p.refused(p.ask(ChairAction, Request{ID: 1, Status: Granted}.Attribute()), Unauthorized)
			p.refused(p.ask(UserQuery, newNumber(BeneficiaryID, 5)), NoSuchUser)
			p.refused(p.ask(FloorRelease, request(77)), NoSuchRequest)
			p.refused(p.ask(FloorRelease), NoSuchRequest)
			p.refused(p.ask(Hello, Attribute{Type: 100, Mandatory: true}), UnknownMandatoryAttribute)
			p.refused(p.ask(99), UnknownPrimitive)
		}},
		"for oneself": {Verdict{Status: Granted}, func(_ *testing.T, _ *Server, p *peer, _ *chair) {
			p.status(p.ask(FloorRequest, slides, newNumber(BeneficiaryID, 234)), Granted)
		}},
		"goodbye lets go": {Verdict{Status: Granted}, func(t *testing.T, _ *Server, p *peer, c *chair) {
			p.status(p.ask(FloorRequest, slides), Granted)
			if m := p.ask(Goodbye); m.Primitive != GoodbyeAck || len(c.held()) != 0 {
				t.Errorf("%v, held %v", m.Primitive, c.held())
			}
			p.status(p.ask(FloorRequest, slides), Granted) // and comes back
		}},
		"two floors watched": {Verdict{Status: Granted}, func(t *testing.T, _ *Server, p *peer, _ *chair) {
			first := p.ask(FloorQuery, slides, newNumber(FloorID, 544))
			second := p.hear()
			p.ack(second)
			if first.Floors()[0] != 543 || second.Primitive != FloorStatus || second.Floors()[0] != 544 {
				t.Errorf("%v and %v", first.Floors(), second.Floors())
			}
			if m := p.ask(FloorQuery); m.Primitive != FloorStatus || len(m.Floors()) != 0 {
				t.Errorf("%+v", m)
			}
			p.status(p.ask(FloorRequest, slides), Granted) // nobody watches: the next answer is that of the next question
			p.ask(Hello)
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				chair := &chair{verdict: c.verdict}
				s, p, end := overWire(t, newWire(false), testConfig(chair))
				c.play(t, s, p, chair)
				if err := end(); err != nil || len(chair.held()) != 0 {
					t.Errorf("ended with %v, held %v", err, chair.held())
				}
			})
		})
	}
}

// TestT1: a request of ours is sent after 0, 0.5, 1.5 and 3.5 s, and given up after 7.5 s. Source: RFC 8855 section 8.3.1.
func TestT1(t *testing.T) {
	for name, talks := range map[string]bool{"silent": false, "talks and does not acknowledge": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &chair{verdict: Verdict{Status: Pending}}
				w := newWire(false)
				s, err := New(testConfig(c), w)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				ended := make(chan error, 1)
				go func() { ended <- s.Run(ctx) }()
				p := &peer{t: t, version: 2, send: func(b []byte) { w.in <- b }, read: func() ([]byte, bool) { return <-w.out, true }}
				r := p.status(p.ask(FloorRequest, slides), Pending)
				start := time.Now()
				s.Decide(r.ID, Verdict{Status: Granted})
				var at []time.Duration
				var first *Message
				for range 4 {
					m := p.hear()
					if at = append(at, time.Since(start)); first == nil {
						first = m
					}
					if m.Transaction != first.Transaction {
						t.Errorf("transaction %d, then %d", first.Transaction, m.Transaction)
					}
				}
				if want := []time.Duration{0, 500e6, 1500e6, 3500e6}; !slices.Equal(at, want) {
					t.Errorf("sent at %v, want %v", at, want)
				}
				if talks {
					p.ask(Hello)
					time.Sleep(10 * time.Second)
					p.ask(Hello)
					cancel()
					if err := <-ended; err != nil || time.Since(start) != 13500*time.Millisecond+time.Second {
						t.Errorf("%v after %v", err, time.Since(start))
					}
					return
				}
				if err := <-ended; !errors.Is(err, ErrPeerGone) || time.Since(start) != 7500*time.Millisecond {
					t.Errorf("%v after %v", err, time.Since(start))
				}
				if len(c.held()) != 0 {
					t.Error("the floor is still held")
				}
			})
		})
	}
}

// TestT2: a request that comes again is answered again, not served again; later it is a new one.
func TestT2(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{verdict: Verdict{Status: Granted}}
		_, p, end := overWire(t, newWire(false), testConfig(c))
		r := p.status(p.ask(FloorRequest, slides), Granted)
		again := p.message(FloorRequest, p.next, slides)
		p.status(p.ask(FloorRelease, newNumber(FloorRequestID, r.ID)), Released)
		p.send(again)
		if got := p.status(p.hear(), Granted); got.ID != r.ID || len(c.requests()) != 1 {
			t.Errorf("served again: %+v, asked %d times", got, len(c.requests()))
		}
		time.Sleep(10 * time.Second)
		p.send(again)
		if got := p.status(p.hear(), Granted); got.ID == r.ID || len(c.requests()) != 2 {
			t.Errorf("not served: %+v, asked %d times", got, len(c.requests()))
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// TestLoss: with every second datagram of the server lost, all is told in the end.
func TestLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{verdict: Verdict{Status: Pending}}
		w := newWire(false)
		n := 0
		w.lose = func([]byte) bool { n++; return n%2 == 1 }
		s, p, end := overWire(t, w, testConfig(c))
		p.send(p.message(FloorRequest, 1, slides)) // the answer is lost
		p.send(p.message(FloorRequest, 1, slides))
		r := p.status(p.hear(), Pending)
		for _, v := range []Status{Accepted, Granted} {
			s.Decide(r.ID, Verdict{Status: v})
			m := p.hear()
			p.ack(m)
			p.status(m, v)
		}
		if err := end(); err != nil || len(c.requests()) != 1 {
			t.Errorf("%v, asked %d times", err, len(c.requests()))
		}
	})
}

// TestUnsent: a datagram that cannot be sent is one that got lost, and no end of the call.
func TestUnsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWire(false)
		failures := 1
		w.fail = func() error {
			if failures--; failures < 0 {
				return nil
			}
			return errors.New("no route")
		}
		s, p, end := overWire(t, w, testConfig(&chair{verdict: Verdict{Status: Granted}}))
		p.send(p.message(Hello, 1))
		p.send(p.message(Hello, 1))
		if m := p.hear(); m.Primitive != HelloAck {
			t.Errorf("%+v", m)
		}
		synctest.Wait()
		if got := s.Stats(); got.Unsent != 1 {
			t.Errorf("%+v", got)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// TestMailbox: the last word on a request counts, and nothing piles up where nobody reads.
func TestMailbox(t *testing.T) {
	b := newMailbox()
	for _, queue := range []uint8{3, 2, 3} {
		b.decide(decision{1, Verdict{Status: Accepted, Queue: queue}})
	}
	b.announce(announcement{2, Holder{User: 1}})
	b.announce(announcement{2, Holder{User: 5}})
	d, a := b.empty()
	if len(d) != 1 || d[0].verdict.Queue != 3 || len(a) != 1 || a[0].holder.User != 5 {
		t.Errorf("%+v, %+v", d, a)
	}
	for i := range 1000 {
		b.decide(decision{uint16(i), Verdict{}})
		b.announce(announcement{uint16(i), Holder{}})
	}
	if d, a := b.empty(); len(d) != maxMail || d[maxMail-1].id != 999 || len(a) != MaxFloors {
		t.Errorf("%d decisions, %d announcements", len(d), len(a))
	}
}

// TestOldEndpoints speak version 1 over UDP: they are answered in it, and R stays clear.
func TestOldEndpoints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &chair{verdict: Verdict{Status: Pending}}
		s, p, end := overWire(t, newWire(false), testConfig(c))
		p.version = Reliable
		m := p.ask(FloorRequest, slides)
		r := p.status(m, Pending)
		s.Decide(r.ID, Verdict{Status: Granted})
		unasked := p.hear()
		p.status(unasked, Granted)
		for _, m := range []*Message{m, unasked} {
			if m.Version != Reliable || m.Response || m.Transaction == 0 {
				t.Errorf("%+v", m.Header)
			}
		}
		p.ack(unasked)
		p.ask(Hello)
		if got := s.Stats(); got.Repeated != 0 || got.Sent != 3 {
			t.Errorf("%+v", got)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// TestNoTalkAmongServers: what looks like an answer is not answered, whatever is wrong with it.
func TestNoTalkAmongServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, p, end := overWire(t, newWire(false), testConfig(&chair{verdict: Verdict{Status: Granted}}))
		for _, prim := range []Primitive{FloorRequestStatus, UserStatus, FloorStatus, ChairActionAck, HelloAck, ErrorMessage, GoodbyeAck} {
			p.send(p.message(prim, 5))
			b := p.message(prim, 5)
			p.send(append(b[:3:3], append([]byte{1}, b[4:]...)...)) // of a wrong length
		}
		b := p.message(Hello, 6)
		b[0] |= 0x10
		p.send(b)
		if m := p.ask(Hello); m.Primitive != HelloAck {
			t.Errorf("%+v", m)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// TestFragments: a long answer comes in pieces, and so may a question.
func TestFragments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := testConfig(&chair{verdict: Verdict{Status: Granted}})
		cfg.MTU = 64
		w := newWire(false)
		_, p, end := overWire(t, w, cfg)
		var parts Assembly
		read := p.read
		p.read = func() ([]byte, bool) {
			for {
				b, ok := read()
				if whole, err := parts.Add(b); whole != nil || err != nil || !ok {
					return whole, ok && err == nil
				}
			}
		}
		p.send = func(b []byte) {
			for _, part := range slices.Backward(Split(b, 40)) {
				w.in <- part
			}
		}
		p.status(p.ask(FloorRequest, slides, newText(ParticipantProvidedInfo, "a word that does not fit a datagram")), Granted)
		if m := p.ask(Hello); m.Primitive != HelloAck || len(m.Attributes) != 2 {
			t.Errorf("%+v", m)
		}
		if err := end(); err != nil {
			t.Error(err)
		}
	})
}

// TestFarewell: the server says goodbye, again if it must, and ends at once when that was heard.
func TestFarewell(t *testing.T) {
	for name, acks := range map[string]bool{"acknowledged": true, "not acknowledged": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &chair{verdict: Verdict{Status: Granted}}
				_, p, end := overWire(t, newWire(false), testConfig(c))
				p.status(p.ask(FloorRequest, slides), Granted)
				start := time.Now()
				ended := make(chan error, 1)
				go func() { ended <- end() }()
				m := p.hear()
				if m.Primitive != Goodbye || len(c.held()) != 0 {
					t.Errorf("%v, held %v", m.Primitive, c.held())
				}
				want := time.Second
				if acks {
					p.ack(m)
					want = 0
				}
				if err := <-ended; err != nil || time.Since(start) != want {
					t.Errorf("%v after %v", err, time.Since(start))
				}
			})
		})
	}
}

func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no chair":        func(c *Config) { c.Chair = nil },
		"no floor":        func(c *Config) { c.Floors = nil },
		"too many floors": func(c *Config) { c.Floors = make([]uint16, MaxFloors+1) },
		"no user":         func(c *Config) { c.User = 0 },
		"version":         func(c *Config) { c.Version = 3 },
		"times":           func(c *Config) { c.T1 = 0 },
		"mtu":             func(c *Config) { c.MTU = 20 },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(&chair{})
			if err := cfg.Validate(); err != nil {
				t.Fatal(err)
			}
			change(&cfg)
			if _, err := New(cfg, newWire(false)); !errors.Is(err, ErrConfig) {
				t.Error(err)
			}
		})
	}
}
