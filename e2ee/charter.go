package e2ee

import (
	"crypto/ed25519"
	"fmt"
)

// version of policies, requests, credentials and bundles.
const version = 1

// Limits of texts, bytes.
const (
	maxRoom    = 64
	maxName    = 160
	maxSubject = 128
)

// Mode of a room whose media is end-to-end encrypted. A room of mode open has no group and so no policy.
type Mode string

// Modes. The zero value is refused.
const (
	// Sealed refuses telephones.
	Sealed Mode = "sealed"
	// Mixed lets hosts grant single kinds of media to telephones and the like.
	Mixed Mode = "mixed"
)

func (m Mode) valid() bool { return m == Sealed || m == Mixed }

// looser tells whether m lets more happen than o.
func (m Mode) looser(o Mode) bool { return m == Mixed && o == Sealed }

// Charter is the birth certificate of a group: the owner of the room, or whom the owner gave a Pass, started it.
type Charter struct {
	// Room is its number, Group the id of the MLS group.
	Room  string `cbor:"room"`
	Group Group  `cbor:"group"`
	// Owner of the room and By, who started the group: identity keys.
	Owner Key `cbor:"owner"`
	By    Key `cbor:"by"`
	// Pass is there when By is not the owner.
	Pass *Pass `cbor:"pass,omitempty"`
	// Floor is the loosest mode the group can ever have.
	Floor Mode `cbor:"floor"`
	// Made is when the group was started, by the clock of By.
	Made Seconds `cbor:"made"`
	// Signature of By.
	Signature *Signature `cbor:"sig,omitempty"`
}

// Pass lets somebody start meetings in the owner's room.
type Pass struct {
	// NotAfter is the last second in which one may be started.
	NotAfter Seconds `cbor:"notAfter"`
	// Signature of the owner.
	Signature Signature `cbor:"sig"`
}

// NewPass signs a pass as the owner.
func NewPass(owner ed25519.PrivateKey, room string, by Key, notAfter Seconds) *Pass {
	return &Pass{NotAfter: notAfter, Signature: sign(owner, labelPass, counted(room), by[:], u64(uint64(notAfter)))}
}

// Sign puts the signature of By in.
func (c *Charter) Sign(by ed25519.PrivateKey) error {
	b, err := c.signed()
	if err != nil {
		return err
	}
	sig := sign(by, labelCharter, b)
	c.Signature = &sig
	return nil
}

// signed is the charter without its signature.
func (c *Charter) signed() ([]byte, error) {
	bare := *c
	bare.Signature = nil
	return encode("charter", &bare)
}

// check holds the rules of form.
func (c *Charter) check() error {
	switch {
	case len(c.Room) == 0 || len(c.Room) > maxRoom:
		return &InvalidError{"charter", "room"}
	case !c.Floor.valid():
		return &InvalidError{"charter", "floor"}
	case c.Signature == nil:
		return &InvalidError{"charter", "not signed"}
	case (c.Pass == nil) != (c.By == c.Owner):
		return &InvalidError{"charter", "a pass is for whoever is not the owner"}
	case c.Pass != nil && c.Made > c.Pass.NotAfter:
		return &InvalidError{"charter", "made when the pass was over"}
	case c.Made > maxInteger || c.Pass != nil && c.Pass.NotAfter > maxInteger:
		return &InvalidError{"charter", "time out of range"}
	}
	return nil
}

// verify proves the signatures from the owner to By.
func (c *Charter) verify() error {
	if c.Pass != nil && !verify(c.Owner, c.Pass.Signature, labelPass, counted(c.Room), c.By[:], u64(uint64(c.Pass.NotAfter))) {
		return fmt.Errorf("e2ee: pass: %w", ErrSignature)
	}
	b, err := c.signed()
	if err != nil {
		return err
	}
	if !verify(c.By, *c.Signature, labelCharter, b) {
		return fmt.Errorf("e2ee: charter: %w", ErrSignature)
	}
	return nil
}
