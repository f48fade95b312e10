package rooms

// Sender is under whose name in the group of an encrypted room a participant's media is sealed.
type Sender struct {
	// Leaf of a browser in the group's tree; meaningless with a Grant.
	Leaf uint32
	// Grant is the number of the grant that let a leg of the gateway in, 0 for a browser.
	Grant uint32
	// Line is the number of the leg in the request of that grant, up to 1023.
	Line uint16
}

// SetSender notes who the participant is in the group, for people (Info.Sender), and for what a leg of the gateway says: it
// is sealed as that line. nil: nobody yet, or not any more.
func (p *Participant) SetSender(s *Sender) {
	if s != nil {
		own := *s // in Snapshots that never change
		s = &own
	}
	p.change(func() {
		p.badge.Sender = s
		for _, u := range p.seats.publications {
			if !p.returned {
				u.rekey(&p.room.grants)
			}
		}
	})
}
