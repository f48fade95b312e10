package transcode_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"legroom/audio"
	"legroom/audio/opus"
	"legroom/media"
	"legroom/media/mediatest"
	"legroom/transcode"
)

// Codecs of sound, with a packet time.
func codec(name media.CodecName, ms int) media.Codec {
	c := media.Codec{Name: name, ClockRate: 8000, Channels: 1, PacketTime: time.Duration(ms) * time.Millisecond}
	if name == media.Opus {
		c.ClockRate, c.Channels = 48000, 2
	}
	return c
}

var names = []media.CodecName{media.PCMU, media.PCMA, media.G722, media.Opus}

// tape keeps what is written to it.
type tape struct{ packets []*media.Packet }

func (t *tape) Write(p *media.Packet) error {
	t.packets = append(t.packets, p.Clone())
	return nil
}

func (t *tape) Close() error { return nil }

// sound keeps what is decoded.
type sound struct {
	samples   []int16
	concealed int
}

func (s *sound) Write(p *media.PCM) error {
	s.samples = append(s.samples, p.Samples...)
	if p.Concealed {
		s.concealed += len(p.Samples)
	}
	return nil
}

func (s *sound) Close() error { return nil }

// speak writes ticks of 20 ms of a source at rate to the stage, from tick at on.
func speak(t *testing.T, e *transcode.Encode, rate int, src mediatest.Source, at, ticks int) {
	t.Helper()
	for i := range ticks {
		p := &media.PCM{Samples: make([]int16, rate/50), Rate: rate, Timestamp: uint32((at + i) * rate / 50), Level: 30}
		if src != nil {
			src.Fill(p.Samples)
		} else {
			p.Level = audio.Silence
		}
		if err := e.Write(p); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRoundTrip: a tone survives encode and decode in every codec, packet time and rate.
func TestRoundTrip(t *testing.T) {
	for _, name := range names {
		for _, ms := range []int{10, 20, 30, 40, 50, 60} {
			for _, rate := range []int{8000, 16000, 48000} {
				t.Run(fmt.Sprintf("%s %d ms from %d", name, ms, rate), func(t *testing.T) {
					c, out, heard := codec(name, ms), &tape{}, &sound{}
					e, err := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()}, out)
					if err != nil {
						t.Fatal(err)
					}
					defer e.Close()
					speak(t, e, rate, mediatest.NewTone(rate, 1000, 0.3), 3, 60)
					d, err := transcode.NewDecode(c, heard)
					if err != nil {
						t.Fatal(err)
					}
					defer d.Close()
					step := c.Ticks(transcode.PacketTime(c))
					for i, p := range out.packets {
						if i > 0 && p.Timestamp-out.packets[i-1].Timestamp != step {
							t.Fatalf("packet %d is %d ticks behind the last, want %d", i, p.Timestamp-out.packets[i-1].Timestamp, step)
						}
						if p.Timestamp%step != 0 || p.Level != 30 {
							t.Fatalf("packet %d: timestamp %d, level %d", i, p.Timestamp, p.Level)
						}
						if err := d.Write(p); err != nil {
							t.Fatal(err)
						}
					}
					tail := heard.samples[len(heard.samples)/3:]
					if share := mediatest.ToneShare(tail, c.SampleRate(), 1000); share < 0.99 {
						t.Errorf("the tone is %g of what comes out", share)
					}
					if heard.concealed > 0 {
						t.Errorf("%d samples made up", heard.concealed)
					}
				})
			}
		}
	}
}

// TestLoss: a packet that does not come is made up for, and the sound keeps its length.
func TestLoss(t *testing.T) {
	for _, name := range names {
		t.Run(string(name), func(t *testing.T) {
			c, out, heard := codec(name, 20), &tape{}, &sound{}
			e, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()}, out)
			defer e.Close()
			speak(t, e, c.SampleRate(), mediatest.NewTone(c.SampleRate(), 400, 0.3), 0, 50)
			d, _ := transcode.NewDecode(c, heard)
			defer d.Close()
			for i, p := range out.packets {
				if i != 20 && i != 30 && i != 31 {
					_ = d.Write(p)
				}
			}
			if want := 50 * c.SampleRate() / 50; len(heard.samples) != want {
				t.Errorf("%d samples, want %d", len(heard.samples), want)
			}
			if want := 3 * c.SampleRate() / 50; heard.concealed != want {
				t.Errorf("%d samples made up, want %d", heard.concealed, want)
			}
		})
	}
}

// TestBadPayload: what is no packet of the codec is an error of that packet only.
func TestBadPayload(t *testing.T) {
	heard := &sound{}
	d, err := transcode.NewDecode(codec(media.Opus, 20), heard)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	bad := &media.Packet{}
	bad.Payload = bytes.Repeat([]byte{0xff}, 40)
	if err := d.Write(bad); !errors.Is(err, opus.ErrPayload) {
		t.Errorf("answers %v, want ErrPayload", err)
	}
	bad.SequenceNumber, bad.Payload = 1, nil
	if err := d.Write(bad); err != nil {
		t.Errorf("an empty packet answers %v", err)
	}
}

// TestQuiet: silence is the codec's exact code when there is to be no noise, and costs no encode.
func TestQuiet(t *testing.T) {
	for _, name := range names {
		for _, ms := range []int{10, 20, 60} {
			t.Run(fmt.Sprintf("%s %d ms", name, ms), func(t *testing.T) {
				c, out := codec(name, ms), &tape{}
				q, err := transcode.NewQuiet(transcode.QuietConfig{Codec: c, Level: audio.Silence, Opus: opus.DefaultConfig()})
				if err != nil {
					t.Fatal(err)
				}
				if err := q.Prepare(); err != nil {
					t.Fatal(err)
				}
				e, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig(), Quiet: q}, out)
				defer e.Close()
				speak(t, e, c.SampleRate(), nil, 0, 30)
				code := map[media.CodecName]byte{media.PCMU: 0xff, media.PCMA: 0xd5}
				for i, p := range out.packets {
					if want, ok := code[name]; ok && len(bytes.Trim(p.Payload, string([]byte{want}))) > 0 {
						// Trim works on runes; compare plainly where it finds something.
						for _, b := range p.Payload {
							if b != want {
								t.Fatalf("packet %d has code %#x, want %#x only", i, b, want)
							}
						}
					}
					if !bytes.Equal(p.Payload, out.packets[0].Payload) {
						t.Fatalf("packet %d is another than the first", i)
					}
				}
				n := len(out.packets)
				speak(t, e, c.SampleRate(), mediatest.NewTone(c.SampleRate(), 700, 0.3), 30, 30)
				speak(t, e, c.SampleRate(), nil, 60, 60)
				last := out.packets[len(out.packets)-1]
				if !bytes.Equal(last.Payload, out.packets[n-1].Payload) {
					t.Error("does not come back to the quiet packet")
				}
			})
		}
	}
}

// TestQuietComesLater: a stage that begins before its quiet is prepared sends exact silence, and changes over without a
// click when it is.
func TestQuietComesLater(t *testing.T) {
	for _, name := range names {
		t.Run(string(name), func(t *testing.T) {
			c, out, heard := codec(name, 20), &tape{}, &sound{}
			q, err := transcode.NewQuiet(transcode.QuietConfig{Codec: c, Level: 65, Opus: opus.DefaultConfig()})
			if err != nil {
				t.Fatal(err)
			}
			e, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig(), Quiet: q}, out)
			defer e.Close()
			speak(t, e, c.SampleRate(), nil, 0, 50)
			if err := errors.Join(q.Prepare(), q.Prepare()); err != nil {
				t.Fatal(err)
			}
			speak(t, e, c.SampleRate(), nil, 50, 100)
			d, _ := transcode.NewDecode(c, heard)
			defer d.Close()
			for _, p := range out.packets {
				_ = d.Write(p)
			}
			second := c.SampleRate()
			if l := audio.Level(heard.samples[:second*9/10]); l < 70 { // A-law has no zero: its silence is -72
				t.Errorf("before it is prepared -%d dBov are heard, want silence", l)
			}
			if l := audio.Level(heard.samples[second*2:]); l < 60 || l > 75 {
				t.Errorf("behind that -%d dBov are heard, want about -65", l)
			}
			for i, v := range heard.samples {
				if v > 200 || v < -200 {
					t.Fatalf("a click of %d at sample %d", v, i)
				}
			}
		})
	}
	if _, err := transcode.NewQuiet(transcode.QuietConfig{Codec: media.Codec{Name: media.VP8}}); !errors.Is(err, transcode.ErrNoPlan) {
		t.Errorf("quiet of a picture answers %v", err)
	}
}

// TestComfortNoise: the loop sounds as loud as it should, and does not click where the encoder takes over.
func TestComfortNoise(t *testing.T) {
	for _, name := range names {
		t.Run(string(name), func(t *testing.T) {
			c, out, heard := codec(name, 20), &tape{}, &sound{}
			q, err := transcode.NewQuiet(transcode.QuietConfig{Codec: c, Level: 65, Opus: opus.DefaultConfig()})
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Prepare(); err != nil {
				t.Fatal(err)
			}
			e, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig(), Quiet: q}, out)
			defer e.Close()
			speak(t, e, c.SampleRate(), nil, 0, 75)
			speak(t, e, c.SampleRate(), mediatest.NewTone(c.SampleRate(), 700, 0.1), 75, 30)
			speak(t, e, c.SampleRate(), nil, 105, 75)
			d, _ := transcode.NewDecode(c, heard)
			defer d.Close()
			for _, p := range out.packets {
				_ = d.Write(p)
			}
			second := c.SampleRate()
			for _, at := range []int{second / 2, second * 5 / 2} {
				if l := audio.Level(heard.samples[at : at+second/2]); l < 60 || l > 75 {
					t.Errorf("the noise at sample %d is -%d dBov, want about -65", at, l)
				}
			}
			for i, v := range heard.samples[second*5/2:] {
				if v > 200 || v < -200 {
					t.Fatalf("a click of %d at sample %d of the noise", v, i)
				}
			}
		})
	}
}

// TestAdopt: a receiver that is handed from one stage to another hears no click, with codecs that remember too.
func TestAdopt(t *testing.T) {
	for _, name := range names {
		for _, ms := range []int{20, 60} {
			t.Run(fmt.Sprintf("%s %d ms", name, ms), func(t *testing.T) {
				c, heard := codec(name, ms), &sound{}
				one, two := &tape{}, &tape{}
				cfg := transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()}
				a, _ := transcode.NewEncode(cfg, one)
				b, _ := transcode.NewEncode(cfg, two)
				defer a.Close()
				defer b.Close()
				tone := mediatest.NewTone(c.SampleRate(), 500, 0.3)
				speak(t, a, c.SampleRate(), tone, 0, 31)
				b.Adopt(a)
				speak(t, b, c.SampleRate(), tone, 31, 29)
				d, _ := transcode.NewDecode(c, heard)
				defer d.Close()
				for i, p := range append(one.packets, two.packets...) {
					p.SequenceNumber = uint16(i)
					if want := uint32(i) * c.Ticks(transcode.PacketTime(c)); p.Timestamp != want {
						t.Fatalf("packet %d at %d, want %d", i, p.Timestamp, want)
					}
					_ = d.Write(p)
				}
				if share := mediatest.ToneShare(heard.samples[c.SampleRate()/5:], c.SampleRate(), 500); share < 0.99 {
					t.Errorf("the tone is %g of what comes out", share)
				}
			})
		}
	}
}

// TestPause: a paused stage sends nothing, and begins with what was said just before it goes on.
func TestPause(t *testing.T) {
	c, out := codec(media.Opus, 20), &tape{}
	e, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig(), PreRoll: 40 * time.Millisecond}, out)
	defer e.Close()
	tone := mediatest.NewTone(48000, 500, 0.3)
	e.Pause(true)
	speak(t, e, 48000, tone, 0, 20)
	if len(out.packets) > 0 {
		t.Fatal("sends while paused")
	}
	e.Pause(false)
	speak(t, e, 48000, tone, 20, 5)
	for i, p := range out.packets {
		if want := uint32(18+i) * 960; p.Timestamp != want || p.Marker != (i == 0) {
			t.Errorf("packet %d at %d, marker %v; want %d, marker on the first only", i, p.Timestamp, p.Marker, want)
		}
	}
	if len(out.packets) != 7 {
		t.Errorf("%d packets, want 2 of before and 5", len(out.packets))
	}
	e.Pause(true)
	speak(t, e, 48000, tone, 25, 1)
	e.Pause(false)
	speak(t, e, 48000, tone, 26, 1)
	if last := out.packets[len(out.packets)-1]; len(out.packets) != 9 || last.Timestamp != 26*960 {
		t.Error("what was sent already is sent again, or what was not is lost")
	}
}

// TestAllocations: packets through decode and encode make no memory.
func TestAllocations(t *testing.T) {
	for _, name := range names {
		t.Run(string(name), func(t *testing.T) {
			c, out := codec(name, 20), &tape{}
			e, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()}, out)
			speak(t, e, 48000, mediatest.NewTone(48000, 500, 0.3), 0, 30)
			sink := media.SinkFunc[*media.Packet](func(*media.Packet) error { return nil })
			again, _ := transcode.NewEncode(transcode.EncodeConfig{Codec: c, Opus: opus.DefaultConfig()}, sink)
			defer again.Close()
			d, _ := transcode.NewDecode(c, again)
			defer d.Close()
			p, seq := out.packets[10], uint16(0)
			write := func() {
				seq++
				p.SequenceNumber, p.Timestamp = seq, uint32(seq)*c.Ticks(20*time.Millisecond)
				_ = d.Write(p)
			}
			for range 30 {
				write()
			}
			if n := testing.AllocsPerRun(200, write); n != 0 {
				t.Errorf("%g allocations a packet, want none", n)
			}
		})
	}
}

func TestPlan(t *testing.T) {
	pcmu, pcma, wide, full := codec(media.PCMU, 20), codec(media.PCMA, 20), codec(media.G722, 20), codec(media.Opus, 20)
	ulaw60 := codec(media.PCMU, 60)
	for name, c := range map[string]struct {
		from    media.Codec
		accepts []media.Codec
		plan    string
		to      media.Codec
		err     error
	}{
		"as it is":             {pcmu, []media.Codec{pcmu}, "forward", pcmu, nil},
		"as it is, second":     {pcmu, []media.Codec{full, pcmu}, "forward", pcmu, nil},
		"another packet time":  {pcmu, []media.Codec{ulaw60}, "forward", ulaw60, nil},
		"best of two":          {pcmu, []media.Codec{full, wide}, "decode PCMU/8000 20ms (cpu) > encode opus/48000/2 20ms (cpu)", full, nil},
		"unknown is passed by": {pcmu, []media.Codec{{Name: "L16"}, pcma}, "decode PCMU/8000 20ms (cpu) > encode PCMA/8000 20ms (cpu)", pcma, nil},
		"no way":               {pcmu, []media.Codec{{Name: media.VP8, ClockRate: 90000}}, "forward", media.Codec{}, transcode.ErrNoPlan},
	} {
		t.Run(name, func(t *testing.T) {
			plan, to, err := transcode.Choose(c.from, c.accepts)
			if plan.String() != c.plan || to != c.to || !errors.Is(err, c.err) {
				t.Errorf("%v to %v, %v; want %v to %v, %v", plan, to, err, c.plan, c.to, c.err)
			}
			if again, _, _ := transcode.Choose(c.from, c.accepts); again != plan {
				t.Error("the same question has another answer")
			}
			if (plan.Cost() == 0) != plan.Forward() {
				t.Errorf("costs %v", plan.Cost())
			}
		})
	}
}
