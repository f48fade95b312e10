//go:build e2e

package hostile

import (
	"crypto/ed25519"
	"crypto/rand"
	"time"

	"legroom/e2ee"
	"legroom/e2ee/e2eetest"
	"legroom/e2ee/replay"
)

// Forgery is what somebody can make who knows everything of a group that its delivery service knows, and no key in it.
type Forgery struct {
	state *replay.State
	play  *e2eetest.Meeting
	ghost *e2eetest.Browser
}

// NewForgery begins from a state of the group.
func NewForgery(state *replay.State) *Forgery {
	policy := *state.Policy
	play := e2eetest.NewMeetingOf(newKey(), state.Group, policy.Charter.Room, time.Now())
	play.Policy = &policy
	return &Forgery{state: state, play: play, ghost: play.NewBrowser(newKey(), 0x60)}
}

// Epoch that the forged commits would end.
func (f *Forgery) Epoch() uint64 { return f.state.Epoch }

// Proposal is a ghost's own wish to be added. It is signed, and nobody's leave was asked.
func (f *Forgery) Proposal() []byte { return f.play.Proposal(f.state.Epoch, f.ghost) }

// Admission adds a ghost, as if the founder had let it in.
func (f *Forgery) Admission() []byte {
	return f.play.Commit(e2eetest.Commit{Epoch: f.state.Epoch, Add: []*e2eetest.Browser{f.ghost}})
}

// Grant puts a grant of everything that is asked in force, as if the founder had.
func (f *Forgery) Grant(asked *e2ee.LiveRequest) []byte {
	f.play.Grant(asked)
	for _, k := range asked.Request().Scope.Kinds() {
		f.play.Policy.MaxScope |= e2ee.ScopeOf(k)
	}
	return f.play.Commit(e2eetest.Commit{Epoch: f.state.Epoch, Policy: f.play.Policy})
}

func newKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err) // Go's never fails
	}
	return key
}
