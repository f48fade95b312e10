package rooms

import "legroom/internal/logkey"

// SetRole gives a browser in an encrypted room its role. It is for the gateway, which has seen in the group who is host: the
// role decides what the server obeys (mute, deny, remove, lock) and whom it tells of those who wait, never who is let in. In
// an open room, and of a telephone, whose PIN says what it is, it changes nothing.
func (p *Participant) SetRole(role Role) {
	if !p.room.policy.Mode.Encrypted() || p.request.Kind != Browser {
		return
	}
	p.change(func() {
		if p.badge.Role != role {
			p.badge.Role = role
			p.log.Info("role follows the group", logkey.Role, role.String())
		}
	})
}
