package visitor

import (
	"encoding/base64"
	"fmt"
	"strings"

	"legroom/e2ee"
)

// Link is what the owner of an encrypted room puts behind the # of an invitation. It is never sent to a server.
type Link struct {
	// Mode is the loosest that whoever comes with it accepts.
	Mode e2ee.Mode
	// Owner of the room.
	Owner e2ee.Fingerprint
	// Secret is shared by all who were given the link.
	Secret [16]byte
}

// linkVersion is the only one there is.
const linkVersion = "1"

// ParseLink reads 1.<s|m>.<owner>.<secret>. Errors: ErrLink.
func ParseLink(text string) (*Link, error) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 || parts[0] != linkVersion {
		return nil, fmt.Errorf("%w: version", ErrLink)
	}
	l := &Link{}
	switch parts[1] {
	case "s":
		l.Mode = e2ee.Sealed
	case "m":
		l.Mode = e2ee.Mixed
	default:
		return nil, fmt.Errorf("%w: mode", ErrLink)
	}
	for i, into := range [][]byte{l.Owner[:], l.Secret[:]} {
		b, err := base64.RawURLEncoding.Strict().DecodeString(parts[2+i])
		if err != nil || len(b) != len(into) {
			return nil, fmt.Errorf("%w: length", ErrLink)
		}
		copy(into, b)
	}
	return l, nil
}
