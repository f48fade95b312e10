package rooms

import (
	"fmt"
	"sync"

	"legroom/audio/mix"
	"legroom/internal/logkey"
)

// Booth is where a phone leg is before it is in a room: in the menu, in the lobby, and after it was sent away. It has a
// mixer of its own with nobody else in it, so what is said in a room cannot be heard there. It has no input: what the
// leg says goes nowhere.
type Booth struct {
	leg    Leg
	down   *mixdown
	remove func()
	once   sync.Once

	mu  sync.Mutex // held while the leg is sent the mix
	ear *ear
}

// NewBooth opens a booth for a leg that takes one stream of sound, and sends it there. It hears the codec's quiet until
// it is whispered to. Errors: ErrNoCodec, and those of Leg.Send.
func (g *Registry) NewBooth(leg Leg) (*Booth, error) {
	m := newMixdown("booth", g.voice, 1)
	e, err := m.seat(leg)
	if err != nil {
		return nil, err
	}
	b := &Booth{leg: leg, down: m, ear: e}
	b.remove = g.cfg.Clock.AddSkipping(m.mixer.Step, m.mixer.Skip)
	g.cfg.Log.Debug("booth opened", logkey.Codec, e.broadcast.codec.String())
	return b, nil
}

// Whisper plays src to the leg. Several at once are heard together.
func (b *Booth) Whisper(src mix.Source) *mix.Whisper {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ear.port.Whisper(src)
}

// Reseat opens the booth's sound anew for a leg whose codec has changed; what is whispered goes on where it is. It must
// not be called after Close, nor from a Sink of the leg. Errors: ErrNoCodec, and those of Leg.Send.
func (b *Booth) Reseat() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, err := b.down.seat(b.leg)
	if err != nil {
		return fmt.Errorf("rooms: reseat booth: %w", err)
	}
	before := b.ear
	b.ear = e
	before.port.HandOver(e.port)
	return before.Close()
}

// Close ends the booth and its sink; the leg lives on, and may have been sent into a room already. It must not be called
// from a Sink of the leg. More than one call does no harm.
func (b *Booth) Close() {
	b.once.Do(func() {
		b.remove()
		b.mu.Lock()
		defer b.mu.Unlock()
		_ = b.ear.Close()
	})
}
