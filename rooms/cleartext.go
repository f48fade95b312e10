package rooms

import "legroom/media"

// cleartext makes of the packets of a Track such as a decoder takes. There are two: those of a clearPublisher are taken
// as they come, all others have to be opened (unsealing).
type cleartext interface {
	// each hands p to use, in clear, behind what had to wait for its key; what does not open is left out. It comes from the
	// goroutine that writes the Track. Errors: those of use, and why p does not open.
	each(p *media.Packet, use func(*media.Packet) error) error
}

// asPublished are packets of a clearPublisher.
type asPublished struct{ by clearPublisher }

func (asPublished) each(p *media.Packet, use func(*media.Packet) error) error { return use(p) }
