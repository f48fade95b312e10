package mix_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"legroom/audio"
	"legroom/audio/mix"
	"legroom/media"
	"legroom/media/mediatest"
)

// feed is a Playout whose sound is there the moment it is read, so that a test knows every sample.
type feed struct {
	rate   int
	source mediatest.Source // nil: silence
}

func (f *feed) Write(*media.PCM) error { return nil }

func (f *feed) Read(dst []int16) (int, media.Level) {
	if f.source == nil {
		clear(dst)
		return len(dst), audio.Silence
	}
	f.source.Fill(dst)
	return len(dst), media.NoLevel
}

// ear records what a port, or everybody, hears.
type ear struct {
	samples []int16
	levels  []media.Level
	stamps  []uint32
}

func (e *ear) Write(p *media.PCM) error {
	e.samples = append(e.samples, p.Samples...)
	e.levels = append(e.levels, p.Level)
	e.stamps = append(e.stamps, p.Timestamp)
	return nil
}

func (e *ear) Close() error { return nil }

// open makes a port that speaks from source at rate in and hears at rate out.
func open(m *mix.Mixer, in int, source mediatest.Source, out int, e *ear) (*mix.Port, *feed) {
	f := &feed{rate: in, source: source}
	cfg := mix.PortConfig{Playout: func(int) mix.Playout { return f }, Rate: out}
	if e != nil {
		cfg.Output = e
	}
	p := m.Open(cfg)
	_ = p.Write(&media.PCM{Rate: in})
	return p, f
}

func steps(m *mix.Mixer, n int) {
	for range n {
		m.Step()
	}
}

// TestMixMinus: each of several talkers hears every other and not itself, whatever the rates on both sides.
func TestMixMinus(t *testing.T) {
	tones := []float64{400, 700, 1100, 1700, 2300}
	for _, in := range []int{8000, 16000, 48000} {
		for _, out := range []int{8000, 16000, 48000} {
			t.Run(fmt.Sprintf("%d to %d", in, out), func(t *testing.T) {
				m := mix.New(mix.Config{MaxAudible: len(tones)})
				ears := make([]ear, len(tones))
				for i, f := range tones {
					open(m, in, mediatest.NewTone(in, f, 0.1), out, &ears[i])
				}
				steps(m, 60)
				for i := range ears {
					heard := ears[i].samples[out/5:] // the filters' first moments aside
					var all float64
					for j, f := range tones {
						share := mediatest.ToneShare(heard, out, f)
						if j == i {
							if share > 1e-6 {
								t.Errorf("%g Hz hears itself: share %g, want below -60 dB", f, share)
							}
							continue
						}
						all += share
						if share < 0.2 {
							t.Errorf("%g Hz hears %g Hz with a share of %g only", tones[i], f, share)
						}
					}
					if all < 0.99 {
						t.Errorf("%g Hz: the others are %g of what it hears, want more than 0.99", tones[i], all)
					}
				}
			})
		}
	}
}

// onset is silence, and from a given sample on a tone.
type onset struct {
	after int
	tone  *mediatest.Tone
}

func (o *onset) Fill(dst []int16) {
	n := min(o.after, len(dst))
	clear(dst[:n])
	o.after -= n
	if n < len(dst) {
		o.tone.Fill(dst[n:])
	}
}

// TestFirstSyllable: whichever sample of a tick a voice begins with, every one of its samples is heard, unchanged.
func TestFirstSyllable(t *testing.T) {
	for _, at := range []int{0, 1, 80, 158, 159} {
		t.Run(fmt.Sprintf("sample %d", at), func(t *testing.T) {
			m := mix.New(mix.Config{})
			var heard ear
			defer m.Share(8000, &heard)()
			open(m, 8000, &onset{after: 320 + at, tone: mediatest.NewTone(8000, 900, 0.5)}, 8000, &ear{})
			steps(m, 10)
			want := mediatest.Samples(&onset{after: 320 + at, tone: mediatest.NewTone(8000, 900, 0.5)}, 1600)
			if !slices.Equal(heard.samples, want) {
				t.Error("what is heard is not what was said, sample by sample")
			}
		})
	}
}

// TestSilence: nobody speaking is exactly silence, and said to be.
func TestSilence(t *testing.T) {
	m := mix.New(mix.Config{})
	var shared, own ear
	defer m.Share(16000, &shared)()
	open(m, 8000, nil, 16000, &own)
	open(m, 48000, nil, 8000, &own)
	steps(m, 5)
	if len(own.samples) > 0 {
		t.Error("a silent port got an output of its own")
	}
	for i, v := range shared.samples {
		if v != 0 {
			t.Fatalf("sample %d is %d", i, v)
		}
	}
	if want := slices.Repeat([]media.Level{audio.Silence}, 5); !slices.Equal(shared.levels, want) {
		t.Errorf("levels %v, want all silence", shared.levels)
	}
	if want := []uint32{0, 320, 640, 960, 1280}; !slices.Equal(shared.stamps, want) {
		t.Errorf("timestamps %v, want %v", shared.stamps, want)
	}
}

// TestOwnOutput: a port that falls silent gets an output of its own for a second more, in which it is the shared mix.
func TestOwnOutput(t *testing.T) {
	m := mix.New(mix.Config{})
	var shared, own ear
	defer m.Share(8000, &shared)()
	_, say := open(m, 8000, nil, 8000, &own)
	open(m, 8000, mediatest.NewTone(8000, 500, 0.2), 8000, &ear{})
	steps(m, 3)
	if len(own.levels) != 0 {
		t.Fatal("own output before it said anything")
	}
	say.source = mediatest.NewTone(8000, 1300, 0.2)
	steps(m, 10)
	say.source = nil
	steps(m, 100)
	// 15 ticks hold its place, one tick fades it, 50 more it keeps its own output.
	if got := len(own.levels); got != 10+15+1+50 {
		t.Fatalf("%d ticks of own output, want 76", got)
	}
	tail := own.samples[len(own.samples)-50*160:]
	same := shared.samples[len(own.samples)+3*160-50*160 : len(own.samples)+3*160]
	if !slices.Equal(tail, same) {
		t.Error("the second after it spoke is not what everybody hears")
	}
}

// TestCrowd: with more voices than seats the loudest are heard, and nothing is cut off at full scale.
func TestCrowd(t *testing.T) {
	m := mix.New(mix.Config{MaxAudible: 3})
	var heard ear
	defer m.Share(8000, &heard)()
	for i, amplitude := range []float64{0.1, 0.9, 0.1, 0.9, 0.9, 0.1} {
		open(m, 8000, mediatest.NewTone(8000, float64(400+350*i), amplitude), 8000, &ear{})
	}
	steps(m, 100)
	tail := heard.samples[80*160:]
	for i, loud := range []bool{false, true, false, true, true, false} {
		if share := mediatest.ToneShare(tail, 8000, float64(400+350*i)); loud != (share > 0.25) {
			t.Errorf("voice %d: share %g, loud %v", i, share, loud)
		}
	}
	for _, v := range tail {
		if v == 32767 || v == -32768 {
			t.Fatal("clipped")
		}
	}
}

// TestPortClose: a closed port is neither heard nor written to, and its whisper is done.
func TestPortClose(t *testing.T) {
	m := mix.New(mix.Config{})
	var shared, own ear
	defer m.Share(8000, &shared)()
	p, _ := open(m, 8000, mediatest.NewTone(8000, 500, 0.2), 8000, &own)
	w := p.Whisper(&clip{left: 1 << 20})
	steps(m, 2)
	_, _ = p.Close(), p.Close()
	<-w.Done()
	before := len(own.levels)
	steps(m, 2)
	if len(own.levels) != before {
		t.Error("written to after Close")
	}
	if got := shared.levels[len(shared.levels)-1]; got != audio.Silence {
		t.Errorf("level %d after everybody left, want silence", got)
	}
	if err := p.Write(&media.PCM{Rate: 8000}); err != media.ErrClosed {
		t.Errorf("Write answers %v, want ErrClosed", err)
	}
	<-p.Whisper(&clip{left: 1}).Done()
}

// TestStepAllocations: a tick makes no memory, whoever speaks and whispers.
func TestStepAllocations(t *testing.T) {
	m := mix.New(mix.Config{})
	sink := media.SinkFunc[*media.PCM](func(*media.PCM) error { return nil })
	for i, rate := range []int{8000, 16000, 48000} {
		defer m.Share(rate, sink)()
		for j := range 4 {
			f := &feed{source: mediatest.NewTone(rate, float64(300+100*(4*i+j)), 0.1)}
			p := m.Open(mix.PortConfig{Playout: func(int) mix.Playout { return f }, Output: sink, Rate: rate})
			_ = p.Write(&media.PCM{Rate: rate})
			p.Whisper(&clip{left: 1 << 30})
		}
	}
	steps(m, 50)
	if n := testing.AllocsPerRun(100, m.Step); n != 0 {
		t.Errorf("%g allocations a tick, want none", n)
	}
}

// TestShareWithinAStep: who begins to hear the whole mix in the middle of a Step is served from the next one on.
func TestShareWithinAStep(t *testing.T) {
	m := mix.New(mix.Config{})
	var late ear
	begun := false
	p := m.Open(mix.PortConfig{Rate: 8000, Output: media.SinkFunc[*media.PCM](func(*media.PCM) error {
		if !begun {
			begun = true
			m.Share(48000, &late)
		}
		return nil
	})})
	w := p.Whisper(&clip{left: 8000})
	steps(m, 3)
	w.Stop()
	if n := len(late.samples); n != 2*960 {
		t.Errorf("%d samples in two ticks, want 1920", n)
	}
}

// TestFadeOut: who leaves in the middle of a word fades within a tick, is gone behind it, and is given no place for it.
func TestFadeOut(t *testing.T) {
	for _, places := range []int{1, 2} {
		m := mix.New(mix.Config{MaxAudible: places})
		var e ear
		open(m, 48000, nil, 48000, &e)
		m.Share(48000, &e) // a listener who says nothing gets what everybody hears
		loud, _ := open(m, 48000, mediatest.NewTone(48000, 100, .8), 48000, nil)
		faint, _ := open(m, 48000, mediatest.NewTone(48000, 130, .2), 48000, nil)
		steps(m, 31)
		e.samples = nil
		steps(m, 1)
		usual := steepest(e.samples)
		loud.FadeOut()
		faint.FadeOut()
		faint.FadeOut()
		steps(m, 1)
		if got := steepest(e.samples); got > usual*5/4 {
			t.Errorf("%d places: from one sample to the next there are %d, before that at most %d", places, got, usual)
		}
		if fade := e.samples[960:]; audio.Level(fade[:240]) > 12 || audio.Level(fade[720:]) < 12 {
			t.Errorf("%d places: levels %d at the beginning and %d at the end", places, audio.Level(fade[:240]), audio.Level(fade[720:]))
		}
		if err := loud.Write(&media.PCM{Rate: 48000}); !errors.Is(err, media.ErrClosed) {
			t.Errorf("%d places: behind the fade the port answers %v", places, err)
		}
		e.samples = nil
		steps(m, 5)
		if i := slices.IndexFunc(e.samples, func(v int16) bool { return v != 0 }); i >= 0 {
			t.Errorf("%d places: sample %d behind the fade is not silent", places, i)
		}
	}
}

func steepest(samples []int16) int {
	most := 0
	for i := 1; i < len(samples); i++ {
		d := int(samples[i]) - int(samples[i-1])
		most = max(most, d, -d)
	}
	return most
}
