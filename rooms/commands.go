package rooms

// Admit lets a waiting participant in.
func (p *Participant) Admit(id string) error { return ErrNotHost }

// AdmitNext lets in who has waited longest.
func (p *Participant) AdmitNext() error { return ErrNotHost }

// Deny sends a waiting participant away.
func (p *Participant) Deny(id string) error { return ErrNotHost }

// MuteOther mutes a participant.
func (p *Participant) MuteOther(id string) error { return ErrNotHost }

// MuteAll mutes everybody else.
func (p *Participant) MuteAll() error { return ErrNotHost }

// Lock keeps further guests out, or lets them in again.
func (p *Participant) Lock(on bool) error { return ErrNotHost }

// Remove ends somebody's participation, for good when ban is set.
func (p *Participant) Remove(id string, ban bool) error { return ErrNotHost }

// PassHost makes somebody else host and the caller a guest.
func (p *Participant) PassHost(id string) error { return ErrNotHost }
