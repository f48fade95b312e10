package prompts

import "legroom/audio/g722"

// recording is the sound of one file, shared by all who hear it. It never changes once it is loaded.
type recording struct {
	data []byte  // G.722, two samples a byte, when pcm is nil
	pcm  []int16 // as it is
	rate int     // Hz
}

// decode turns a recording that many hear at once into PCM.
func (r *recording) decode() {
	if r.pcm == nil {
		// The only error is a payload that is empty, and a file is not.
		r.pcm, _ = g722.NewDecoder().Decode(make([]int16, 0, 2*len(r.data)), r.data)
		r.data = nil
	}
}

// from gives at most n samples of PCM from sample at on.
func (r *recording) from(at, n int) []int16 {
	rest := r.pcm[min(at, len(r.pcm)):]
	return rest[:min(n, len(rest))]
}

// coded gives what makes at most n samples from sample at on.
func (r *recording) coded(at, n int) []byte {
	rest := r.data[min(at/2, len(r.data)):]
	return rest[:min(n/2, len(rest))]
}
