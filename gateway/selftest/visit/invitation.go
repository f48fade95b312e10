package visit

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"legroom/e2ee/visitor"
)

// Invitation is a guest's link to a room.
type Invitation struct {
	// Server is host and port; Secure tells that it is reached by TLS.
	Server string
	Secure bool
	// Room is its number, Key what opens its door.
	Room, Key string
	// Link is what only its holders know of an encrypted room; nil where the invitation has none.
	Link *visitor.Link
}

var (
	roomPath = regexp.MustCompile(`^/r/([0-9]{1,12})/?$`)
	guestKey = regexp.MustCompile(`^g\.[A-Za-z0-9_-]{4,256}$`)
)

// hostKey begins the key of a host's own link.
const hostKey = "h."

// linkParts come before the key in the link of an encrypted room.
const linkParts = 4

// ParseInvitation reads https://HOST/r/1000#g.KEY, or with the link of an encrypted room https://HOST/r/1000#1.m.OWNER.SECRET.g.KEY.
// Errors: ErrInvitation; it quotes nothing of the text, which holds secrets.
func ParseInvitation(text string) (*Invitation, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("%w: it begins with https://", ErrInvitation)
	}
	room := roomPath.FindStringSubmatch(u.Path)
	if room == nil {
		return nil, fmt.Errorf("%w: no room in it", ErrInvitation)
	}
	in := &Invitation{Server: u.Host, Secure: u.Scheme == "https", Room: room[1], Key: u.Fragment}
	if parts := strings.Split(u.Fragment, "."); len(parts) > linkParts {
		if in.Link, err = visitor.ParseLink(strings.Join(parts[:linkParts], ".")); err != nil {
			return nil, fmt.Errorf("%w: what stands behind the # is damaged", ErrInvitation)
		}
		in.Key = strings.Join(parts[linkParts:], ".")
	}
	switch {
	case strings.HasPrefix(in.Key, hostKey):
		return nil, fmt.Errorf("%w: it is a host's own link; take the one that the page hands to guests", ErrInvitation)
	case !guestKey.MatchString(in.Key):
		return nil, fmt.Errorf("%w: what stands behind the # is not whole", ErrInvitation)
	}
	return in, nil
}
