package mix

import "legroom/media"

// PortConfig says what a Port does.
type PortConfig struct {
	// Playout makes the buffer for what this port speaks; nil: it only listens.
	Playout func(rate int) Playout
	// Output takes what this port hears, whenever that is not what everybody hears; nil: it only speaks.
	Output media.Sink[*media.PCM]
	// Rate of Output, Hz: 8000, 16000 or 48000.
	Rate int
}

// Port is one leg's place at a Mixer.
type Port struct{}

// Write takes what the leg says.
func (p *Port) Write(pcm *media.PCM) error { return nil }

// Close takes the port off the Mixer.
func (p *Port) Close() error { return nil }

// Whisper mixes src into this port's output alone.
func (p *Port) Whisper(src Source) *Whisper { return newWhisper(src) }
