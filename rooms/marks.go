package rooms

import (
	"fmt"

	"legroom/compose"
)

// label is what stands on a tile. Where the gateway makes a picture the room is not end-to-end encrypted, or the marked
// person is the reason why it is not.
func (t tile) label() compose.Label {
	l := compose.Label{Name: t.name, Muted: t.muted && !t.screen, Hand: t.hand && !t.screen, Speaking: t.speaking && !t.screen}
	switch t.kind {
	case Phone:
		l.Mark.Kind = compose.Telephone
	case Recorder:
		l.Mark.Kind = compose.Recording
	}
	return l
}

// banner is what people in a boardroom must see: who can hear that is not end-to-end encrypted.
func (p *program) banner() compose.Mark {
	switch {
	case p.recorders > 0:
		return compose.Mark{Kind: compose.Recording, Text: "This meeting is recorded and not end-to-end encrypted"}
	case p.phones == 1:
		return compose.Mark{Kind: compose.Telephone, Text: "Not end-to-end encrypted: a telephone is listening"}
	case p.phones > 1:
		return compose.Mark{Kind: compose.Telephone, Text: fmt.Sprintf("Not end-to-end encrypted: %d telephones are listening", p.phones)}
	case p.encrypted:
		return compose.Mark{Kind: compose.RoomSystem, Text: "This room system is not end-to-end encrypted"}
	default:
		return compose.Mark{Kind: compose.NotEncrypted, Text: "This meeting is not end-to-end encrypted"}
	}
}

// card is what is shown where there is nobody to be seen; nil where there is.
func (p *program) card(tiles int) *compose.Card {
	if tiles > 0 {
		return nil
	}
	c := &compose.Card{
		Room: p.room, State: "Nobody shows a picture",
		Keys: []compose.Key{{Keys: "*6", Text: "mute"}, {Keys: "*9", Text: "raise your hand"}, {Keys: "*0", Text: "help"}},
	}
	if p.encrypted {
		c.State, c.Detail = "You are here with sound only", "Pictures of this meeting are end-to-end encrypted and not shared with room systems."
	}
	return c
}
