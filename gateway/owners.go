package gateway

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"sync"

	"legroom/e2ee"
	"legroom/gateway/meeting"
)

// ownersFile keeps who owns the encrypted rooms whose owner is not configured: by number, the key in base64url.
const ownersFile = "owners.json"

// maxOwners bounds what is kept: a pattern of rooms on demand may fit numbers without end.
const maxOwners = 1 << 14

// Errors of a claim.
var (
	errPinned     = errors.New("gateway: the owner of this room is configured")
	errManyOwners = errors.New("gateway: too many rooms have an owner")
)

// owners knows the identity that the hosts of each room have to lead to.
type owners struct {
	directory *directory
	dir       stateDir

	mu      sync.Mutex // held while the file is written, so that it holds the last claim
	claimed map[string]e2ee.Key
}

var _ meeting.Owners = (*owners)(nil)

// newOwners reads what was claimed before. Errors: *StateError.
func newOwners(d *directory, dir stateDir) (*owners, error) {
	kept := map[string]string{}
	if err := dir.readJSON(ownersFile, &kept); err != nil {
		return nil, err
	}
	o := &owners{directory: d, dir: dir, claimed: make(map[string]e2ee.Key, len(kept))}
	for room, text := range kept {
		key, ok := keyOf(text)
		if !ok {
			return nil, &StateError{Path: dir.file(ownersFile), Err: errDamaged}
		}
		o.claimed[room] = key
	}
	return o, nil
}

// Owner of a room: the configured one, or the one that claimed it.
func (o *owners) Owner(room string) (key e2ee.Key, pinned, known bool) {
	if key, pinned = o.pinned(room); pinned {
		return key, true, true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	key, known = o.claimed[room]
	return key, false, known
}

// Claim remembers an owner in place of one that claimed the room before. Errors: *StateError when it cannot be kept, and
// the room then has the owner that it had; errPinned, errManyOwners.
func (o *owners) Claim(room string, owner e2ee.Key) error {
	if _, pinned := o.pinned(room); pinned {
		return errPinned
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	before, known := o.claimed[room]
	switch {
	case known && before == owner:
		return nil
	case !known && len(o.claimed) >= maxOwners:
		return errManyOwners
	}
	claimed := maps.Clone(o.claimed)
	claimed[room] = owner
	if err := o.write(claimed); err != nil {
		return fmt.Errorf("gateway: claim room %s: %w", room, err)
	}
	o.claimed = claimed
	return nil
}

func (o *owners) write(claimed map[string]e2ee.Key) error {
	text := make(map[string]string, len(claimed))
	for room, key := range claimed {
		text[room] = keyText(key)
	}
	return o.dir.writeJSON(ownersFile, text)
}

// pinned is the configured owner of a room.
func (o *owners) pinned(room string) (e2ee.Key, bool) {
	p, ok := o.directory.policy(room)
	if !ok {
		return e2ee.Key{}, false
	}
	return keyOf(p.Owner)
}

// keyText is a key as it stands in files and messages.
func keyText(k e2ee.Key) string { return base64.RawURLEncoding.EncodeToString(k[:]) }

// keyOf reads what keyText writes.
func keyOf(text string) (key e2ee.Key, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(key) {
		return key, false
	}
	return e2ee.Key(b), true
}
