package mix_test

import (
	"testing"

	"legroom/audio/mix"
	"legroom/media/mediatest"
)

// clip is a Source of a constant, so that every sample of it can be told from the room.
type clip struct{ left int }

func (c *clip) Read(dst []int16, _ int) int {
	n := min(c.left, len(dst))
	for i := range n {
		dst[i] = 5000
	}
	c.left -= n
	return n
}

// TestWhisper: one port alone hears the prompt, the room below it is turned down and comes back.
func TestWhisper(t *testing.T) {
	m := mix.New(mix.Config{})
	var one, other, shared ear
	defer m.Share(8000, &shared)()
	p, _ := open(m, 8000, nil, 8000, &one)
	open(m, 8000, nil, 8000, &other)
	open(m, 8000, mediatest.NewTone(8000, 1000, 0.25), 8000, &ear{})
	w := p.Whisper(&clip{left: 5*160 + 40})
	steps(m, 5)
	select {
	case <-w.Done():
		t.Error("done before its end")
	default:
	}
	if len(other.levels) != 0 {
		t.Error("another port got an own output for it")
	}
	mean := 0
	for _, v := range one.samples {
		mean += int(v)
	}
	if mean /= len(one.samples); mean < 4950 || mean > 5050 {
		t.Errorf("the prompt's constant is %d, want 5000", mean)
	}
	room := make([]int16, 0, 480)
	for _, v := range one.samples[2*160:] {
		room = append(room, v-5000)
	}
	if down := mediatest.DB(mediatest.RMS(room) / mediatest.RMS(shared.samples[2*160:])); down < -9 || down > -7 {
		t.Errorf("the room is at %.1f dB under the prompt, want -8", down)
	}
	steps(m, 3)
	<-w.Done()
	last := one.samples[len(one.samples)-160:]
	same := shared.samples[len(shared.samples)-160:]
	for i := range last {
		if last[i] != same[i] {
			t.Fatalf("sample %d after the prompt: %d, the room has %d", i, last[i], same[i])
		}
	}
}

// TestWhisperStop: a prompt broken off does not click, and its source is left alone.
func TestWhisperStop(t *testing.T) {
	m := mix.New(mix.Config{})
	var one ear
	p, _ := open(m, 8000, nil, 8000, &one)
	src := &clip{left: 1 << 20}
	w := p.Whisper(src)
	steps(m, 3)
	w.Stop()
	w.Stop()
	<-w.Done()
	left := src.left
	steps(m, 3)
	if src.left != left {
		t.Error("read after Stop")
	}
	for i := 1; i < len(one.samples); i++ {
		if d := int(one.samples[i]) - int(one.samples[i-1]); i > 160 && (d > 500 || d < -500) {
			t.Fatalf("a step of %d at sample %d", d, i)
		}
	}
	if end := one.samples[len(one.samples)-1]; end != 0 {
		t.Errorf("ends with %d, want silence", end)
	}
}
