package gateway

import (
	"errors"
	"io/fs"

	"legroom/e2ee"
	"legroom/gateway/meeting"
)

// What encrypted rooms keep in the state folder, beside ownersFile.
const (
	identityFile  = "gateway.key"
	meetingFolder = "meetings"
)

// encryption is what encrypted rooms need of the gateway. It opens nothing that a group has not granted.
type encryption struct {
	identity *e2ee.Identity
	owners   *owners
	meetings *meeting.Meetings
}

// makeEncryption reads or makes the key by which rooms know this gateway, and what else encrypted rooms need.
// Errors: *StateError, *e2ee.IdentityError.
func (g *Gateway) makeEncryption(dir stateDir) (err error) {
	if g.identity, err = e2ee.OpenIdentity(dir.file(identityFile)); err != nil {
		return stateError(err)
	}
	if g.owners, err = newOwners(g.directory, dir); err != nil {
		return err
	}
	cfg := meeting.Config{Identity: g.identity, Owners: g.owners, Keep: g.cfg.Encryption.KeepLogs, Log: g.log}
	if cfg.Keep > 0 {
		cfg.Dir = dir.file(meetingFolder)
	}
	if g.meetings, err = meeting.New(cfg); err != nil {
		var file *fs.PathError
		if errors.As(err, &file) {
			return &StateError{Path: file.Path, Err: file.Err}
		}
		return err
	}
	return nil
}

// KeyFingerprint is that of the key by which encrypted rooms know this gateway, to compare with what browsers show.
func (g *Gateway) KeyFingerprint() string { return g.identity.Fingerprint().String() }
