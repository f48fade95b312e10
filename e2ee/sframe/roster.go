package sframe

import "fmt"

// Roster answers from the group state of one epoch who may send in it. It belongs to whoever receives.
type Roster interface {
	// MaySend tells whether there is such a sender of this kind: for a browser a leaf of the tree, for a grantee a grant
	// of this number with this leg and with the kind among those it may speak. A sender that was removed is not there.
	MaySend(kind Kind, id KeyID) bool
}

// Admit holds what comes before a frame is opened: it is not one's own that came back, and its sender is in the roster
// of the epoch that the key id names. own is any key id of the receiver in that epoch. Who speaks is the key id that was
// admitted and then opened, never an SSRC or a word of the server. Errors: ErrReflected, ErrSender.
func Admit(kind Kind, id, own KeyID, roster Roster) error {
	if id.SameSender(own) {
		return fmt.Errorf("%s of %v: %w", kind, id, ErrReflected)
	}
	if !roster.MaySend(kind, id) {
		return fmt.Errorf("%s of %v: %w", kind, id, ErrSender)
	}
	return nil
}
