package e2ee

import (
	"crypto/ed25519"
	"fmt"
)

// HostEntry makes an identity a host of a group. Entries stay when somebody loses the role, so that what they signed
// still leads to the charter.
type HostEntry struct {
	// Identity of the host, and By, the identity of the host that made it one.
	Identity Key `cbor:"identity"`
	By       Key `cbor:"by"`
	// Signature of By.
	Signature Signature `cbor:"sig"`
	// Out tells that the role was taken away.
	Out bool `cbor:"out,omitempty"`
}

// NewHostEntry signs an entry as the host by.
func NewHostEntry(by ed25519.PrivateKey, group Group, identity Key) HostEntry {
	return HostEntry{
		Identity: identity, By: Key(by.Public().(ed25519.PublicKey)), Signature: sign(by, labelHost, group[:], identity[:]),
	}
}

func (e *HostEntry) verify(group Group) error {
	if !verify(e.By, e.Signature, labelHost, group[:], e.Identity[:]) {
		return fmt.Errorf("e2ee: host entry: %w", ErrSignature)
	}
	return nil
}

// Hosts are the present hosts of a group, proven from the owner down. A Hosts does not change.
type Hosts struct {
	room    string
	group   Group
	present map[Key]bool
}

// Has tells whether the identity is a host now.
func (h *Hosts) Has(identity Key) bool { return h.present[identity] }

// Len is how many there are.
func (h *Hosts) Len() int { return len(h.present) }

// Room whose owner stands at the end of the chain.
func (h *Hosts) Room() string { return h.room }

// Group of which they are hosts.
func (h *Hosts) Group() Group { return h.group }
