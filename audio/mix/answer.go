package mix

import (
	"legroom/audio"
	"legroom/media"
)

const (
	// fullGain is a gain of one in the fixed point of a duck.
	fullGain = 1 << 14
	// duckGain is what is left of the room under a prompt: -8 dB, it can still be followed.
	duckGain = fullGain * 2 / 5
)

// answer is what one port hears when that is not what everybody hears.
type answer struct {
	sum     []int32
	scratch []int16
	out     media.PCM
	limiter *audio.Limiter
	tail    int // ticks of own output left
	gain    int // of the room, fixed point; moves within a tick
}

// answer hands the port its own mix while it has one.
func (p *Port) answer(ticks uint32, audible int) {
	if p.bus == nil || p.closed.Load() {
		return
	}
	sounds := p.intake.Load() != nil && p.talker.Sounds()
	p.mu.Lock()
	whispers := p.whispers
	p.mu.Unlock()
	a := &p.own
	if sounds || len(whispers) > 0 {
		a.tail = ownTail + 1
	}
	if a.tail == 0 {
		return
	}
	a.tail--
	copy(a.sum, p.bus.total)
	others := audible
	if sounds {
		others--
		for i, v := range p.lanes[p.bus.lane].frame {
			a.sum[i] -= int32(v)
		}
	}
	a.out.Level = media.NoLevel
	if prompted := p.prompt(whispers); !prompted && others == 0 {
		a.out.Level = audio.Silence
	}
	a.out.Timestamp = ticks * uint32(p.bus.samples())
	a.limiter.Process(a.out.Samples, a.sum)
	_ = p.cfg.Output.Write(&a.out)
}

// prompt turns the room down and adds what is whispered; false when there is nothing to add.
func (p *Port) prompt(whispers []*Whisper) bool {
	a := &p.own
	want := fullGain
	if len(whispers) > 0 {
		want = duckGain
	}
	a.duck(want)
	for _, w := range whispers {
		if w.add(a.sum, a.scratch, p.cfg.Rate) {
			continue
		}
		p.forget(w)
	}
	return len(whispers) > 0
}

// duck moves the gain of the room to want within this tick.
func (a *answer) duck(want int) {
	if a.gain == fullGain && want == fullGain {
		return
	}
	from, n := a.gain, len(a.sum)
	for i, v := range a.sum {
		g := from + (want-from)*(i+1)/n
		a.sum[i] = int32(int64(v) * int64(g) / fullGain)
	}
	a.gain = want
}

func (p *Port) forget(w *Whisper) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, have := range p.whispers {
		if have == w {
			next := append([]*Whisper(nil), p.whispers[:i]...)
			p.whispers = append(next, p.whispers[i+1:]...)
			return
		}
	}
}
