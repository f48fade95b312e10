package visitor

import (
	"bytes"
	"crypto/ecdh"

	"legroom/e2ee/mlsread"
	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
)

// KeyOf is the JoinKey of a KeyPackage that was made elsewhere.
func KeyOf(keyPackage, initPrivate []byte, room string) (*JoinKey, error) {
	init, err := ecdh.X25519().NewPrivateKey(initPrivate)
	if err != nil {
		return nil, err
	}
	leaf, err := replay.Newcomer(keyPackage, room)
	if err != nil {
		return nil, err
	}
	return newJoinKey(init, leaf.Key, keyPackage[4:]), nil
}

// Keys of the epoch that a visitor is in.
func (v *Visitor) Keys() (media map[string][]byte, tag []byte, grants map[uint32]map[string][]byte) {
	named := func(all map[sframe.Kind][]byte) map[string][]byte {
		out := make(map[string][]byte)
		for k, b := range all {
			out[k.String()] = b
		}
		return out
	}
	e := v.epochs[byte(v.state.Epoch)]
	grants = make(map[uint32]map[string][]byte)
	for _, g := range e.grants {
		grants[g.n] = named(g.media)
	}
	return named(e.media), e.tag, grants
}

// Authenticator of the epoch.
func (v *Visitor) Authenticator() []byte { return v.secrets.authenticator[:] }

// Unconfirmed is a commit with another confirmation tag, and the membership tag that belongs to it.
func (v *Visitor) Unconfirmed(commit []byte) []byte {
	other := bytes.Clone(commit)
	other[len(other)-2*len(mlsread.AppendVector(nil, make([]byte, secretSize)))+1] ^= 1
	_, step, err := v.state.Apply(other)
	if err != nil {
		panic(err) // a test's own input
	}
	copy(other[len(other)-secretSize:], mac(v.secrets.membership, step.Tags.Authenticated))
	return other
}

// LongCodeOf is a long code of anything.
func LongCodeOf(authenticator [32]byte, group [16]byte, epoch uint64) (string, error) {
	return longCode(authenticator, group, epoch)
}

// Scheduled are the secrets of an epoch by their names in RFC 9420 section 8.
type Scheduled struct {
	Joiner, Welcome, Init, Exporter, Authenticator, Confirmation, Membership [32]byte
}

// Schedule an epoch.
func Schedule(init, commit, psk [32]byte, context []byte) Scheduled {
	joiner := joinerSecret(init, commit, context)
	member := memberSecret(joiner, psk)
	s := newSchedule(member, context)
	return Scheduled{joiner, deriveSecret(member, "welcome"), s.init, s.exporter, s.authenticator, s.confirmation, s.membership}
}

// WithoutTags takes the tags off a commit that bears them last.
func WithoutTags(commit []byte) []byte {
	return commit[:len(commit)-2*len(mlsread.AppendVector(nil, make([]byte, 32)))]
}
