package prompts

import (
	"sync"

	"legroom/audio"
	"legroom/audio/g722"
)

// recording is the sound of one file. It is decoded when it is first needed, once for each rate, and shared by all.
type recording struct {
	data  []byte // G.722, when pcm is nil
	pcm   []int16
	rate  int
	once  sync.Once
	rates [3]struct {
		once sync.Once
		pcm  []int16
	}
}

// at gives the sound at rate Hz: 8000, 16000 or 48000. Owner: shared, read only.
func (r *recording) at(rate int) []int16 {
	slot := &r.rates[rateSlot(rate)]
	slot.once.Do(func() {
		pcm := r.decoded()
		if r.rate == rate {
			slot.pcm = pcm
			return
		}
		out := make([]int16, 0, len(pcm)*rate/r.rate+rate/100)
		resample := audio.NewResampler(r.rate, rate)
		out = resample.Process(out, pcm)
		// The filter still holds the last sounds; silence brings them out.
		slot.pcm = resample.Process(out, make([]int16, r.rate/200))
	})
	return slot.pcm
}

func (r *recording) decoded() []int16 {
	r.once.Do(func() {
		if r.pcm == nil {
			dec := g722.NewDecoder()
			r.pcm, _ = dec.Decode(make([]int16, 0, 2*len(r.data)), r.data)
			r.data = nil
		}
	})
	return r.pcm
}

func rateSlot(rate int) int {
	switch rate {
	case audio.Narrow:
		return 0
	case audio.Wide:
		return 1
	default:
		return 2
	}
}
