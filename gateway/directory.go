package gateway

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"math/big"
	"regexp"
	"strings"

	"legroom/configs"
	"legroom/menu"
	"legroom/rooms"
)

// invitationsFile keeps what was made at first start: by number, the PINs and link secrets of a room.
const invitationsFile = "invitations.json"

// secrets open one room. A PIN that is empty opens to everybody, a host PIN that is empty to nobody.
type secrets struct {
	PIN         string `json:"pin,omitempty"`
	HostPIN     string `json:"hostPin,omitempty"`
	GuestSecret string `json:"guestSecret,omitempty"`
	HostSecret  string `json:"hostSecret,omitempty"`
}

// entry is one room, or all rooms of a pattern.
type entry struct {
	settings configs.RoomSettings
	secrets  secrets
	onDemand bool
}

// directory knows which rooms there are and what opens them. It never changes after it was made.
type directory struct {
	rooms    map[string]entry
	patterns []pattern
}

type pattern struct {
	number *regexp.Regexp
	entry
}

// newDirectory reads the rooms of a configuration; what it leaves open is taken from dir or made and kept there.
func newDirectory(cfg configs.Config, dir stateDir) (*directory, error) {
	d := &directory{rooms: make(map[string]entry, len(cfg.Rooms))}
	kept := map[string]secrets{}
	if err := dir.readJSON(invitationsFile, &kept); err != nil {
		return nil, err
	}
	news := false
	for _, r := range cfg.Rooms {
		s, made := secretsOf(r.RoomSettings, kept[r.Number])
		if made {
			kept[r.Number] = s
			news = true
		}
		d.rooms[r.Number] = entry{settings: r.RoomSettings, secrets: s.withoutNone()}
	}
	for _, o := range cfg.OnDemand {
		number, err := o.Regexp()
		if err != nil {
			return nil, err
		}
		s := secrets{PIN: o.PIN, HostPIN: o.HostPIN, GuestSecret: o.GuestSecret, HostSecret: o.HostSecret}
		d.patterns = append(d.patterns, pattern{number, entry{settings: o.RoomSettings, secrets: s.withoutNone(), onDemand: true}})
	}
	if news {
		if err := dir.writeJSON(invitationsFile, kept); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// secretsOf gives what opens a room: what is configured, else what was kept, else something new.
func secretsOf(r configs.RoomSettings, kept secrets) (s secrets, made bool) {
	pick := func(configured, known string, make func() string) string {
		switch {
		case configured != "":
			return configured
		case known != "":
			return known
		default:
			made = true
			return make()
		}
	}
	s.PIN = pick(r.PIN, kept.PIN, newPIN)
	s.HostPIN = pick(r.HostPIN, kept.HostPIN, newPIN)
	for s.HostPIN == s.PIN && r.HostPIN == "" {
		made, s.HostPIN = true, newPIN()
	}
	s.GuestSecret = pick(r.GuestSecret, kept.GuestSecret, rand.Text)
	s.HostSecret = pick(r.HostSecret, kept.HostSecret, rand.Text)
	return s, made
}

func (s secrets) withoutNone() secrets {
	if s.PIN == configs.NoPIN {
		s.PIN = ""
	}
	if s.HostPIN == configs.NoPIN {
		s.HostPIN = ""
	}
	return s
}

// newPIN makes six digits.
func newPIN() string {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic("gateway: no randomness: " + err.Error()) // crypto/rand never fails on a working system
	}
	digits := n.String()
	return strings.Repeat("0", 6-len(digits)) + digits
}

// find gives the room of a number.
func (d *directory) find(number string) (entry, bool) {
	if e, ok := d.rooms[number]; ok {
		return e, true
	}
	for _, p := range d.patterns {
		if p.number.MatchString(number) {
			return p.entry, true
		}
	}
	return entry{}, false
}

// policy is what package rooms asks for.
func (d *directory) policy(number string) (rooms.Policy, bool) {
	e, ok := d.find(number)
	if !ok {
		return rooms.Policy{}, false
	}
	return e.settings.Policy(number, e.onDemand), true
}

// needsPIN tells whether to ask for one: always where there is no such room.
func (d *directory) needsPIN(number string) bool {
	e, ok := d.find(number)
	return !ok || e.secrets.PIN != ""
}

// checkPIN says what a PIN is worth. It takes as long for a room that does not exist.
func (d *directory) checkPIN(number string, pin menu.Secret) menu.PINResult {
	e, _ := d.find(number)
	guest, host := same(string(pin), e.secrets.PIN), same(string(pin), e.secrets.HostPIN)
	switch {
	case host:
		return menu.PINHost
	case guest:
		return menu.PINGuest
	default:
		return menu.PINWrong
	}
}

// checkKey says what the key of a link opens: "h.SECRET" or "g.SECRET".
func (d *directory) checkKey(number, key string) (rooms.Role, bool) {
	e, _ := d.find(number)
	role, secret, _ := strings.Cut(key, ".")
	guest, host := same(secret, e.secrets.GuestSecret), same(secret, e.secrets.HostSecret)
	switch {
	case role == "h" && host:
		return rooms.Host, true
	case role == "g" && guest:
		return rooms.Guest, true
	default:
		return rooms.Guest, false
	}
}

// same compares in a time that tells nothing of either. Nothing is the same as a secret that is not set.
func same(got, want string) bool {
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:])&subtle.ConstantTimeEq(b2i(want != ""), 1) == 1
}

func b2i(b bool) int32 {
	if b {
		return 1
	}
	return 0
}
