package mix

import "sync"

// Whisper is a Source that one port alone hears.
type Whisper struct {
	done chan struct{}

	mu   sync.Mutex // held while src is read: after Stop it is not
	src  Source     // nil once ended
	last int16      // the sample before, let down gently when stopped in the middle
}

func newWhisper(src Source) *Whisper { return &Whisper{src: src, done: make(chan struct{})} }

// Done is closed when the source has ended, the whisper was stopped or the port closed.
func (w *Whisper) Done() <-chan struct{} { return w.done }

// Stop ends it; the source is not read any more when Stop has returned. More than one call does no harm.
func (w *Whisper) Stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.end()
}

func (w *Whisper) end() {
	if w.src != nil {
		w.src = nil
		close(w.done)
	}
}

// add mixes the next samples into sum, through scratch of the same length; false when nothing will follow.
func (w *Whisper) add(sum []int32, scratch []int16, rate int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.src == nil {
		w.letDown(sum)
		return false
	}
	n := min(w.src.Read(scratch, rate), len(scratch))
	for i, v := range scratch[:n] {
		sum[i] += int32(v)
	}
	if n < len(scratch) {
		w.end()
		return false
	}
	w.last = scratch[n-1]
	return true
}

// letDown brings the last sample of a stopped whisper to zero in an eighth of a tick, so that stopping does not click.
func (w *Whisper) letDown(sum []int32) {
	n := len(sum) / 8
	for i := range n {
		sum[i] += int32(w.last) * int32(n-1-i) / int32(n)
	}
	w.last = 0
}
