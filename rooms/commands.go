package rooms

import "legroom/internal/logkey"

// Admit lets a waiting participant in. Errors: ErrNotHost, ErrNoParticipant, ErrFull, those of Leg.Send, and ErrEncrypted:
// there it is the hosts' commit that lets somebody in, see LetIn.
func (p *Participant) Admit(id string) error {
	return p.admitOne(func() (*Participant, error) { return p.room.find(id, Waiting) })
}

// AdmitNext lets in who has waited longest. Errors: as Admit; ErrNoParticipant when nobody waits.
func (p *Participant) AdmitNext() error {
	return p.admitOne(func() (*Participant, error) {
		for _, other := range p.room.members {
			if other.state == Waiting {
				return other, nil
			}
		}
		return nil, ErrNoParticipant
	})
}

func (p *Participant) admitOne(choose func() (*Participant, error)) error {
	var guest *Participant
	err := p.command("admit", func() (err error) {
		if p.room.policy.Mode.Encrypted() {
			return ErrEncrypted
		}
		if guest, err = choose(); err != nil {
			return err
		}
		return p.room.letIn(guest)
	})
	if err != nil {
		return err
	}
	return guest.seat()
}

// Deny sends a waiting participant away with ErrDenied. Errors: ErrNotHost, ErrNoParticipant.
func (p *Participant) Deny(id string) error {
	return p.dismiss("deny", id, Waiting, false, ErrDenied)
}

// Remove ends somebody's participation with ErrRemoved, a host's too; with ban, for good: a leg of the same Identity is
// not let in again while the meeting lasts. Errors: ErrNotHost, ErrNoParticipant.
func (p *Participant) Remove(id string, ban bool) error {
	return p.dismiss("remove", id, Joined, ban, ErrRemoved)
}

func (p *Participant) dismiss(what, id string, state State, ban bool, cause error) error {
	var other *Participant
	err := p.command(what, func() (err error) {
		if other, err = p.room.find(id, state); err != nil {
			return err
		}
		if ban && other.request.Identity != "" {
			p.room.banned[other.request.Identity] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	other.Leave(cause)
	return nil
}

// MuteOther mutes a participant, who may unmute itself. Errors: ErrNotHost, ErrNoParticipant.
func (p *Participant) MuteOther(id string) error {
	return p.command("mute", func() error {
		other, err := p.room.find(id, Joined)
		if err != nil {
			return err
		}
		other.mute(true, true)
		return nil
	})
}

// MuteAll mutes everybody in the room but who asks for it. Errors: ErrNotHost.
func (p *Participant) MuteAll() error {
	return p.command("mute all", func() error {
		for _, other := range p.room.joined() {
			if other != p && !other.badge.Muted {
				other.mute(true, true)
			}
		}
		return nil
	})
}

// Lock keeps further guests out, or lets them in again. Those who wait can still be admitted. Errors: ErrNotHost.
func (p *Participant) Lock(on bool) error {
	return p.command("lock", func() error {
		p.room.locked = on
		return nil
	})
}

// PassHost makes somebody who has joined host, and the caller a guest. Errors: ErrNotHost, ErrNoParticipant, and
// ErrEncrypted: there it is the policy of the group that says who is host.
func (p *Participant) PassHost(id string) error {
	return p.command("pass host", func() error {
		if p.room.policy.Mode.Encrypted() {
			return ErrEncrypted
		}
		other, err := p.room.find(id, Joined)
		if err != nil {
			return err
		}
		p.badge.Role, other.badge.Role = Guest, Host
		return nil
	})
}

// command does what only a host in the room may do.
func (p *Participant) command(what string, do func() error) error {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if err := p.present(); err != nil {
		return err
	}
	if p.badge.Role != Host {
		return ErrNotHost
	}
	if err := do(); err != nil {
		return err
	}
	p.room.changed()
	p.log.Info("host command", logkey.Method, what)
	return nil
}
