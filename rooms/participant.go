package rooms

import (
	"legroom/audio/mix"
	"legroom/media"
)

// Participant is a leg's seat in a room.
type Participant struct{}

// Want is one video that a viewer asks for.
type Want struct {
	// Participant by ID.
	Participant string
	// Source is media.Camera or media.Screen.
	Source media.Source
}

// ID is unique in the process.
func (p *Participant) ID() string { return "" }

// Room the participant is in.
func (p *Participant) Room() *Room { return nil }

// Role it has now.
func (p *Participant) Role() Role { return Guest }

// State it is in now.
func (p *Participant) State() State { return Waiting }

// Publish opens a Track. Errors: ErrWaiting before admission, ErrLeft, ErrDuplicate, ErrNoCodec.
func (p *Participant) Publish(info media.TrackInfo) (media.Sink[*media.Packet], error) {
	return nil, ErrWaiting
}

// Admitted is closed when the participant has joined.
func (p *Participant) Admitted() <-chan struct{} { return nil }

// Done is closed when the participant has left.
func (p *Participant) Done() <-chan struct{} { return nil }

// Cause is why it left; nil before.
func (p *Participant) Cause() error { return nil }

// Whisper mixes src into what this leg hears. Errors: ErrNoMix, ErrWaiting, ErrLeft.
func (p *Participant) Whisper(src mix.Source) (*mix.Whisper, error) { return nil, ErrNoMix }

// Leave ends the participation and closes the leg with cause.
func (p *Participant) Leave(cause error) {}

// View says which videos the leg shows.
func (p *Participant) View(wants []Want) {}

// SetMuted mutes or unmutes the participant itself.
func (p *Participant) SetMuted(on bool) {}

// SetHand raises or lowers the hand.
func (p *Participant) SetHand(on bool) {}

// Rename changes the name shown to people.
func (p *Participant) Rename(name string) {}
