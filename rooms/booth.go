package rooms

import "legroom/audio/mix"

// Booth is where a phone leg is before it is in a room.
type Booth struct{}

// Whisper plays src to the leg.
func (b *Booth) Whisper(src mix.Source) *mix.Whisper { return nil }

// Close ends the booth; the leg lives on.
func (b *Booth) Close() {}
