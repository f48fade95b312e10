package delivery

import (
	"fmt"

	"legroom/e2ee"
)

// maxLobby bounds those who wait, and maxKeyPackage what each gives, bytes.
const (
	maxLobby      = 200
	maxKeyPackage = 16 << 10
)

// applicant is somebody who waits to be let in.
type applicant struct {
	ref        Ref
	identity   e2ee.Key
	keyPackage []byte
}

func (a applicant) notice(who Member) Notice {
	return Applicant{Member: who, Ref: a.ref, KeyPackage: a.keyPackage}
}

// Wait puts a member into the lobby with a KeyPackage (as an MLSMessage) made for this one wait; an older one of the
// same member goes. A member who lost its state waits here too, to be added again.
// Errors: ErrTooLong, ErrMalformed, ErrGroup before there is a group, ErrRoster when the lobby is full or somebody else
// waits with the same KeyPackage.
func (m *Meeting) Wait(who Member, keyPackage []byte) (Ref, error) {
	if len(keyPackage) > maxKeyPackage {
		return Ref{}, ErrTooLong
	}
	k, err := parseKeyPackage(keyPackage)
	if err != nil {
		return Ref{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.state == nil {
		return Ref{}, ErrGroup
	}
	if other, taken := m.waiting(k.ref); taken && other != who {
		return Ref{}, fmt.Errorf("delivery: key package of somebody else: %w", ErrRoster)
	}
	m.unwait(who)
	if len(m.lobby) >= maxLobby {
		return Ref{}, fmt.Errorf("delivery: lobby is full: %w", ErrRoster)
	}
	a := applicant{ref: k.ref, identity: k.credential.Identity, keyPackage: keyPackage}
	m.lobby[who] = a
	m.tell(a, a.notice(who))
	return k.ref, nil
}

// Unwait takes a member out of the lobby.
func (m *Meeting) Unwait(who Member) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.unwait(who)
}

// The rest is called locked.

func (m *Meeting) unwait(who Member) {
	a, waits := m.lobby[who]
	if !waits {
		return
	}
	delete(m.lobby, who)
	m.tell(a, ApplicantGone{Ref: a.ref})
}

// waiting finds who waits under a KeyPackage.
func (m *Meeting) waiting(ref Ref) (Member, bool) {
	for who, a := range m.lobby {
		if a.ref == ref {
			return who, true
		}
	}
	return "", false
}

// concerns tells whether a member can let the applicant in: a host anybody, the others who lost a leaf of theirs.
func (m *Meeting) concerns(who Member, a applicant) bool {
	if m.state.host(who) {
		return true
	}
	_, seated := m.state.leafOf(who)
	return seated && m.state.seats(a.identity)
}

// tell posts to all whom an applicant concerns.
func (m *Meeting) tell(a applicant, n Notice) {
	if m.state == nil {
		return
	}
	for who := range m.state.members() {
		if m.concerns(who, a) {
			m.post(who, n)
		}
	}
}

// tellOf tells one member of all applicants that concern it.
func (m *Meeting) tellOf(who Member) {
	for waiting, a := range m.lobby {
		if m.concerns(who, a) {
			m.post(who, a.notice(waiting))
		}
	}
}
