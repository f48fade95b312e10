package rooms_test

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"legroom/audio/opus"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/rooms"
	"legroom/transcode"
)

// handClock is stepped by the test, in its goroutine.
type handClock struct{ steps []func() }

func (c *handClock) AddSkipping(step func(), _ func(int)) (remove func()) {
	c.steps = append(c.steps, step)
	return func() {}
}

func (c *handClock) step() {
	for _, s := range c.steps {
		s()
	}
}

// drain is a leg whose network takes everything and costs nothing.
type drain struct {
	*leg
	packets int
}

func (d *drain) Send(media.TrackInfo) (media.Sink[*media.Packet], error) {
	return media.SinkFunc[*media.Packet](func(*media.Packet) error { d.packets++; return nil }), nil
}

// party is a room of phones, some of whom speak, stepped by hand.
type party struct {
	clock  handClock
	drains []*drain
	say    []func()
}

// gather seats phones of a codec; the first talkers of them speak a tone in ready made packets.
func gather(tb testing.TB, c media.Codec, phones, talkers int) *party {
	tb.Helper()
	p := &party{}
	cfg := rooms.DefaultConfig()
	cfg.Clock, cfg.Log = &p.clock, quiet
	cfg.Policy = func(number string) (rooms.Policy, bool) {
		policy := rooms.DefaultPolicy(number)
		policy.Mode, policy.Lobby, policy.Capacity = rooms.Open, false, 0
		return policy, true
	}
	room, err := rooms.New(cfg).Room("1000")
	if err != nil {
		tb.Fatal(err)
	}
	for i := range phones {
		d := &drain{leg: phone(c)}
		who, err := room.Join(rooms.JoinRequest{Leg: d, Kind: rooms.Phone, Clear: true})
		if err != nil {
			tb.Fatal(err)
		}
		p.drains = append(p.drains, d)
		sink, err := who.Publish(media.TrackInfo{Source: media.Microphone, Codec: c})
		if err != nil {
			tb.Fatal(err)
		}
		if i < talkers {
			p.say = append(p.say, speaker(tb, c, sink, float64(400+130*i)))
		}
	}
	for range 60 {
		p.tick()
	}
	return p
}

// tick is 20 ms of the room: what is said comes in, what is heard goes out.
func (p *party) tick() {
	for _, say := range p.say {
		say()
	}
	p.clock.step()
}

// speaker gives a function that writes the next packet of a tone.
func speaker(tb testing.TB, c media.Codec, sink media.Sink[*media.Packet], freq float64) func() {
	tb.Helper()
	var packets []*media.Packet
	e, err := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()},
		media.SinkFunc[*media.Packet](func(p *media.Packet) error {
			packets = append(packets, p.Clone())
			return nil
		}))
	if err != nil {
		tb.Fatal(err)
	}
	src := mediatest.NewTone(c.SampleRate(), freq, 0.1)
	for i := range 50 {
		n := c.SampleRate() / 50
		pcm := &media.PCM{Samples: mediatest.Samples(src, n), Rate: c.SampleRate(), Timestamp: uint32(i * n), Level: 20}
		_ = e.Write(pcm)
	}
	seq := 0
	return func() {
		p := packets[seq%len(packets)]
		p.SequenceNumber, p.Timestamp = uint16(seq), uint32(seq)*c.Ticks(20*time.Millisecond)
		p.Level, p.Arrived = media.NoLevel, time.Now()
		seq++
		_ = sink.Write(p)
	}
}

// TestTickAllocations: 20 ms of a room, from the packets in to the packets out, make no memory.
func TestTickAllocations(t *testing.T) {
	for _, room := range []struct {
		codec   media.Codec
		talkers int
	}{{pcmu, 0}, {pcmu, 6}, {g722, 2}, {full, 2}} {
		t.Run(fmt.Sprintf("%s, %d of 8 speak", room.codec.Name, room.talkers), func(t *testing.T) {
			p := gather(t, room.codec, 8, room.talkers)
			before := p.drains[7].packets
			if n := testing.AllocsPerRun(50, p.tick); n != 0 {
				t.Errorf("%g allocations a tick, want none", n)
			}
			if got := p.drains[7].packets - before; got != 51 {
				t.Errorf("%d packets in 51 ticks", got)
			}
		})
	}
}

// BenchmarkTick is 20 ms of a room of phones: packets in, packets out, no sockets. Beside the time stands what its
// conversions alone take in the same run, in processor time of the thread: a decode and an encode for each talker, one encode for all others. The goal is
// 1.5 times that where the codec is the work (Opus); G.711 is so cheap that buffering and mixing are seen beside it.
func BenchmarkTick(b *testing.B) {
	for _, c := range []media.Codec{pcmu, full} {
		for _, room := range []struct{ phones, talkers int }{{2, 2}, {3, 3}, {24, 2}, {100, 2}} {
			b.Run(fmt.Sprintf("%s, %d of %d speak", c.Name, room.talkers, room.phones), func(b *testing.B) {
				p := gather(b, c, room.phones, room.talkers)
				b.ReportAllocs()
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				began := cpuTime()
				for b.Loop() {
					p.tick()
				}
				b.ReportMetric(float64((cpuTime()-began).Nanoseconds())/float64(b.N), "cpu-ns/op")
				encodes := room.talkers
				if room.phones > room.talkers {
					encodes++
				}
				b.ReportMetric(float64(floor(b, c, room.talkers, encodes).Nanoseconds()), "floor-ns/op")
			})
		}
	}
}

// floor is the time of so many conversions of 20 ms and nothing else.
func floor(b *testing.B, c media.Codec, decodes, encodes int) time.Duration {
	b.Helper()
	const rounds = 1000
	nothing := media.SinkFunc[*media.PCM](func(*media.PCM) error { return nil })
	d, err := transcode.NewDecode(c, nothing)
	if err != nil {
		b.Fatal(err)
	}
	say := speaker(b, c, d, 440)
	e, err := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()},
		media.SinkFunc[*media.Packet](func(*media.Packet) error { return nil }))
	if err != nil {
		b.Fatal(err)
	}
	n := c.SampleRate() / 50
	pcm := &media.PCM{Samples: mediatest.Samples(mediatest.NewTone(n*50, 440, 0.1), n), Rate: n * 50}
	began := cpuTime()
	for range rounds {
		for range decodes {
			say()
		}
		for range encodes {
			_ = e.Write(pcm)
			pcm.Timestamp += uint32(n)
		}
	}
	return (cpuTime() - began) / rounds
}

// cpuTime is what this thread has used: a busy machine does not change it.
func cpuTime() time.Duration {
	const thread = 1 // RUSAGE_THREAD of getrusage(2)
	var use syscall.Rusage
	if err := syscall.Getrusage(thread, &use); err != nil {
		return 0
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}
