package rooms_test

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"legroom/audio/opus"
	"legroom/e2ee/sframe"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
	"legroom/transcode"
)

// crowd is who is in a room whose cost is measured.
type crowd struct {
	codec            media.Codec // of telephones
	phones, browsers int
	calling, talking int // how many of each speak
}

// script is what a browser of a crowd says: packets made ahead, since each is sealed under a counter of its own.
type script struct {
	sink    media.Sink[*media.Packet]
	words   [][]byte // Opus, said over and over
	seal    *sframe.Sealer
	packets []*media.Packet
	said    int
	made    int
}

// prepare makes the next n packets.
func (s *script) prepare(tb testing.TB, n int) {
	tb.Helper()
	for len(s.packets) < n {
		s.packets = append(s.packets, &media.Packet{Level: 20})
	}
	s.said = 0
	for _, p := range s.packets[:n] {
		word := s.words[s.made%len(s.words)]
		p.SequenceNumber, p.Timestamp = uint16(s.made), uint32(960*s.made)
		p.Payload = append(p.Payload[:0], word...)
		if s.seal != nil {
			var err error
			if p.Payload, err = s.seal.Seal(p.Payload[:0], media.Opus, word); err != nil {
				tb.Fatal(err)
			}
		}
		s.made++
	}
}

func (s *script) say() {
	p := s.packets[s.said]
	p.Arrived = time.Now()
	s.said++
	_ = s.sink.Write(p)
}

// assemble seats a crowd in a room of a mode, mixed with a grant in force. ready makes what browsers say in the next
// ticks.
func assemble(tb testing.TB, mode rooms.Mode, c crowd) (p *party, ready func(ticks int)) {
	tb.Helper()
	p = &party{}
	cfg := rooms.DefaultConfig()
	cfg.Clock, cfg.Log = &p.clock, quiet
	cfg.Policy = func(number string) (rooms.Policy, bool) {
		policy := rooms.DefaultPolicy(number)
		policy.Mode, policy.Lobby, policy.Capacity = mode, false, 200
		return policy, true
	}
	room, err := rooms.New(cfg).Room("1000")
	if err != nil {
		tb.Fatal(err)
	}
	m := newMeeting()
	g := m.ask(tb, sounds, c.phones)
	room.Grant(g.take(tb, 7).Grant)
	enter := func(l *leg, kind rooms.LegKind, s rooms.Sender) *rooms.Participant {
		d := &drain{leg: l}
		who, err := room.Join(rooms.JoinRequest{Leg: d, Kind: kind, Clear: true})
		if err != nil {
			tb.Fatal(err)
		}
		who.SetSender(&s)
		if err := who.LetIn(); err != nil {
			tb.Fatal(err)
		}
		p.drains = append(p.drains, d)
		return who
	}
	for i := range c.phones {
		who := enter(phone(c.codec), rooms.Phone, rooms.Sender{Grant: g.N(), Line: uint16(i)})
		sink := publishes(tb, who, c.codec)
		if i < c.calling {
			p.say = append(p.say, speaker(tb, c.codec, sink, float64(400+130*i)))
		}
	}
	var scripts []*script
	for i := range c.browsers {
		who := enter(browser(), rooms.Browser, rooms.Sender{Leaf: uint32(i)})
		s := &script{sink: publishes(tb, who, full), words: words(tb, float64(500+170*i))}
		if mode.Encrypted() {
			s.seal = sealer(tb, sframe.Audio, i, 7)
		}
		if i < c.talking {
			scripts = append(scripts, s)
			p.say = append(p.say, s.say)
		}
	}
	ready = func(ticks int) {
		for _, s := range scripts {
			s.prepare(tb, ticks)
		}
	}
	ready(100)
	for range 100 {
		p.tick()
	}
	return p, ready
}

func publishes(tb testing.TB, p *rooms.Participant, c media.Codec) media.Sink[*media.Packet] {
	tb.Helper()
	sink, err := p.Publish(media.TrackInfo{Source: media.Microphone, Codec: c})
	if err != nil {
		tb.Fatal(err)
	}
	return sink
}

// words are a second of a tone in Opus.
func words(tb testing.TB, freq float64) [][]byte {
	tb.Helper()
	var list [][]byte
	e, err := transcode.NewEncode(transcode.EncodeConfig{Codec: full, Opus: opus.DefaultConfig()},
		media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			list = append(list, append([]byte(nil), p.Payload...))
			return nil
		}))
	if err != nil {
		tb.Fatal(err)
	}
	src := mediatest.NewTone(48000, freq, .1)
	for i := range 50 {
		_ = e.Write(&media.PCM{Samples: mediatest.Samples(src, 960), Rate: 48000, Timestamp: uint32(960 * i), Level: 20})
	}
	return list
}

// TestMixedTickAllocations: opening what browsers say and sealing what telephones say make no memory.
func TestMixedTickAllocations(t *testing.T) {
	for _, c := range []crowd{
		{codec: pcmu, phones: 4, browsers: 3, talking: 3},
		{codec: pcmu, phones: 4, browsers: 3, calling: 3},
		{codec: full, phones: 4, browsers: 3, calling: 2, talking: 2},
	} {
		t.Run(fmt.Sprintf("%s, %d phones and %d browsers speak", c.codec.Name, c.calling, c.talking), func(t *testing.T) {
			p, ready := assemble(t, rooms.Mixed, c)
			ready(51)
			phone, web := p.drains[c.phones-1], p.drains[c.phones+c.browsers-1]
			before, sent := phone.packets, web.packets
			if n := testing.AllocsPerRun(50, p.tick); n != 0 {
				t.Errorf("%g allocations a tick, want none", n)
			}
			others := c.calling + c.talking
			if c.talking == c.browsers {
				others-- // it speaks itself
			}
			if got, got2 := phone.packets-before, web.packets-sent; got != 51 || got2 != 51*others {
				t.Errorf("%d packets to a phone and %d to a browser in 51 ticks, want 51 and %d", got, got2, 51*others)
			}
		})
	}
}

// BenchmarkMixed is a room of 100 phones and 3 browsers in which 3 speak, encrypted and open, a second of the one and a
// second of the other in turn: processor time of the thread for each phone, the median of all seconds, and the ratio. The
// goal is 1.1.
func BenchmarkMixed(b *testing.B) {
	for _, codec := range []media.Codec{pcmu, full} {
		for name, c := range map[string]crowd{
			"3 browsers speak": {codec: codec, phones: 100, browsers: 3, talking: 3},
			"3 phones speak":   {codec: codec, phones: 100, browsers: 3, calling: 3},
		} {
			b.Run(fmt.Sprintf("100 phones with %s, %s", codec.Name, name), func(b *testing.B) {
				open, readyOpen := assemble(b, rooms.Open, c)
				mixed, readyMixed := assemble(b, rooms.Mixed, c)
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				second := func(p *party, ready func(int)) time.Duration {
					ready(50)
					began := cpuTime()
					for range 50 {
						p.tick()
					}
					return cpuTime() - began
				}
				var inOpen, inMixed []time.Duration
				for b.Loop() {
					inOpen = append(inOpen, second(open, readyOpen))
					inMixed = append(inMixed, second(mixed, readyMixed))
				}
				perPhone := func(list []time.Duration) float64 {
					slices.Sort(list)
					return float64(list[len(list)/2].Nanoseconds()) / float64(c.phones)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(perPhone(inOpen), "open-ns/phone")
				b.ReportMetric(perPhone(inMixed), "mixed-ns/phone")
				b.ReportMetric(perPhone(inMixed)/perPhone(inOpen), "ratio")
			})
		}
	}
}
