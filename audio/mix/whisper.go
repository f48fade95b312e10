package mix

import "sync"

// Whisper is a Source that one port alone hears.
type Whisper struct {
	src  Source
	once sync.Once
	done chan struct{}
}

func newWhisper(src Source) *Whisper { return &Whisper{src: src, done: make(chan struct{})} }

// Done is closed when the source has ended, the whisper was stopped or the port closed.
func (w *Whisper) Done() <-chan struct{} { return w.done }

// Stop ends it; more than one call does no harm.
func (w *Whisper) Stop() { w.once.Do(func() { close(w.done) }) }
