package visitor

import (
	"fmt"
	"slices"

	"legroom/e2ee"
	"legroom/e2ee/replay"
	"legroom/e2ee/sframe"
	"legroom/media"
)

// Visitor is a member that only listens. One goroutine at a time may use it.
type Visitor struct {
	state   *replay.State
	host    replay.Member // who let us in
	leaf    uint32
	secrets *schedule
	epochs  map[byte]*epoch // by the low 8 bits, as key ids name them: the newest of each
}

// Enter opens a Welcome for the key, which it spends unless the Welcome is for another, and proves that what is in it is the
// group that was to be joined. Errors: ErrSpent, ErrMalformed, ErrForeign, ErrSeal, *RefusedError, those of replay.Enter.
func Enter(welcome []byte, key *JoinKey, expect Expectation) (*Visitor, error) {
	w, err := parseWelcome(welcome, key.ref[:])
	if err != nil {
		return nil, err
	}
	init := key.take()
	if init == nil {
		return nil, ErrSpent
	}
	joiner, err := w.joiner(init)
	if err != nil {
		return nil, err
	}
	member := memberSecret(joiner, secret{})
	info, err := w.info(member)
	if err != nil {
		return nil, err
	}
	in, err := replay.Enter(info)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(in.Members(), func(m replay.Member) bool { return m.Key == key.leaf })
	secrets := newSchedule(member, in.Context())
	switch {
	case at < 0:
		return nil, &RefusedError{"the group does not hold this visitor"}
	case !secrets.confirms(in.Confirmation, in.Transcript()):
		return nil, fmt.Errorf("%w: confirmation tag", ErrSeal)
	}
	if err := expect.meets(in); err != nil {
		return nil, err
	}
	v := &Visitor{state: in.State, host: in.Signer, leaf: in.Members()[at].Index, secrets: secrets, epochs: make(map[byte]*epoch)}
	v.keep()
	return v, nil
}

func (v *Visitor) keep() { v.epochs[byte(v.state.Epoch)] = newEpoch(v.state, v.secrets, v.leaf) }

// State of the group, its public side. Nobody changes it.
func (v *Visitor) State() *replay.State { return v.state }

// Leaf of the visitor.
func (v *Visitor) Leaf() uint32 { return v.leaf }

// Host is who let the visitor in.
func (v *Visitor) Host() replay.Member { return v.host }

// LongCode of the epoch, for people to compare with what a page shows: six groups of five digits. It takes some 0.1 s.
func (v *Visitor) LongCode() (string, error) {
	return longCode(v.secrets.authenticator, v.state.Group, v.state.Epoch)
}

// Apply follows a commit. One that breaks a rule, or is not of this epoch, changes nothing and harms nothing: browsers
// ignore it too. Errors: those of replay.State.Apply, ErrTag; ErrMoved at the end of the membership, together with the step.
func (v *Visitor) Apply(commit []byte) (*replay.Step, error) {
	next, step, err := v.state.Apply(commit)
	if err != nil {
		return nil, err
	}
	if !v.secrets.vouches(step.Tags.Membership, step.Tags.Authenticated) {
		return nil, ErrTag
	}
	if step.Path {
		return step, ErrMoved
	}
	secrets := v.secrets.next(next.Context())
	if !secrets.confirms(step.Tags.Confirmation, next.Transcript()) {
		return nil, ErrTag
	}
	v.state, v.secrets = next, secrets
	v.keep()
	return step, nil
}

// Open opens a frame, and tells whose it is: by the key id that it names and the key that opens it, whatever a server says.
// Errors: those of sframe.ReadKeyID, sframe.Admit and sframe.Opener; ErrNoKey for an epoch from before or after the visitor's.
func (v *Visitor) Open(dst []byte, codec media.CodecName, kind sframe.Kind, frame []byte) ([]byte, sframe.KeyID, error) {
	id, err := sframe.ReadKeyID(codec, kind, frame)
	if err != nil {
		return dst, 0, err
	}
	e := v.epochs[id.Epoch()]
	if e == nil {
		return dst, id, ErrNoKey
	}
	out, err := e.open(dst, codec, kind, id, frame)
	return out, id, err
}

// Sender that a key id names. Errors: ErrNoKey for an unknown epoch, sframe.ErrSender where nobody has that key id.
func (v *Visitor) Sender(id sframe.KeyID) (Sender, error) {
	e := v.epochs[id.Epoch()]
	if e == nil {
		return Sender{}, ErrNoKey
	}
	if !id.Grantee() {
		if l := e.state.Leaf(uint32(id.Leaf())); l != nil {
			return Sender{Name: l.Credential.Name, Leaf: l}, nil
		}
	} else if g := e.grants[id.Grant()]; g != nil {
		if i := slices.IndexFunc(g.legs, func(l e2ee.RequestLeg) bool { return int(l.No) == id.Leg() }); i >= 0 {
			return Sender{Name: g.legs[i].Label, Leg: &g.legs[i], N: g.n}, nil
		}
	}
	return Sender{}, sframe.ErrSender
}
