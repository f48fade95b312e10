package visitor

import (
	"legroom/e2ee"
	"legroom/e2ee/replay"
)

// Expectation is what a visitor knows of a room from elsewhere than the server.
type Expectation struct {
	// Room is its number.
	Room string
	// Link by which the visitor comes. Without one, who owns the room is taken on trust.
	Link *Link
}

// meets holds a group that opened well to it, as browsers do before they enter: the charter is of this room and of the
// owner in the link, the mode not looser, and a host let us in. Errors: *RefusedError.
func (e *Expectation) meets(in *replay.Entrance) error {
	charter := &in.Policy.Charter
	switch {
	case charter.Room != e.Room:
		return &RefusedError{"the group is that of another room"}
	case e.Link != nil && e2ee.OwnerFingerprint(charter.Owner) != e.Link.Owner:
		return &RefusedError{"the owner of the room is not the one in the link"}
	case e.Link != nil && e.Link.Mode == e2ee.Sealed && in.Policy.Mode != e2ee.Sealed:
		return &RefusedError{"the room lets telephones in, and the link says that it does not"}
	case !in.Host(in.Signer.Credential.Identity):
		return &RefusedError{"whoever let in is no host"}
	}
	return nil
}
