package sframe

import "fmt"

// KeyID says who sealed a frame. It has 24 bits, high to low:
//
//	browser:  0 | track 5      | leaf 10 | epoch 8
//	grantee:  1 | n mod 32: 5  | leg 10  | epoch 8
//
// The form follows RFC 9605 section 5.2. A grantee is a phone system that was let in by grant number n; it names which
// of its legs speaks. No key id of a grantee equals one of a browser.
type KeyID uint32

// Limits of the parts of a key id.
const (
	MaxTrack = 1<<5 - 1
	MaxLeaf  = 1<<10 - 1
	MaxLeg   = 1<<10 - 1
)

const (
	keyIDBits   = 24
	granteeBit  = 1 << 23
	streamShift = 18
	memberShift = 8
	epochMask   = 0xff
)

// BrowserKeyID makes the key id of a member: track numbers its transceivers of one kind, leaf is its place in the group's
// tree, of the epoch the low 8 bits are used. Errors: ErrConfig for a part that does not fit.
func BrowserKeyID(track, leaf int, epoch uint64) (KeyID, error) {
	if track < 0 || track > MaxTrack || leaf < 0 || leaf > MaxLeaf {
		return 0, fmt.Errorf("key id of track %d, leaf %d: %w", track, leaf, ErrConfig)
	}
	return KeyID(track<<streamShift | leaf<<memberShift | int(epoch&epochMask)), nil
}

// GranteeKeyID makes the key id of a leg of a grantee: of the number n of the grant the low 5 bits are used, of the epoch
// the low 8. Errors: ErrConfig for a leg that does not fit.
func GranteeKeyID(n uint32, leg int, epoch uint64) (KeyID, error) {
	if leg < 0 || leg > MaxLeg {
		return 0, fmt.Errorf("key id of leg %d: %w", leg, ErrConfig)
	}
	return KeyID(granteeBit | int(n&MaxTrack)<<streamShift | leg<<memberShift | int(epoch&epochMask)), nil
}

// Grantee tells whether a grantee sealed the frame, and not a browser.
func (id KeyID) Grantee() bool { return id&granteeBit != 0 }

// Track of a browser's stream among those of its kind; meaningless of a grantee.
func (id KeyID) Track() int { return int(id >> streamShift & MaxTrack) }

// Grant is the number of the grant modulo 32; meaningless of a browser.
func (id KeyID) Grant() int { return id.Track() }

// Leaf of a browser in the group's tree; meaningless of a grantee.
func (id KeyID) Leaf() int { return int(id >> memberShift & MaxLeaf) }

// Leg of a grantee, by the number in its request; meaningless of a browser.
func (id KeyID) Leg() int { return id.Leaf() }

// Epoch is the low 8 bits of the epoch.
func (id KeyID) Epoch() byte { return byte(id & epochMask) }

// SameSender tells whether both key ids are of one sender in one epoch, whatever the track or leg.
func (id KeyID) SameSender(o KeyID) bool {
	if id.Grantee() != o.Grantee() || id.Epoch() != o.Epoch() {
		return false
	}
	if id.Grantee() {
		return id.Grant() == o.Grant()
	}
	return id.Leaf() == o.Leaf()
}

// String shows the parts, for logs: "leaf 3 track 0 epoch ..01".
func (id KeyID) String() string {
	if id.Grantee() {
		return fmt.Sprintf("grant %d leg %d epoch ..%02x", id.Grant(), id.Leg(), id.Epoch())
	}
	return fmt.Sprintf("leaf %d track %d epoch ..%02x", id.Leaf(), id.Track(), id.Epoch())
}

func (id KeyID) valid() bool { return id < 1<<keyIDBits }
